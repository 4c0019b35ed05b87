"""Rendered scenes: their description, how one is drawn, how a renderer is asked for its frames."""
