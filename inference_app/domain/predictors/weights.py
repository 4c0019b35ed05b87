"""Files of weights: where they lie, whether they are the right ones, and what is missing.

Nothing is fetched and no pickle is read. What ships with the program lies in ``SHIPPED``; what a
person puts there lies in a folder that is handed in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from inference_app.domain.predictors.base import Predictor, WeightFile
from inference_app.domain.remembered_digest import remembered_sha256
from matteweb.errors import BadInput, WeightsMissing

SHIPPED = Path(__file__).resolve().parents[2] / "weights"


def card_of(name: str) -> dict[str, Any]:
    """Return the card of shipped weights: what they are, what they learned from, their figures."""
    card: dict[str, Any] = json.loads((SHIPPED / f"{name}.json").read_text())
    return card


def shipped(name: str) -> WeightFile:
    """Return the weights that ship as ``<name>.safetensors``, as their card describes them."""
    card = card_of(name)
    return WeightFile(
        f"{name}.safetensors", card["bytes"], card["sha256"], card["licence"], shipped=True
    )


def find_weights(predictor: Predictor, folder: Path) -> dict[str, Path]:
    """Return the path of each file that ``predictor`` reads, by name.

    Raises WeightsMissing, naming the first that is not there, BadInput when its bytes are others,
    or no weights at all.
    """
    found = {}
    for weight in predictor.weights:
        path = place_of(weight, folder)
        if not path.is_file():
            raise WeightsMissing(missing_sentence(weight, folder), hint=_how_to_get(weight))
        if weight.sha256 and remembered_sha256(path) != weight.sha256:
            raise BadInput(
                f"{path} is not the file that {predictor.info.label} needs: its sha256 differs",
                hint=f"expected {weight.sha256}",
            )
        if not weight.sha256:
            _require_form(path)
        found[weight.name] = path
    return found


def missing_weights(predictor: Predictor, folder: Path) -> tuple[WeightFile, ...]:
    """Return the files that are not where they should be; looks at no bytes."""
    return tuple(w for w in predictor.weights if not place_of(w, folder).is_file())


def place_of(weight: WeightFile, folder: Path) -> Path:
    """Return where a file has to lie."""
    return (SHIPPED if weight.shipped else folder) / weight.name


def missing_sentence(weight: WeightFile, folder: Path) -> str:
    """Say which file is missing, how large it is, under which licence, and where it belongs."""
    size = f"{weight.bytes / 1e6:,.1f} MB" if weight.bytes else "any size"
    return f"{weight.name} ({size}, {weight.licence}) is not in {place_of(weight, folder).parent}"


def why_not(predictor: Predictor, folder: Path) -> str:
    """Return why a predictor cannot run here, or ""."""
    absent = missing_weights(predictor, folder)
    return predictor.unavailable() or "; ".join(missing_sentence(w, folder) for w in absent)


def runnable(predictors: Iterable[Predictor], folder: Path) -> list[Predictor]:
    """Return the predictors that can run here."""
    return [predictor for predictor in predictors if not why_not(predictor, folder)]


def _require_form(path: Path) -> None:
    """Raise BadInput when the first bytes of a file of one's own are not those of its ending.

    An ONNX file begins with the field of its version, safetensors with a length and then JSON.
    """
    with path.open("rb") as file:
        head = file.read(9)
    begins = {".onnx": head[:1] == b"\x08", ".safetensors": head[8:] == b"{"}
    if not begins.get(path.suffix, True):
        raise BadInput(
            f"{path} is no {path.suffix[1:]} file",
            hint="weights in another form, such as a pickle, are never read: convert them first",
        )


def _how_to_get(weight: WeightFile) -> str:
    source = f"from {weight.url} " if weight.url else ""
    check = f"; its sha256 is {weight.sha256}" if weight.sha256 else ""
    return f"put it there {source}yourself: this program fetches nothing{check}"
