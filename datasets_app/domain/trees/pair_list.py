"""Lists of pictures, alphas and coarse masks, as loaders of single frames read them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from datasets_app.domain.trees.entries import ReadyTuple

COLUMNS = ("rgb", "gt", "init_mask")


def write_pair_list(folder: Path, samples: Sequence[ReadyTuple], names: Sequence[str]) -> None:
    """Write ``<split>.csv`` beside the splits: one row per frame that has a coarse mask, or per
    frame of a clip that has one for its first. Clips stay whole: a split never cuts one."""
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for number, one in enumerate(samples):
        clip = folder / one.split / "fgr" / names[number]
        masks = {path.stem: path for path in sorted((clip / "mask").glob("*.png"))}
        first = masks.pop("first_frame_mask", None)
        for frame in sorted((clip / "frames").glob("*.png")):
            mask = masks.get(frame.stem, first)
            if mask is not None:
                alpha = folder / one.split / "alpha" / names[number] / "frames" / frame.name
                row = tuple(path.relative_to(folder).as_posix() for path in (frame, alpha, mask))
                rows.setdefault(one.split, []).append((row[0], row[1], row[2]))
    for split, listed in rows.items():
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([COLUMNS, *listed])
        (folder / f"{split}.csv").write_text(text.getvalue(), encoding="utf-8")
