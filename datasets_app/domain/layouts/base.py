"""What a folder layout offers: it reads a tree that tools agree on, checks it, and writes it.

Reading looks at names and small text files only, so that a tree of any size is listed at once.
Checking decodes. What trees hold and how they are read and written lies in ``domain/trees``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar, final, runtime_checkable

from datasets_app.domain.bundles.splits import TRAIN
from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.domain.trees.entries import (
    Entry,
    Guidance,
    Kind,
    LayoutContents,
    SourceAsset,
    entry_place,
)
from datasets_app.domain.trees.reading import each
from datasets_app.domain.trees.writing import fresh_folder

ReadT = TypeVar("ReadT", bound=Entry)
WrittenT = TypeVar("WrittenT", bound=Entry)


class LayoutOf(ABC, Generic[ReadT, WrittenT]):
    """One folder layout: the entries that its trees hold, and those that it has a place for.

    Stateless. Going through entries, progress, stopping and what cannot be read are done here.
    """

    info: PluginInfo
    writes: ClassVar[tuple[Kind, ...]]
    """What has a place in it."""
    said_again: ClassVar[frozenset[str]] = frozenset()
    """Codes of what reading finds and `faults` says again, with more."""

    def unavailable(self) -> str:
        """Return why it cannot run here, or ""."""
        return ""

    @abstractmethod
    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` looks like this layout."""

    @abstractmethod
    def read(self, folder: Path) -> LayoutContents:
        """List what the tree holds. Raises BadInput when it is not this layout at all."""

    @abstractmethod
    def faults(
        self, entry: ReadT, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode an entry of the tree ``folder`` and return what is wrong with it. Raises BadInput
        when it cannot be read, which is a finding too, and Cancelled."""

    @abstractmethod
    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Return why a finished sample with these layers, name -> "rgb" or "gray", and so many
        frames has no place here, or "" when it has one."""

    def guides(self, guidance: tuple[Guidance, ...]) -> tuple[Guidance, ...]:
        """Return those of a sample's guidance masks that `fill` writes: none, unless said."""
        return ()

    @abstractmethod
    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[WrittenT],
        should_stop: ShouldStop,
    ) -> None:
        """Write ``entries``, which are those of ``contents`` in the same order and are counted as
        they are taken, into the empty ``folder``. Raises BadInput, Cancelled."""

    @final
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
        contents = self.read(folder)
        findings = [one for one in contents.findings if one.code not in self.said_again]
        entries: tuple[Any, ...] = contents.entries
        for entry in each(entries, doing="the check", progress=progress, should_stop=should_stop):
            findings += self.entry_findings(entry, folder, limits, should_stop)
        return findings

    @final
    def entry_findings(
        self, entry: ReadT, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> list[Finding]:
        """Return the faults of one entry, after decoding it; one that cannot be read is a finding
        as well. Raises Cancelled."""
        findings: list[Finding] = []
        with Collecting(findings, "unreadable", entry_place(entry)):
            findings += self.faults(entry, folder, limits, should_stop)
        return findings

    @final
    def left_behind(self, contents: LayoutContents) -> list[Finding]:
        """Return a note for each source of guidance masks that has no place here."""
        lost: Counter[str] = Counter()
        for one in contents.tuples:
            kept = self.guides(one.guidance)
            lost.update(guide.source for guide in one.guidance if guide not in kept)
        hint = "a layout of MaGGIe keeps every source"
        return [
            Finding(
                "guidance_left_behind",
                "note",
                f"guidance by {source} has no place here; samples that leave without it: {count}",
                hint,
                source,
            )
            for source, count in lost.items()
        ]

    @final
    def write(
        self,
        contents: LayoutContents,
        folder: Path,
        *,
        progress: Progress = ignore_progress,
        should_stop: ShouldStop = never_stop,
    ) -> None:
        """Write ``contents`` as a tree that ``read`` reads back. ``folder`` must be new or empty.
        Samples of no split are to train on. Progress counts entries. Raises Conflict, BadInput,
        Cancelled."""
        contents.require_only(*self.writes, label=self.info.label)
        contents = replace(
            contents,
            tuples=tuple(replace(one, split=one.split or TRAIN) for one in contents.tuples),
        )
        fresh_folder(folder)
        entries: tuple[Any, ...] = contents.entries
        counted = each(entries, doing="the export", progress=progress, should_stop=should_stop)
        self.fill(folder, contents, counted, should_stop)


Layout: TypeAlias = LayoutOf[Any, Any]


@runtime_checkable
class HoldsAssets(Protocol):
    """A layout of foregrounds or backgrounds, beside what every layout offers."""

    def takes_asset(self, asset: SourceAsset) -> str:
        """Return why an asset has no place here, or ""; files are looked at by name alone."""
        ...
