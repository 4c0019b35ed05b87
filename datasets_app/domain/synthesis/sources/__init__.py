"""What a recipe draws from, and how its frames are read."""
