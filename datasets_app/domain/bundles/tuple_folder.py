"""A tuple's folder on disk: the names under which its three layers lie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from datasets_app.domain.bundles.export_note import PICTURE_FOLDERS
from datasets_app.domain.bundles.manifest import TUPLE_LAYERS
from matteweb.errors import BadInput

VARIANTS: Final[tuple[Mapping[str, str], ...]] = (
    {layer: f"{layer}.mp4" for layer in TUPLE_LAYERS},
    {layer: f"{layer}.mkv" for layer in TUPLE_LAYERS},
    PICTURE_FOLDERS,
    {layer: layer for layer in TUPLE_LAYERS},
)
"""Layer -> name, in the order in which an equally complete variant is preferred: the trainer's
videos, lossless videos, the trainer's pictures, the generator's own pictures."""


def tuple_layers(folder: Path) -> dict[str, Path]:
    """Return layer -> path of the most complete variant in ``folder``; {} when it is no tuple."""
    found = (
        {layer: folder / name for layer, name in variant.items() if _fits(folder / name)}
        for variant in VARIANTS
    )
    return max(found, key=len)


def variant_names(layers: Mapping[str, Path]) -> dict[str, str]:
    """Return layer -> the name that it has in a tuple's folder.

    Raises BadInput when the layers have names of no variant, or of several.
    """
    for variant in VARIANTS:
        if all(path.name == variant[layer] for layer, path in layers.items()):
            return {layer: variant[layer] for layer in layers}
    shown = ", ".join(sorted(path.name for path in layers.values()))
    raise BadInput(f"{shown} are not the layers of one tuple")


def _fits(path: Path) -> bool:
    return path.is_file() if path.suffix else path.is_dir()
