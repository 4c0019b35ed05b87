"""A subject before a background."""
