"""Clips with mattes as VideoMatte240K and VideoMatting108 have them: .../fgr/... and .../pha/...

A clip is a video or a folder of pictures, at any depth below ``fgr``; ``bg`` beside it holds
background clips. The list files of the V-HIM sets, when they lie at the root, put clips and
backgrounds on a side and name what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from datasets_app.domain.findings import Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.picture_sources import is_picture_name
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import LayoutContents, SourceAsset
from datasets_app.domain.trees.footage import is_footage
from datasets_app.domain.trees.portable import stays_inside
from datasets_app.domain.trees.reading import folders
from datasets_app.domain.trees.subject_trees import (
    COLOUR,
    MATTE,
    clips_below,
    foreground,
    is_picture_file,
    list_findings,
    listed,
    matte_of,
    subject_findings,
    unlisted_findings,
    with_ending,
    write_subjects,
)
from matteweb.errors import BadInput

_BACKGROUND: Final = "bg"
_SIDES: Final = {"train": "train", "test": "test", "valid": "test", "val": "test"}
_DEPTH: Final = 3
LISTS: Final = {
    ("foreground", "train"): "fg_train.txt",
    ("foreground", "test"): "fg_test.txt",
    ("background", "train"): "bg_train.txt",
    ("background", "test"): "bg_test.txt",
}


class VideoMatte240k(LayoutOf[SourceAsset, SourceAsset]):
    """Foreground clips below fgr/ with mattes at the same place below pha/."""

    info = PluginInfo(
        slug="video_matte_240k",
        label="VideoMatte240K",
        summary="train/fgr/<clip> with train/pha/<clip>, VideoMatting108 alike, and the lists "
        "fg_train.txt, fg_test.txt, bg_train.txt, bg_test.txt",
        version=1,
    )
    writes = ("assets",)

    def recognises(self, folder: Path) -> bool:
        """Whether there is a clip below a folder fgr, at most three folders down, with a clip of
        mattes at its place below pha (not a folder per frame), or a list at the root."""
        if _wraps(folder):
            return False
        first = next((clip for home in _homes(folder, COLOUR) for clip in clips_below(home)), None)
        if first is None:
            return False
        matte = matte_of(first, folder)
        listed_here = any((folder / name).is_file() for name in LISTS.values())
        return listed_here or (matte is not None and is_footage(matte))

    def read(self, folder: Path) -> LayoutContents:
        """List the clips by their path; a matte without colour becomes a finding."""
        if not self.recognises(folder):
            raise BadInput(
                f"{folder.name} is no tree of clips with mattes",
                hint="expected fgr/<clip> and pha/<clip>",
            )
        findings: list[Finding] = []
        assets = [
            _sided(foreground(clip, folder, _name(clip, folder), findings))
            for home in _homes(folder, COLOUR)
            for clip in clips_below(home)
        ]
        findings += _without_colour(folder, assets)
        assets += [
            _sided(SourceAsset("background", _name(clip, folder), clip, group=_name(clip, folder)))
            for home in _homes(folder, _BACKGROUND)
            for clip in clips_below(home)
        ]
        assets += _listed_stills(folder)
        return LayoutContents(
            assets=tuple(_listed_sides(folder, assets, findings)), findings=tuple(findings)
        )

    def faults(
        self, asset: SourceAsset, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode every clip and matte."""
        return subject_findings(asset, limits, should_stop)

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take no finished sample."""
        return "it holds foregrounds, no samples"

    def takes_asset(self, asset: SourceAsset) -> str:
        """Take clips, and backgrounds of any kind."""
        still = is_picture_file(asset.colour)
        return "it is a still" if still and asset.kind == "foreground" else ""

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[SourceAsset],
        should_stop: ShouldStop,
    ) -> None:
        """Copy clips and mattes to their paths and write a list for each side."""
        write_subjects(entries, folder, _places)
        for (kind, side), name in LISTS.items():
            lines = [_own_path(a) for a in contents.assets if (a.kind, a.split) == (kind, side)]
            if lines:
                (folder / name).write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")


def _wraps(folder: Path) -> bool:
    """Whether a folder only holds another one: names and lists begin inside of that."""
    inside = folders(folder)
    own = (COLOUR, MATTE, _BACKGROUND, *_SIDES)
    alone = len(inside) == 1 and inside[0].name not in own
    return alone and not any((folder / name).is_file() for name in LISTS.values())


def _homes(folder: Path, name: str, depth: int = _DEPTH) -> Iterator[Path]:
    """Yield the folders called ``name`` at most ``depth`` folders down, none inside another."""
    for entry in folders(folder):
        if entry.name == name:
            yield entry
        elif depth and entry.name not in (COLOUR, MATTE, _BACKGROUND):
            yield from _homes(entry, name, depth - 1)


def _name(clip: Path, root: Path) -> str:
    """Return the path of a clip as the lists have it: below the root, without a video's ending."""
    path = clip.relative_to(root)
    return (path if clip.is_dir() else path.with_suffix("")).as_posix()


