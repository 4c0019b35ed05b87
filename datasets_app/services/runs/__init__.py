"""Samples made from sources: planned, drawn, rendered, made again."""
