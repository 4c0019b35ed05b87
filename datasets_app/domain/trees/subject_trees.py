"""What trees of foregrounds and backgrounds share: pairs by name, checks, copies, list files.

Colour and matte are paired by name, never by place in a listing: one missing file would shift
every matte after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from datasets_app.domain.assets.asset_index import AssetIndexer
from datasets_app.domain.assets.faults import matte_findings
from datasets_app.domain.captions import VIDEO_SUFFIXES
from datasets_app.domain.findings import Finding
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.picture_sources import is_picture_name
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import Footage, SourceAsset
from datasets_app.domain.trees.footage import decode_footage, gray_frames, is_footage
from datasets_app.domain.trees.reading import visible
from datasets_app.domain.trees.writing import copy_entry
from matteweb.errors import BadInput

COLOUR: Final = "fgr"
MATTE: Final = "pha"


def pictures_of(folder: Path) -> list[Path]:
    """Return the pictures directly inside ``folder``, by name; [] when it is not there."""
    if not folder.is_dir():
        return []
    return [entry for entry in visible(folder) if entry.is_file() and is_picture_name(entry.name)]


def by_stem(pictures: Iterable[Path], where: str, findings: list[Finding]) -> dict[str, Path]:
    """Return the pictures of the folder ``where`` by name without ending, in their order; one whose
    name is taken already stays out, as a finding."""
    found: dict[str, Path] = {}
    for path in pictures:
        first = found.setdefault(path.stem, path)
        if first is not path:
            message = f"{where}/{path.name} has the name of {first.name}, and stays out"
            file = f"{where}/{path.name}"
            findings.append(Finding("name_twice", "warning", message, "keep one of them", file))
    return found


def is_picture_file(footage: Footage) -> bool:
    """Whether footage is one picture in a file of its own."""
    return isinstance(footage, Path) and not footage.is_dir() and is_picture_name(footage.name)


def clips_below(folder: Path) -> Iterator[Path]:
    """Yield every clip below ``folder``: a video, or a folder of pictures."""
    for entry in visible(folder) if folder.is_dir() else ():
        if entry.is_file():
            if entry.suffix.lower() in VIDEO_SUFFIXES:
                yield entry
        elif is_footage(entry):
            yield entry
        else:
            yield from clips_below(entry)


def matte_of(colour: Path, root: Path) -> Path | None:
    """Return the matte of a clip: the same path with the folder ``fgr`` as ``pha``, or None.

    Only a whole folder name below ``root`` is exchanged: a root whose own path holds the letters
    stays as it is.
    """
    parts = list(colour.relative_to(root).parts)
    if COLOUR not in parts[:-1]:
        return None
    parts[parts.index(COLOUR)] = MATTE
    wanted = root.joinpath(*parts)
    if wanted.exists():
        return wanted
    kin = [one for one in clips_below(wanted.parent) if one.stem == colour.stem]
    return kin[0] if kin else None


def foreground(colour: Path, root: Path, name: str, findings: list[Finding]) -> SourceAsset:
    """Return a clip below ``fgr`` with its matte, or with the opacity of its own pictures.

    Folders of unequal length are named; what cannot be used then stands on the asset.
    """
    matte = matte_of(colour, root)
    if matte is not None:
        findings += _unequal(colour, matte, name)
    return SourceAsset("foreground", name, colour, matte, own_alpha=matte is None, group=name)


def listed(path: Path) -> tuple[str, ...]:
    """Return the lines of a list file, each once, without blanks; () when there is none."""
    if not path.is_file():
        return ()
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def list_findings(name: str, lines: Iterable[str], known: Iterable[str]) -> list[Finding]:
    """Return each line of the list ``name`` that names nothing that is there."""
    have = set(known)
    hint = "check the path, or bring the file in later: lists can be read again"
    return [
        Finding("listed_missing", "warning", f"{name} names {line}, which is not there", hint, line)
        for line in lines
        if line not in have
    ]


def unlisted_findings(
    names: Sequence[str], lines: Iterable[str], known: Iterable[str]
) -> list[Finding]:
    """Return what is there and in none of the lists ``names``, which have these ``lines``."""
    named = set(lines)
    hint = f"add it to one of them if it should be used: {', '.join(names)}"
    return [
        Finding("unlisted", "note", f"{one} is in no list that came with it", hint, one)
        for one in known
        if one not in named
    ]


def subject_findings(asset: SourceAsset, limits: Limits, should_stop: ShouldStop) -> list[Finding]:
    """Decode an asset and say what keeps its matte from its colour, what is empty, and which
    frames have the matte of another picture. Raises BadInput, Cancelled."""
    colour = decode_footage(asset.colour, limits, should_stop, name=asset.name)
    if asset.alpha is None:
        return []
    matte = decode_footage(asset.alpha, limits, should_stop, name=asset.name)
    if (colour.frames, colour.size) == (matte.frames, matte.size):
        return _matte(asset)
    message = (
        f"the matte of {asset.name} has {matte.frames} frames of {matte.size}, its colour "
        f"{colour.frames} of {colour.size}"
    )
    hint = "one matte per frame, at the size of the colour"
    return [Finding("matte_misfit", "error", message, hint, asset.name)]


def write_subjects(
    entries: Iterable[SourceAsset],
    folder: Path,
    where: Callable[[SourceAsset], tuple[Path, Path | None]],
) -> None:
    """Copy every asset to the places below ``folder`` that ``where`` gives for colour and matte.

    Raises BadInput for what has no place there, and what going through ``entries`` raises.
    """
    for asset in entries:
        colour, matte = where(asset)
        copy_entry(_whole(asset.colour), folder / colour)
        if asset.alpha is not None and matte is not None:
            copy_entry(_whole(asset.alpha), folder / matte)


def excluded(assets: Iterable[SourceAsset], lines: Iterable[str], name: str) -> list[SourceAsset]:
    """Return the assets, those that the list ``name`` names marked with it as the reason."""
    out = set(lines)
    reason = f"listed in {name}"
    return [replace(one, excluded=reason) if one.name in out else one for one in assets]


def with_ending(target: Path, source: Footage) -> Path:
    """Return ``target`` with the ending of ``source``, when that is a file."""
    path = _whole(source)
    return target.with_name(target.name + path.suffix) if path.is_file() else target


def _whole(footage: Footage) -> Path:
    if isinstance(footage, Path):
        return footage
    raise BadInput(f"{footage.name} is a list of files", hint="put its frames into one folder")


def _matte(asset: SourceAsset) -> list[Finding]:
    indexer = AssetIndexer()
    for matte in gray_frames(asset.alpha or asset.colour, "luma"):
        indexer.add(matte)
    index = indexer.index()
    if index.box.empty:
        message = f"the matte of {asset.name} is empty in every frame"
        return [Finding("matte_empty", "error", message, "leave it out", asset.name)]
    return [replace(one, where=asset.name) for one in matte_findings(index)]


def _unequal(colour: Path, matte: Path, name: str) -> list[Finding]:
    if not (colour.is_dir() and matte.is_dir()):
        return []
    counts = [len(pictures_of(one)) for one in (colour, matte)]
    if counts[0] == counts[1]:
        return []
    message = f"{name} has {counts[0]} colour pictures but {counts[1]} mattes"
    hint = "no frame can be trusted to have its own matte: bring in the missing files"
    return [Finding("matte_misfit", "error", message, hint, name)]