def _sided(asset: SourceAsset) -> SourceAsset:
    """Put an asset on the side that a folder above it is called after."""
    side = next((_SIDES[part] for part in Path(asset.name).parts if part in _SIDES), "")
    return replace(asset, split=side)


def _without_colour(folder: Path, assets: list[SourceAsset]) -> list[Finding]:
    used = {asset.alpha for asset in assets}
    alone = [
        _name(clip, folder)
        for home in _homes(folder, MATTE)
        for clip in clips_below(home)
        if clip not in used
    ]
    return [
        Finding(
            "unpaired", "warning", f"the matte {name} has no colour", "expected it in fgr", name
        )
        for name in alone
    ]


def _listed_stills(folder: Path) -> list[SourceAsset]:
    """Return the background stills that the lists name and the tree has, wherever they lie."""
    lines = dict.fromkeys(
        line
        for (kind, _), name in LISTS.items()
        if kind == "background"
        for line in listed(folder / name)
        if is_picture_name(line) and stays_inside(line)
    )
    return [
        SourceAsset("background", line, folder / line, group=line)
        for line in lines
        if (folder / line).is_file()
    ]


def _listed_sides(
    folder: Path, assets: list[SourceAsset], findings: list[Finding]
) -> list[SourceAsset]:
    """Put assets where the lists put them; what lists name and is not there becomes findings, and
    so does what none of them names: it keeps the side of its folder."""
    sided = {asset.name: asset for asset in assets}
    read: dict[str, dict[str, tuple[str, ...]]] = {}
    for (kind, side), name in LISTS.items():
        lines = listed(folder / name)
        own = {one.name for one in assets if one.kind == kind}
        findings += list_findings(name, lines, own)
        if lines:
            read.setdefault(kind, {})[name] = lines
        for line in lines:
            if line in own:
                sided[line] = replace(sided[line], split=side)
    for kind, lists in read.items():
        named = [line for lines in lists.values() for line in lines]
        own_names = [one.name for one in assets if one.kind == kind]
        findings += unlisted_findings(list(lists), named, own_names)
    return list(sided.values())


def _own_path(asset: SourceAsset) -> str:
    """Return where an asset belongs below the root; one from elsewhere gets the usual place."""
    home = COLOUR if asset.kind == "foreground" else _BACKGROUND
    if asset.kind == "background" and is_picture_name(asset.name):
        return asset.name
    if home in Path(asset.name).parts[:-1]:
        return asset.name
    return f"{asset.split or 'train'}/{home}/{Path(asset.name).stem}"


def _places(asset: SourceAsset) -> tuple[Path, Path | None]:
    colour = Path(_own_path(asset))
    if is_picture_name(colour.name):
        return colour, None
    matte = None
    if asset.alpha is not None:
        parts = list(colour.parts)
        parts[parts.index(COLOUR)] = MATTE
        matte = with_ending(Path(*parts), asset.alpha)
    return with_ending(colour, asset.colour), matte
