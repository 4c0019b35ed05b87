"""Alpha, colour and light: one picture over another."""
