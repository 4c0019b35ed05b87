"""Keying of lit screens."""
