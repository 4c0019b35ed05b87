"""Review: leases, verdicts, comments, known-bad samples."""
