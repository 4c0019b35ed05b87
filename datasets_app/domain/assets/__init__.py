"""Subjects with alpha: read once when they come in, indexed, cut out, checked."""
