"""Where things are in a picture, and when."""
