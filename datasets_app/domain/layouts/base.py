"""What a folder layout offers: it reads a tree that tools agree on, checks it, and writes it.

Reading looks at names and small text files only, so that a tree of any size is listed at once.
Checking decodes. What trees hold and how they are read and written lies in ``domain/trees``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from datasets_app.domain.findings import Finding
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.domain.trees.entries import LayoutContents, SourceAsset


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
    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Return why a finished sample with these layers, name -> "rgb" or "gray", and so many
        frames has no place here, or "" when it has one."""

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


@runtime_checkable
class HoldsAssets(Protocol):
    """A layout of foregrounds or backgrounds, beside what every layout offers."""

    def takes_asset(self, asset: SourceAsset) -> str:
        """Return why an asset has no place here, or ""; files are looked at by name alone."""
        ...
