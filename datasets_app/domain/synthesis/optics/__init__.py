"""Lenses, and blur by depth."""
