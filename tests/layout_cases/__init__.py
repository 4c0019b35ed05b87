"""A real tree and the faults to plant in it, for every registered layout."""

from __future__ import annotations

from tests.layout_cases import davis, paste_source, train_casper, youtube_vos
from tests.layout_cases.planting import Case

CASES: dict[str, Case] = {
    "paste_source": Case(paste_source.tree, paste_source.FAULTS),
    "train_casper": Case(train_casper.tree, train_casper.FAULTS),
    "davis": Case(davis.tree, davis.FAULTS),
    "youtube_vos": Case(youtube_vos.tree, youtube_vos.FAULTS),
}
