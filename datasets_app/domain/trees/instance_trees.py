"""Instance matting sets in MaGGIe's folders: names that its loader takes, alphas and guidance masks
by instance. The loader assumes all of this and says nothing when it does not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from datasets_app.domain.findings import Finding
from datasets_app.domain.media.picture_sources import is_picture_name
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import Footage, Guidance, ReadyTuple
from datasets_app.domain.trees.loader_names import (
    PICTURE_SUFFIX,
    hidden_findings,
    unpadded,
    word_findings,
)
from datasets_app.domain.trees.reading import folders, visible
from datasets_app.domain.trees.samples import alphas_of
from datasets_app.domain.trees.writing import write_frames

IMAGE_CATEGORY: Final = "him-image"
VIDEO_CATEGORY: Final = "him-video"
BACKGROUND: Final = "bgr"
"""The layer that shows what lies behind all instances."""

MOST_INSTANCES: Final = 10
_GUIDANCE: Final = re.compile(r"mask|xmem|guidance", re.IGNORECASE)


def jpeg_entries(
    folder: Path, findings: list[Finding], *, where: str, forbidden: str, listed: bool = False
) -> dict[str, Path]:
    """Return stem -> picture of a folder whose loader takes ``.jpg`` alone, or, where it takes
    whatever is ``listed``, stumbles over all else.

    ``forbidden``: the word that its paths replace, so that no name may hold it.
    """
    found: dict[str, Path] = {}
    findings += hidden_findings(folder, where, "" if listed else PICTURE_SUFFIX)
    for path in visible(folder):
        place = f"{where}/{path.name}"
        if path.suffix != PICTURE_SUFFIX:
            findings.append(_wrong_suffix(path, place))
            continue
        findings += word_findings(path.stem, place, forbidden)
        found[path.stem] = path
    findings += unpadded(found, where)
    return found


def _wrong_suffix(path: Path, place: str) -> Finding:
    if is_picture_name(path.name):
        message = f"{place} does not end in {PICTURE_SUFFIX}: a loader does not see it"
        hint = f"save it as JPEG, and {PICTURE_SUFFIX} in small letters"
        return Finding("picture_suffix", "error", message, hint, place)
    message = f"{place} is no picture, and a loader of videos takes it for a frame"
    return Finding("not_a_frame", "warning", message, "remove it", place)


def instance_files(
    folder: Path, findings: list[Finding], *, where: str, listed: bool = False
) -> dict[str, Path]:
    """Return instance name -> PNG of one folder of instances; ``listed``: its loader takes
    whatever lies there for one."""
    found: dict[str, Path] = {}
    findings += hidden_findings(folder, where, "" if listed else ".png")
    for path in visible(folder):
        if path.suffix != ".png":
            place = f"{where}/{path.name}"
            message = f"{place} is no PNG, so it is no instance"
            findings.append(Finding("instance_suffix", "error", message, "save it as .png", place))
        else:
            found[path.stem] = path
    findings += unpadded(found, where)
    return found


def count_findings(instances: int, where: str) -> Iterator[Finding]:
    """Yield what is wrong with the number of instances."""
    if not instances:
        message = f"{where} has no instance"
        yield Finding("instances_none", "error", message, "write at least one alpha", where)
    elif instances > MOST_INSTANCES:
        message = f"{where} has {instances} instances, a loader uses {MOST_INSTANCES}"
        hint = "training draws ten by chance, a video keeps the first ten by name"
        yield Finding("instances_many", "warning", message, hint, where)


def guidance_folders(folder: Path) -> list[Path]:
    """Return the folders of guidance masks beside images and alphas."""
    return [entry for entry in folders(folder) if _GUIDANCE.match(entry.name)]


def guidance_folder(source: str) -> str:
    """Return the name of the folder of a source of guidance, by which readers know it."""
    return source if _GUIDANCE.match(source) else f"masks_{source}"


def matched_guidance(
    source: str,
    names: Sequence[str],
    masks: Mapping[str, Path],
    findings: list[Finding],
    *,
    where: str,
) -> Guidance:
    """Return the masks of one source, one per instance; what has no counterpart is named."""
    for name in sorted(set(masks) - set(names)):
        message = f"{where}/{name}.png guides an instance that has no alpha"
        findings.append(
            Finding("guidance_unpaired", "error", message, "give it its alpha's name", where)
        )
    for name in names:
        if name not in masks:
            message = f"{where} has no mask of instance {name}: it is not scored"
            hint = "write an empty mask when nothing was found"
            findings.append(Finding("guidance_missing", "warning", message, hint, where))
    return Guidance(source, tuple(masks.get(name) for name in names))


def instance_name(number: int) -> str:
    """Return the padded name of instance ``number``."""
    return f"{number:02d}"


def picture_lonely(where: str, expected: str) -> Finding:
    """Return the finding about alphas that belong to no picture."""
    message = f"{where} belongs to no picture: there is no {expected}"
    return Finding("alphas_unpaired", "error", message, "copy the picture too", where)


def write_instances(one: ReadyTuple, *, alphas: Path, guidance: Mapping[str, Path]) -> None:
    """Write the alphas of a still, and the masks of every source, as 00.png, 01.png, ..."""
    streams = alphas_of(one)
    for number, alpha in enumerate(streams):
        write_frames(alpha, [alphas / f"{instance_name(number)}.png"], "gray")
    for source in one.guidance:
        for number, mask in enumerate(source.masks):
            if mask is not None:
                target = guidance[source.source] / f"{instance_name(number)}.png"
                write_frames(mask, [target], "gray")


def write_instance_frames(
    one: ReadyTuple,
    stems: Sequence[str],
    *,
    alphas: Path,
    guidance: Mapping[str, Path],
    should_stop: ShouldStop,
) -> None:
    """Write the alphas of a clip, and the masks of every source, as <frame>/00.png, ..."""
    for number, alpha in enumerate(alphas_of(one)):
        _write_stream(alpha, alphas, stems, number, should_stop)
    for source in one.guidance:
        covered = stems if source.frames is None else [stems[frame] for frame in source.frames]
        for number, mask in enumerate(source.masks):
            if mask is not None:
                _write_stream(mask, guidance[source.source], covered, number, should_stop)


def _write_stream(
    footage: Footage, folder: Path, stems: Sequence[str], number: int, should_stop: ShouldStop
) -> None:
    targets = [folder / stem / f"{instance_name(number)}.png" for stem in stems]
    write_frames(footage, targets, "gray", should_stop=should_stop)
