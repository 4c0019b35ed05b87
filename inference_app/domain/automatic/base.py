"""What a maker of automatic masks offers: a clip in, one soft mask per frame out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.interactive.pictures import ClipPictures


class MakerParams(BaseModel):
    """What a person may set; each field draws its control in the page."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A clip as a file. ``name`` is what messages call it."""

    path: Path
    frames: int
    size: FrameSize
    name: str

    def each(self) -> Iterator[RgbFrame]:
        """Yield every frame in order at full size."""
        with closing(read_rgb(self.path, stop=self.frames)) as frames:
            yield from frames

    def small(self, longest: int) -> ClipPictures:
        """Open the frames by number, no larger than ``longest`` pixels."""
        return ClipPictures(self.path, self.frames, self.size, longest)


class MaskMaker(Protocol):
    """One way to make masks without a hand. Stateless; imports what is heavy when it works."""

    @property
    def info(self) -> PluginInfo: ...

    @property
    def params(self) -> type[MakerParams]: ...

    @abstractmethod
    def unavailable(self) -> str:
        """Return why it cannot run here, or ""."""

    @abstractmethod
    def provenance(self) -> dict[str, str]:
        """Return the sha256 of each network that it works with, by name."""

    @abstractmethod
    def make(
        self, clip: ClipFile, params: Any, progress: Progress, should_stop: ShouldStop
    ) -> Iterator[GrayFrame]:
        """Yield one mask per frame at the size of the clip; 255 is the object, soft at its edge.

        Progress counts frames. Raises BadInput when the clip shows nothing of the kind,
        Cancelled. Memory does not grow with the clip.
        """


@runtime_checkable
class TellsApart(Protocol):
    """A maker that knows by itself which thing is which."""

    def numbered(
        self, clip: ClipFile, params: Any, progress: Progress, should_stop: ShouldStop
    ) -> Iterator[GrayFrame]:
        """Yield the number of each thing per frame, 0 = none; otherwise as `MaskMaker.make`."""
        ...


class NoNetwork:
    """What makers have in common that need no weights."""

    def unavailable(self) -> str:
        """It can always run."""
        return ""

    def provenance(self) -> dict[str, str]:
        """It works with no network."""
        return {}
