"""Fixtures that every part of the suite uses."""

from __future__ import annotations
