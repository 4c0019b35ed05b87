"""What verdicts add up to, and how far reviewers agree."""
