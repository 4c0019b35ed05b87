"""Networks trained and measured."""
