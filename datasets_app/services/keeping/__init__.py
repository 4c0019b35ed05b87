"""What nobody wants any more, and what must not be lost."""
