"""Mattes of several objects per picture, measured against true ones in another folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.picture_file import read_picture_gray
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
    there, BadInput for one without mattes, a file that is no picture, mattes of another size or an
    overlap that is not above 0 and at most 1.
    """
    meter = InstanceMeter(overlaps)
    truths, found = _pictures(true), _pictures(predicted)
    if not truths:
        raise BadInput(f"{true} holds no mattes", hint="a folder of PNG files per picture")
    for name in sorted(found.keys() - truths.keys()):
        raise BadInput(f"{predicted} holds {name}, which {true} does not", hint="measure it apart")
    for name, paths in sorted(truths.items()):
        mattes = [_read(path) for path in paths]
        guesses = [_read(path) for path in found.get(name, ())]
        try:
            meter.add(guesses, mattes)
        except BadInput as error:
            raise BadInput(f"{name}: {error.message}", hint=error.hint) from error
        told(name)
    return meter.finish()


def _pictures(folder: Path) -> Pictures:
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder}")
    found: Pictures = {}
    for path in sorted(folder.rglob("*.png")):
        found.setdefault(path.parent.relative_to(folder).as_posix(), []).append(path)
    return found


def _read(path: Path) -> Plane:
    return unit(read_picture_gray(path, path.name, Limits().max_side, "luma"))
