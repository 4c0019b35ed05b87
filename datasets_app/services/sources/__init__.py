"""Footage, masks, captions and assets: what samples are made from."""
