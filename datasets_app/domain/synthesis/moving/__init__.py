"""Cut-outs and shapes in motion."""
