"""Bundles: chosen, frozen, handed out."""
