"""Several people in one picture, each with an alpha."""
