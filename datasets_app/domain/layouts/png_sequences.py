"""Folders of numbered PNG, as compositing programs exchange them: with opacity or without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.picture_file import read_picture_header
from datasets_app.domain.media.picture_sequence import PictureSequence, describe_gaps
from datasets_app.domain.pairing import match_name
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.checking import mask_misfits
from datasets_app.domain.trees.entries import (
    LayoutContents,
    ReadyTuple,
    SourceAsset,
    SourceClip,
    SourceMask,
)
from datasets_app.domain.trees.footage import picture_paths
from datasets_app.domain.trees.mask_names import MaskNames
from datasets_app.domain.trees.reading import visible
from datasets_app.domain.trees.samples import MASK, PICTURE, alphas_of, flat_name, picture_of
from datasets_app.domain.trees.writing import (
    frame_targets,
    write_frames,
    write_rgba,
    written_stems,
)
from matteweb.errors import BadInput

FOREGROUND = "fgr"
"""The layer with the colour of the subject alone, which goes with its opacity."""

PLATES = ("rgb_removed", "bgr")
"""Layers that show what lies behind the subjects."""


class PngSequences(LayoutOf[SourceClip | SourceAsset, SourceClip | SourceAsset | ReadyTuple]):
    """A folder per clip; opacity is not premultiplied."""

    info = PluginInfo(
        slug="png_sequences",
        label="PNG sequences",
        summary="<clip>/00000.png, ...: RGB, RGBA (straight), or gray beside its clip",
        version=1,
    )
    writes = ("clips", "assets", "tuples")

    def recognises(self, folder: Path) -> bool:
        """Whether there are folders of PNG files and nothing else."""
        entries = _entries(folder)
        return bool(entries) and all(_is_sequence(entry) for entry in entries)

    def read(self, folder: Path) -> LayoutContents:
        """List the folders: RGBA is a foreground, RGB a clip, gray the mask of the clip whose name
        it extends."""
        if not self.recognises(folder):
            hint = "expected folders with 00000.png, 00001.png, ..."
            raise BadInput(f"{folder.name} holds more than folders of PNG", hint=hint)
        findings: list[Finding] = []
        modes: dict[str, str] = {}
        for entry in _entries(folder):
            with Collecting(findings, "unreadable", entry.name):
                modes[entry.name] = _mode(entry)
                findings += _gaps(entry)
        colour = [name for name, mode in modes.items() if mode == "RGB"]
        masks: dict[str, list[SourceMask]] = {}
        for name in (name for name, mode in modes.items() if mode == "L"):
            clip = match_name(name, colour)
            if clip is None:
                message = f"{name} is gray and belongs to no clip"
                hint = "call it like its clip, with _mask or _alpha behind"
                findings.append(Finding("mask_unpaired", "warning", message, hint, name))
            else:
                masks.setdefault(clip, []).append(SourceMask(name, folder / name))
        clips = [SourceClip(n, folder / n, tuple(masks.get(n, ()))) for n in colour]
        assets = [
            SourceAsset("foreground", name, folder / name, own_alpha=True)
            for name, mode in modes.items()
            if mode == "RGBA"
        ]
        return LayoutContents(clips=tuple(clips), assets=tuple(assets), findings=tuple(findings))

    def faults(
        self, entry: SourceClip | SourceAsset, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Compare masks with their clips, and read every header."""
        clip = _as_clip(entry) if isinstance(entry, SourceAsset) else entry
        return mask_misfits(clip, limits, should_stop)

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take whatever has a picture."""
        return "" if PICTURE in layers else f"there is no {PICTURE}"

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[SourceClip | SourceAsset | ReadyTuple],
        should_stop: ShouldStop,
    ) -> None:
        """Write clips and masks, foregrounds with opacity, and finished samples: RGBA where they
        have one alpha, of the subject's own colour where that is kept, else RGB with each alpha or
        mask beside it in gray."""
        clips = [one.name for one in contents.clips]
        taken = [*clips, *(one.name for one in contents.assets), *map(flat_name, contents.tuples)]
        names = MaskNames(clips, taken)
        for entry in entries:
            if isinstance(entry, SourceClip):
                _write_clip(entry, folder, names, should_stop)
            elif isinstance(entry, SourceAsset):
                _write_asset(entry, folder, should_stop)
            else:
                _write_sample(entry, folder, should_stop)


def _entries(folder: Path) -> list[Path]:
    """Return what lies in the tree beside the texts about it."""
    return [entry for entry in visible(folder) if entry.suffix.lower() not in (".md", ".txt")]


def _is_sequence(entry: Path) -> bool:
    if not entry.is_dir():
        return False
    files = visible(entry)
    return bool(files) and all(file.suffix.lower() == ".png" for file in files)


def _mode(folder: Path) -> str:
    """Return RGBA, RGB or L, from the header of the first picture. Raises BadInput."""
    file = picture_paths(folder)[0]
    header = read_picture_header(file, file.name, Limits().max_side)
    if header.palette:
        return "L"
    if header.alpha:
        return "RGBA"
    return "L" if header.mode in ("1", "L", "P") or header.mode.startswith("I") else "RGB"


def _gaps(folder: Path) -> list[Finding]:
    with PictureSequence(folder) as sequence:
        told = describe_gaps(sequence.gaps)
    if not told:
        return []
    hint = "frames are taken as they follow each other"
    return [Finding("frames_gap", "warning", f"{folder.name}: {told}", hint, folder.name)]


def _as_clip(asset: SourceAsset) -> SourceClip:
    return SourceClip(asset.name, asset.colour)


def _write_clip(clip: SourceClip, folder: Path, names: MaskNames, should_stop: ShouldStop) -> None:
    targets = frame_targets(clip.video, folder / clip.name, ".png")
    write_frames(clip.video, targets, "png", should_stop=should_stop)
    for mask in clip.masks:
        beside = folder / names.name(clip.name, mask.name)
        targets = frame_targets(mask.path, beside, ".png")
        write_frames(mask.path, targets, "gray", should_stop=should_stop)


def _write_asset(asset: SourceAsset, folder: Path, should_stop: ShouldStop) -> None:
    targets = frame_targets(asset.colour, folder / asset.name, ".png")
    if asset.own_alpha:
        write_frames(asset.colour, targets, "rgba", should_stop=should_stop)
    elif asset.alpha is not None:
        write_rgba(asset.colour, asset.alpha, targets, should_stop=should_stop)
    else:
        write_frames(asset.colour, targets, "png", should_stop=should_stop)


def _write_sample(one: ReadyTuple, folder: Path, should_stop: ShouldStop) -> None:
    name, alphas = flat_name(one), alphas_of(one)
    if len(alphas) == 1:
        colour = one.layers.get(FOREGROUND) or picture_of(one)
        targets = frame_targets(colour, folder / name, ".png", numbers=one.numbers)
        write_rgba(colour, alphas[0], targets, should_stop=should_stop)
        return
    _write_apart(one, folder, should_stop)


def _write_apart(one: ReadyTuple, folder: Path, should_stop: ShouldStop) -> None:
    """Write what RGBA cannot hold: the picture, each alpha or the mask, and what lies behind."""
    name, alphas = flat_name(one), alphas_of(one)
    shown = picture_of(one)
    targets = frame_targets(shown, folder / name, ".png", numbers=one.numbers)
    written = write_frames(shown, targets, "png", should_stop=should_stop)
    stems = written_stems(shown, written, numbers=one.numbers)
    grays = {f"alpha_{number:02d}": alpha for number, alpha in enumerate(alphas)}
    if not grays and MASK in one.layers:
        grays = {MASK: one.layers[MASK]}
    for layer, gray in grays.items():
        beside = [folder / f"{name}_{layer}" / f"{stem}.png" for stem in stems]
        write_frames(gray, beside, "gray", should_stop=should_stop)
    for layer in PLATES:
        if layer in one.layers:
            beside = [folder / f"{name}_{layer}" / f"{stem}.png" for stem in stems]
            write_frames(one.layers[layer], beside, "png", should_stop=should_stop)
