"""What verdicts add up to, how far reviewers agree, and faults that are put in to measure them."""
