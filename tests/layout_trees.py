"""Real trees of the layouts that most tests stand on."""

from __future__ import annotations

from tests.layout_cases.paste_source import source_clip
from tests.layout_cases.paste_source import tree as paste_source
from tests.layout_cases.train_casper import tree as train_casper

__all__ = ["paste_source", "source_clip", "train_casper"]
