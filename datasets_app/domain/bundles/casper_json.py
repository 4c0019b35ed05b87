"""The training list that the Casper trainer reads: one row per repeat of a tuple folder.

For readers that draw by weight there is a second form: one row per folder, with a ``weight``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from datasets_app.domain.bundles.categories import category_key
from datasets_app.domain.bundles.manifest import Manifest, ManifestSample
from datasets_app.domain.captions import json_bytes
from matteweb.errors import BadInput

ROW_TYPE = "video_mask_tuple"
MOST_ROWS = 1_000_000
"""A row that claims to stand for more is no row of a training list."""


def training_list_path(split: str) -> str:
    """Return the file of a split: ``casper.json`` for train, ``casper.<split>.json`` else."""
    return "casper.json" if split == "train" else f"casper.{split}.json"


def casper_rows(samples: Iterable[ManifestSample], *, root: str = "") -> list[dict[str, str]]:
    """Return the rows of the tuples among them, categories in the order of the Casper merge,
    repeats as equal rows.

    ``root`` is where the bundle will be mounted; the trainer joins nothing to ``file_path``, so it
    needs an absolute one. Empty gives paths relative to the bundle's own folder.
    """
    return [row for row, repeats in _rows(samples, root) for _ in range(repeats)]


def weighted_rows(samples: Iterable[ManifestSample], *, root: str = "") -> list[dict[str, Any]]:
    """Return the same as one row for each tuple, whose ``weight`` is how often it is repeated."""
    return [{**row, "weight": repeats} for row, repeats in _rows(samples, root)]


def _rows(samples: Iterable[ManifestSample], root: str) -> Iterator[tuple[dict[str, str], int]]:
    # A row of anything else would make the trainer fail inside, where nobody sees it.
    tuples = (sample for sample in samples if sample.is_tuple)
    for one in sorted(tuples, key=lambda s: (category_key(s.category), s.folder)):
        text = one.captions.training_text()
        yield training_row(mounted(one.folder, root), text), one.repeats


def training_row(path: str, text: str) -> dict[str, str]:
    """Return one row of a training list."""
    return {"file_path": path, "text": text, "type": ROW_TYPE}


def casper_bytes(
    manifest: Manifest, split: str, *, root: str = "", weighted: bool = False
) -> bytes:
    """Return the training list of one split as the bytes of its file."""
    chosen = [sample for sample in manifest.samples if sample.split == split]
    return json_bytes((weighted_rows if weighted else casper_rows)(chosen, root=root))


def mounted(path: str, root: str) -> str:
    """Return ``path`` under ``root``, or as it is when there is no root."""
    root = root.strip()
    if not root:
        return path
    return f"{root.rstrip('/')}/{path}"


@dataclass(frozen=True, slots=True)
class CasperRow:
    """One row as read: ``folder`` is the path as written, without a trailing slash; ``weight``: for
    how many equal rows it stands."""

    folder: str
    text: str
    type: str
    weight: int = 1

    def tail(self) -> str:
        """Return the last two parts of the path: category and name, wherever it was mounted."""
        return "/".join(self.folder.split("/")[-2:])


def read_casper(data: bytes, *, name: str = "casper.json") -> list[CasperRow]:
    """Read a training list. Raises BadInput with the row's number when one is malformed."""
    try:
        rows = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name} is not JSON: {error}") from error
    if not isinstance(rows, list):
        raise BadInput(f"{name} is not a list of rows")
    return [_row(row, f"{name}, row {number}") for number, row in enumerate(rows, start=1)]


def _row(row: Any, where: str) -> CasperRow:
    if not isinstance(row, dict):
        raise BadInput(f"{where} is not an object")
    for key in ("file_path", "text", "type"):
        if not isinstance(row.get(key), str):
            raise BadInput(f"{where} has no text under {key!r}")
    folder = row["file_path"].replace("\\", "/").rstrip("/")
    if not folder:
        raise BadInput(f"{where} has an empty file_path")
    weight = row.get("weight", 1)
    if isinstance(weight, float) and weight.is_integer():
        weight = int(weight)
    if type(weight) is not int or not 1 <= weight <= MOST_ROWS:
        raise BadInput(
            f"{where} has the weight {str(weight)[:20]}", hint="a whole number from 1 up"
        )
    return CasperRow(folder=folder, text=row["text"], type=row["type"], weight=weight)


def common_root(rows: Sequence[CasperRow]) -> str:
    """Return the mount root that every row shares ("" for relative paths).

    Raises BadInput when the rows lie under different roots.
    """
    roots = {row.folder[: -len(row.tail())].rstrip("/") for row in rows}
    if len(roots) > 1:
        shown = ", ".join(repr(root) for root in sorted(roots)[:3])
        raise BadInput(f"the rows lie under {len(roots)} different roots: {shown}")
    return roots.pop() if roots else ""
