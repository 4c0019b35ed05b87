"""Whole folders in and out: imports, image sets, layouts."""
