"""How methods are compared: sets, figures with intervals, tables."""
