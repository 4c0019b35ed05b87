"""Frozen datasets: what they contain, how they are weighted, divided, written and verified."""
