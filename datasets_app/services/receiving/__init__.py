"""Uploads: received in parts, checked, handed on."""
