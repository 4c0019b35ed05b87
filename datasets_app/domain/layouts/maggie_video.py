"""MaGGIe's videos: per split frames in fgr/, and per frame a folder of instance alphas in pha/."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from datasets_app.domain.findings import Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import Guidance, LayoutContents, Pictures, ReadyTuple
from datasets_app.domain.trees.instance_checks import instance_findings
from datasets_app.domain.trees.instance_trees import (
    VIDEO_CATEGORY,
    count_findings,
    guidance_folders,
    instance_files,
    jpeg_entries,
    picture_lonely,
    write_instance_frames,
)
from datasets_app.domain.trees.loader_names import (
    hidden_findings,
    sample_names,
    without_word,
    word_findings,
)
from datasets_app.domain.trees.reading import folders
from datasets_app.domain.trees.samples import PICTURE, picture_of, refuses_instances
from datasets_app.domain.trees.writing import (
    frame_targets,
    write_frames,
    written_stems,
)
from matteweb.errors import BadInput

FRAMES, ALPHAS = "fgr", "pha"

TRAINING_WINDOW: Final = 8
EVALUATION_WINDOW: Final = 3


class MaggieVideo(LayoutOf[ReadyTuple, ReadyTuple]):
    """Clips with the visible alpha of each person on each frame."""

    info = PluginInfo(
        slug="maggie_video",
        label="MaGGIe videos",
        summary="<split>/fgr/<video>/<frame>.jpg and <split>/pha/<video>/<frame>/<instance>.png",
        version=1,
    )
    writes = ("tuples",)

    def recognises(self, folder: Path) -> bool:
        """Whether a split has fgr/ and, two levels inside pha/, folders of frames."""
        return any(
            any(folders(video) for video in folders(split / ALPHAS)[:3])
            for split in _splits(folder)
            if (split / FRAMES).is_dir()
        )

    def read(self, folder: Path) -> LayoutContents:
        """List the videos of every split with instances by name."""
        if not self.recognises(folder):
            hint = f"expected <split>/{FRAMES}/<video>/ and <split>/{ALPHAS}/<video>/<frame>/"
            raise BadInput(f"{folder.name} holds no {FRAMES} with {ALPHAS}", hint=hint)
        findings: list[Finding] = []
        tuples: list[ReadyTuple] = []
        for split in _splits(folder):
            if (split / FRAMES).is_dir():
                name = "train" if split == folder else split.name
                findings += word_findings(name, name, ALPHAS)
                found = _samples(split, name, findings)
                # A folder that is a split itself does not say which.
                tuples += found if split != folder else [replace(one, split="") for one in found]
        return LayoutContents(tuples=tuple(tuples), findings=tuple(findings))

    def faults(
        self, one: ReadyTuple, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode: sizes, sums of alphas, masks that overlap, instances that are never seen."""
        return instance_findings(one, folder, limits, should_stop)

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take clips with an alpha."""
        if frames <= EVALUATION_WINDOW:
            return f"it has {frames} frames, a loader needs more than {EVALUATION_WINDOW}"
        return refuses_instances(layers)

    def guides(self, guidance: tuple[Guidance, ...]) -> tuple[Guidance, ...]:
        """Keep every source."""
        return guidance

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[ReadyTuple],
        should_stop: ShouldStop,
    ) -> None:
        """Write clips with all instances on every frame, and the masks of every source."""
        for name, one in zip(sample_names(contents.tuples, ALPHAS), entries, strict=True):
            split, shown = folder / without_word(one.split, ALPHAS), picture_of(one)
            targets = frame_targets(shown, split / FRAMES / name, ".jpg", numbers=one.numbers)
            written = write_frames(shown, targets, "jpg", should_stop=should_stop)
            write_instance_frames(
                one,
                written_stems(shown, written, numbers=one.numbers),
                alphas=split / ALPHAS / name,
                guidance={s.source: split / s.source / name for s in one.guidance},
                should_stop=should_stop,
            )


def _splits(folder: Path) -> list[Path]:
    return [folder] if (folder / FRAMES).is_dir() else folders(folder)


def _samples(split: Path, name: str, findings: list[Finding]) -> list[ReadyTuple]:
    alphas = {path.name: path for path in folders(split / ALPHAS)}
    findings += hidden_findings(split / ALPHAS, f"{name}/{ALPHAS}")
    found: list[ReadyTuple] = []
    for video in folders(split / FRAMES):
        where = f"{name}/{FRAMES}/{video.name}"
        findings += word_findings(video.name, where, ALPHAS)
        frames = jpeg_entries(video, findings, where=where, forbidden=ALPHAS, listed=True)
        findings += _lengths(len(frames), where)
        drawn = alphas.pop(video.name, None)
        if drawn is None:
            message = f"{name}/{ALPHAS}/{video.name} is missing: a loader never sees the video"
            findings.append(Finding("alphas_missing", "error", message, "write its alphas", where))
            continue
        one = _sample(split, name, video.name, frames, drawn, findings)
        if one.instances:  # else the findings say what it lacks
            found.append(one)
    for left in sorted(alphas):
        findings.append(picture_lonely(f"{name}/{ALPHAS}/{left}", f"{name}/{FRAMES}/{left}/"))
    return found


def _lengths(frames: int, where: str) -> list[Finding]:
    if frames < EVALUATION_WINDOW:
        message = f"{where} has {frames} frames, an evaluation needs {EVALUATION_WINDOW}"
        return [Finding("too_short", "error", message, "use a longer clip", where)]
    if frames == EVALUATION_WINDOW:
        message = f"{where} has exactly {frames} frames, which upsets the loader's count of scores"
        return [Finding("too_short", "error", message, "use a longer clip", where)]
    if frames < TRAINING_WINDOW:
        message = f"{where} has {frames} frames, training windows have {TRAINING_WINDOW}"
        return [Finding("short", "warning", message, "it serves evaluation only", where)]
    return []


def _sample(
    split: Path,
    name: str,
    video: str,
    frames: Mapping[str, Path],
    drawn: Path,
    findings: list[Finding],
) -> ReadyTuple:
    where = f"{name}/{ALPHAS}/{video}"
    shown = f"{name}/{FRAMES}/{video}"
    streams, names = _by_instance(drawn, list(frames), findings, where=where, shown=shown)
    findings += count_findings(len(names), where)
    guidance: list[Guidance] = []
    for source in guidance_folders(split):
        inside, place = source / video, f"{name}/{source.name}/{video}"
        if not inside.is_dir():
            message = f"there is no {place}: the video cannot be evaluated with these masks"
            findings.append(
                Finding("guidance_folder", "error", message, "write one mask each", place)
            )
            continue
        masks, found = _by_instance(inside, list(frames), findings, where=place, shown=shown)
        if found != names:
            message = f"{place} guides instances {_told(found)}, the alphas are {_told(names)}"
            hint = "write the same instances on every frame, empty or not"
            findings.append(Finding("guidance_unpaired", "error", message, hint, place))
        by_name = dict(zip(found, masks, strict=True))
        guidance.append(Guidance(source.name, tuple(by_name.get(key) for key in names)))
    return ReadyTuple(
        VIDEO_CATEGORY,
        video,
        {PICTURE: Pictures(tuple(frames.values()))},
        split=name,
        instances=streams,
        guidance=tuple(guidance),
    )


def _by_instance(
    folder: Path, stems: Sequence[str], findings: list[Finding], *, where: str, shown: str
) -> tuple[tuple[Pictures, ...], tuple[str, ...]]:
    """Return the stream and the name of every instance that is there on every frame; a file that
    is missing would shift all later ones to another identity."""
    by_frame = {path.name: path for path in folders(folder)}
    for left in sorted(set(by_frame) - set(stems)):
        findings.append(picture_lonely(f"{where}/{left}", f"{shown}/{left}.jpg"))
    files: dict[str, dict[str, Path]] = {}
    for stem in stems:
        inside = by_frame.get(stem)
        files[stem] = instance_files(inside, findings, where=f"{where}/{stem}") if inside else {}
    every = sorted({name for found in files.values() for name in found})
    whole: list[str] = []
    for name in every:
        missing = [stem for stem in stems if name not in files[stem]]
        if not missing:
            whole.append(name)
            continue
        file = f"{where}/{missing[0]}/{name}.png"
        message = f"{file} is missing; frames without it: {len(missing)}"
        hint = "an instance that is not there has an empty picture, not none"
        findings.append(Finding("instance_missing", "error", message, hint, file))
    streams = tuple(Pictures(tuple(files[stem][name] for stem in stems)) for name in whole)
    return streams, tuple(whole)


def _told(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
