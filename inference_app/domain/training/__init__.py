"""How our networks learn: painted clips, losses, the loop."""
