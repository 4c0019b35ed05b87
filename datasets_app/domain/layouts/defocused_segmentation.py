"""The tree of defocused_segmentation: per split and stream a folder per clip, frames and video."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Final

from datasets_app.domain.findings import Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.checking import place
from datasets_app.domain.trees.entries import (
    Footage,
    Guidance,
    LayoutContents,
    Pictures,
    ReadyTuple,
)
from datasets_app.domain.trees.footage import decode_footage, measure_footage, picture_paths
from datasets_app.domain.trees.loader_names import sample_names
from datasets_app.domain.trees.pair_list import write_pair_list
from datasets_app.domain.trees.reading import folders
from datasets_app.domain.trees.samples import (
    ALPHA,
    PICTURE,
    alphas_of,
    picture_of,
    refuses_one_alpha,
)
from datasets_app.domain.trees.subject_trees import by_stem
from datasets_app.domain.trees.writing import (
    PictureForm,
    frame_names,
    frame_targets,
    write_frames,
    write_video,
    written_stems,
)
from matteweb.errors import BadInput

COLOUR, OPACITY, FRAMES, VIDEO, MASK = "fgr", "alpha", "frames", "video", "mask"
FIRST_FRAME, FIRST_SOURCE = "first_frame_mask", "first_frame"
CATEGORY: Final = "defocus"
DIGITS: Final = 4

RATE: Final = Fraction(24)
"""Of the videos beside the frames, where nothing says another."""


class DefocusedSegmentation(LayoutOf[ReadyTuple, ReadyTuple]):
    """Clips with their alpha, as frames and as videos, and coarse masks."""

    info = PluginInfo(
        slug="defocused_segmentation",
        label="Defocused segmentation",
        summary="<split>/fgr/<clip>/frames/ and <split>/alpha/<clip>/frames/",
        version=1,
    )
    writes = ("tuples",)

    def recognises(self, folder: Path) -> bool:
        """Whether a split has fgr/ and alpha/, and a clip in it frames/ or video/."""
        return any(
            (clip / FRAMES).is_dir() or (clip / VIDEO).is_dir()
            for split in folders(folder)
            if (split / OPACITY).is_dir()
            for clip in folders(split / COLOUR)[:3]
        )

    def read(self, folder: Path) -> LayoutContents:
        """List the clips of every split; a clip in several splits is a fault."""
        if not self.recognises(folder):
            hint = f"expected <split>/{COLOUR}/<clip>/{FRAMES}/ and <split>/{OPACITY}/<clip>/"
            raise BadInput(f"{folder.name} holds no {COLOUR} and {OPACITY} by clip", hint=hint)
        findings: list[Finding] = []
        tuples: list[ReadyTuple] = []
        home: dict[str, str] = {}
        for split in folders(folder):
            if not ((split / COLOUR).is_dir() or (split / OPACITY).is_dir()):
                continue
            for one in _clips(split, findings):
                first = home.setdefault(one.name, one.split)
                if first != one.split:
                    message = f"{one.name} is in {first} and in {one.split}"
                    hint = "keep a clip in one split: its frames look alike"
                    findings.append(Finding("split_leak", "error", message, hint, one.name))
                tuples.append(one)
        return LayoutContents(tuples=tuple(tuples), findings=tuple(findings))

    def faults(
        self, one: ReadyTuple, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode: sizes, and the video beside the frames."""
        return _misfits(one, folder, limits, should_stop)

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take what has a picture and one alpha."""
        return refuses_one_alpha(layers)

    def guides(self, guidance: tuple[Guidance, ...]) -> tuple[Guidance, ...]:
        """Keep what has a place: masks of a first frame, and one source of all others."""
        return _one_each(guidance)

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[ReadyTuple],
        should_stop: ShouldStop,
    ) -> None:
        """Write samples with one alpha, as frames and as video, and the list of pairs."""
        names = sample_names(contents.tuples)
        for name, one in zip(names, entries, strict=True):
            _write_sample(one, folder / one.split, name, should_stop)
        write_pair_list(folder, contents.tuples, names)


def _clips(split: Path, findings: list[Finding]) -> list[ReadyTuple]:
    alphas = {path.name: path for path in folders(split / OPACITY)}
    found: list[ReadyTuple] = []
    for colour in folders(split / COLOUR):
        where = f"{split.name}/{COLOUR}/{colour.name}"
        shown = _stream(colour, findings)
        opacity = alphas.pop(colour.name, None)
        matte = _stream(opacity, findings) if opacity else None
        if shown is None or matte is None:
            missing = where if shown is None else f"{split.name}/{OPACITY}/{colour.name}"
            message = f"{missing} has neither frames nor a video"
            findings.append(Finding("stream_missing", "error", message, "copy it too", missing))
            continue
        findings += _unlike_names(shown, matte, where)
        guidance = _guidance(colour / MASK, shown, findings, where=f"{where}/{MASK}")
        layers = {PICTURE: shown, ALPHA: matte}
        found.append(ReadyTuple(CATEGORY, colour.name, layers, split=split.name, guidance=guidance))
    for left in alphas:
        where = f"{split.name}/{OPACITY}/{left}"
        message = f"{where} belongs to no clip of {COLOUR}"
        findings.append(Finding("alpha_unpaired", "error", message, "copy the clip too", where))
    return found


def _stream(clip: Path, findings: list[Finding]) -> Footage | None:
    frames, video = clip / FRAMES, clip / VIDEO / f"{clip.name}.mp4"
    if frames.is_dir() and picture_paths(frames):
        return frames
    if not video.is_file():
        return None
    where = f"{clip.parent.parent.name}/{clip.parent.name}/{clip.name}"
    message = f"{where} has a video and no frames"
    hint = "the video is read; it was compressed with loss"
    findings.append(Finding("frames_missing", "warning", message, hint, where))
    return video


def _unlike_names(shown: Footage, matte: Footage, where: str) -> list[Finding]:
    names, others = frame_names(shown), frame_names(matte)
    if names is None or others is None:
        return []
    odd = sorted(set(names) ^ set(others))
    if not odd:
        return []
    message = f"{where}: frame {odd[0]} is in one of {COLOUR} and {OPACITY} only"
    hint = f"cut both at the same frames ({len(odd)} differ)"
    return [Finding("frame_unpaired", "error", message, hint, where)]


def _guidance(
    folder: Path, shown: Footage, findings: list[Finding], *, where: str
) -> tuple[Guidance, ...]:
    pictures = picture_paths(folder) if folder.is_dir() else ()
    files = list(by_stem(pictures, where, findings).values())
    if not files:
        return ()
    first = [file for file in files if file.stem == FIRST_FRAME]
    found = [Guidance(FIRST_SOURCE, (file,), frames=(0,)) for file in first[:1]]
    stems = {stem: number for number, stem in enumerate(frame_names(shown) or ())}
    kept = [file for file in files if file.stem in stems]
    for file in files:
        if file.stem not in stems and file not in first:
            stray = f"{where}/{file.name}"
            message = f"{stray} belongs to no frame"
            findings.append(Finding("mask_unpaired", "warning", message, "remove it", stray))
    if kept:
        numbers = tuple(stems[file.stem] for file in kept)
        whole = numbers == tuple(range(len(stems)))
        masks = (Pictures(tuple(kept)),)
        found.append(Guidance("all_frames", masks, None if whole else numbers))
    return tuple(found)


def _misfits(
    one: ReadyTuple, folder: Path, limits: Limits, should_stop: ShouldStop
) -> list[Finding]:
    found: list[Finding] = []
    shown = decode_footage(one.layers[PICTURE], limits, should_stop)
    streams = [(ALPHA, one.layers[ALPHA], shown.frames)]
    for source in one.guidance:
        covered = shown.frames if source.frames is None else len(source.frames)
        streams += [(source.source, mask, covered) for mask in source.masks if mask is not None]
    for label, footage, frames in streams:
        own = decode_footage(footage, limits, should_stop)
        if own.frames != frames or own.size != shown.size:
            where = place(footage)
            message = (
                f"{where} ({label} of {one.split}/{one.name}) has {own.frames} frames of "
                f"{own.size}, expected {frames} of {shown.size}"
            )
            found.append(Finding("streams_differ", "error", message, "export it again", where))
    for stream in (COLOUR, OPACITY):
        video = folder / one.split / stream / one.name / VIDEO / f"{one.name}.mp4"
        if video.is_file() and video != one.layers[PICTURE] and video != one.layers[ALPHA]:
            beside = measure_footage(video, limits, should_stop)
            if beside.frames != shown.frames:
                message = f"{place(video)} has {beside.frames} frames, the pictures {shown.frames}"
                hint = "the pictures are read"
                found.append(Finding("video_frames", "warning", message, hint, place(video)))
    return found


def _write_sample(one: ReadyTuple, split: Path, name: str, should_stop: ShouldStop) -> None:
    shown, matte = picture_of(one), alphas_of(one)
    if len(matte) != 1:
        raise BadInput(
            f"{one.where} has {len(matte)} alphas, this layout holds one",
            hint="choose a layout with instances",
        )
    rate = RATE
    if isinstance(shown, Path) and not picture_paths(shown):
        rate = measure_footage(shown, Limits(), should_stop).fps or RATE
    stems: list[str] = []
    for stream, footage, gray in ((COLOUR, shown, False), (OPACITY, matte[0], True)):
        clip = split / stream / name
        targets = frame_targets(footage, clip / FRAMES, ".png", DIGITS, numbers=one.numbers)
        form: PictureForm = "gray" if gray else "png"
        written = write_frames(footage, targets, form, should_stop=should_stop)
        stems = written_stems(footage, written, DIGITS, numbers=one.numbers)
        target = clip / VIDEO / f"{name}.mp4"
        write_video(clip / FRAMES, target, gray=gray, fps=rate, should_stop=should_stop)
    for source in _one_each(one.guidance):
        covered = stems if source.frames is None else [stems[frame] for frame in source.frames]
        masks = split / COLOUR / name / MASK
        first = source.source == FIRST_SOURCE
        targets = [masks / f"{FIRST_FRAME if first else stem}.png" for stem in covered]
        for mask in source.masks[:1]:
            if mask is not None:
                write_frames(mask, targets, "gray", should_stop=should_stop)


def _one_each(guidance: Iterable[Guidance]) -> tuple[Guidance, ...]:
    """Return the masks that have a place: those of a first frame, and one source of all others."""
    first = [one for one in guidance if one.source == FIRST_SOURCE]
    others = [one for one in guidance if one.source != FIRST_SOURCE]
    return (*first[:1], *others[:1])
