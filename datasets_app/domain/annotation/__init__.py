"""Boxes, polygons and masks that somebody drew on a video, followed over its frames."""
