"""Masks by hand and by program, and what is made of them."""
