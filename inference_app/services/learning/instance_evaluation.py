"""Mattes of several objects per picture, measured against true ones in another folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.quality.alpha_errors import Plane, unit
from inference_app.domain.evaluation.instances import InstanceMeter, InstanceQuality
from matteweb.errors import BadInput, NotFound

Pictures = dict[str, list[Path]]
"""By the name of a picture, its mattes."""


def evaluate_instances(
    *, predicted: Path, true: Path, overlaps: Sequence[float], told: Callable[[str], None]
) -> dict[float, InstanceQuality]:
    """Measure every picture of ``true``; return what came of it at each least overlap.

    In both folders a picture is a folder of PNG files, one matte each; which is whose is found out.
    A picture that ``predicted`` lacks has no mattes there. Raises NotFound for a folder that is not
    there, BadInput for one without mattes, a file that is no picture, or mattes of another size.
    """
    truths, found = _pictures(true), _pictures(predicted)
    if not truths:
        raise BadInput(f"{true} holds no mattes", hint="a folder of PNG files per picture")
    for name in sorted(found.keys() - truths.keys()):
        raise BadInput(f"{predicted} holds {name}, which {true} does not", hint="measure it apart")
    meters = {overlap: InstanceMeter(overlap) for overlap in overlaps}
    for name, paths in sorted(truths.items()):
        mattes = [_read(path) for path in paths]
        guesses = [_read(path) for path in found.get(name, ())]
        for meter in meters.values():
            try:
                meter.add(guesses, mattes)
            except BadInput as error:
                raise BadInput(f"{name}: {error.message}", hint=error.hint) from error
        told(name)
    return {overlap: meter.finish() for overlap, meter in meters.items()}


def _pictures(folder: Path) -> Pictures:
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder}")
    found: Pictures = {}
    for path in sorted(folder.rglob("*.png")):
        found.setdefault(path.parent.relative_to(folder).as_posix(), []).append(path)
    return found


def _read(path: Path) -> Plane:
    plane = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if plane is None:
        raise BadInput(f"{path} is no picture that can be read")
    return unit(np.asarray(plane, np.uint8))
