"""Archives whose bytes are computed, not stored."""
