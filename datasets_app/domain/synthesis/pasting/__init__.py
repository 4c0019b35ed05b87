"""An object of one clip in another."""
