"""What a folder layout offers: it reads a tree that tools agree on, checks it, and writes it.

Reading looks at names and small JSON files only, so that a tree of any size is listed at once.
Checking decodes.
"""

from __future__ import annotations

import shutil
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from datasets_app.domain.bundles.manifest_parts import Source
from datasets_app.domain.captions import VIDEO_SUFFIXES, CaptionFile, Captions, parse_captions
from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.picture_sequence import PictureSequence
from datasets_app.domain.media.picture_sources import is_picture_name
from datasets_app.domain.media.probe import probe
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop


@dataclass(frozen=True, slots=True)
class SourceMask:
    """One mask of a clip: a video, a folder of pictures, or a ZIP of them."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class SourceClip:
    """Material to synthesize from. ``video`` is a video, a folder of pictures or a ZIP of them."""

    name: str
    video: Path
    masks: tuple[SourceMask, ...] = ()
    captions: Captions | None = None


@dataclass(frozen=True, slots=True)
class ReadyTuple:
    """A finished sample. ``layers``: a video or a folder of PNG for each of the three, or fewer
    when some are missing. ``repeats`` as its training list has them, 1 without a list. ``sources``
    is what it was made from, where the tree tells."""

    category: str
    name: str
    layers: Mapping[str, Path]
    captions: Captions | None = None
    repeats: int = 1
    split: str = "train"
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class LayoutContents:
    """What a tree holds, sorted by name, and what is wrong with or left over in it."""

    clips: tuple[SourceClip, ...] = ()
    tuples: tuple[ReadyTuple, ...] = ()
    findings: tuple[Finding, ...] = ()


class Layout(Protocol):
    """One folder layout. Stateless."""

    @property
    def info(self) -> PluginInfo:
        """Slug, label, summary, version."""
        ...

    @abstractmethod
    def unavailable(self) -> str:
        """Return why it cannot run here, or ""."""

    @abstractmethod
    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` looks like this layout."""

    @abstractmethod
    def read(self, folder: Path) -> LayoutContents:
        """List what the tree holds. Raises BadInput when it is not this layout at all."""

    @abstractmethod
    def validate(
        self,
        folder: Path,
        *,
        limits: Limits,
        progress: Progress = ignore_progress,
        should_stop: ShouldStop = never_stop,
    ) -> list[Finding]:
        """Return what reading finds and, after decoding everything, what is wrong with the
        streams. Progress counts entries. Raises BadInput as ``read`` does, Cancelled."""

    @abstractmethod
    def write(
        self,
        contents: LayoutContents,
        folder: Path,
        *,
        progress: Progress = ignore_progress,
        should_stop: ShouldStop = never_stop,
    ) -> None:
        """Write ``contents`` as a tree that ``read`` reads back. ``folder`` must be new or empty.
        Progress counts entries. Raises Conflict, BadInput, Cancelled."""


def visible(folder: Path) -> list[Path]:
    """Return the entries of ``folder`` by name, without what file managers hide there."""
    hidden = {"thumbs.db", "desktop.ini", "__macosx"}
    return sorted(
        entry
        for entry in folder.iterdir()
        if not entry.name.startswith(".") and entry.name.lower() not in hidden
    )


def is_footage(path: Path) -> bool:
    """Whether a path is meant as a clip: a video, a ZIP, or a folder with pictures in it."""
    if path.is_dir():
        return any(is_picture_name(entry.name) for entry in path.iterdir())
    return path.suffix.lower() in VIDEO_SUFFIXES | {".zip"}


def footage_stem(path: Path) -> str:
    """Return the name of a clip: that of its file without the suffix, or of its folder."""
    return path.name if path.is_dir() else path.stem


def measure_footage(path: Path, limits: Limits, should_stop: ShouldStop) -> tuple[int, FrameSize]:
    """Return frames and size, by decoding under ``limits`` or from the pictures' headers.

    Raises BadInput, Unsupported, Cancelled.
    """
    if path.is_dir() or path.suffix.lower() == ".zip":
        with PictureSequence(path, limits=limits) as sequence:
            return len(sequence), sequence.size
    facts = probe(path, limits, should_stop=should_stop)
    return facts.frames, FrameSize(facts.width, facts.height)


def read_caption_files(paths: list[Path], findings: list[Finding]) -> Iterator[CaptionFile]:
    """Yield those of ``paths`` that exist and are caption files; what is wrong becomes findings."""
    for path in paths:
        if not path.is_file():
            continue
        with Collecting(findings, "captions_unreadable", path.name):
            found = parse_captions(path.read_bytes(), name=path.name)
            findings += found.findings
            yield found


def copy_entry(source: Path, target: Path) -> None:
    """Copy a file or a folder of files to ``target``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)
