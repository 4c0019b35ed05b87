"""A real tree and the faults to plant in it, for every registered layout."""

from __future__ import annotations

from tests.layout_cases import paste_source, train_casper
from tests.layout_cases.planting import Case

CASES: dict[str, Case] = {
    "paste_source": Case(paste_source.tree, paste_source.FAULTS),
    "train_casper": Case(train_casper.tree, train_casper.FAULTS),
}
