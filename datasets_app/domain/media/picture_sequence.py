"""Numbered pictures as a clip: ordered as people count, gaps and mixed sizes named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Final, Self, TypeVar

from natsort import natsorted, ns

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.picture_file import (
    Channel,
    PictureHeader,
    Source,
    read_picture_gray,
    read_picture_header,
    read_picture_rgb,
)
from datasets_app.domain.media.picture_sources import picture_source
from matteweb.errors import BadInput

T = TypeVar("T", RgbFrame, GrayFrame)

_LAST_NUMBER: Final = re.compile(r"^(.*?)(\d+)(\D*)$", re.DOTALL)
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """``missing`` numbers between two neighbours, by the step of the whole sequence."""

    after: str
    before: str
    missing: int


class PictureSequence:
    """A context manager over a folder or ZIP of pictures that make one clip.

    Opening reads every header, no pixels: an unreadable, mixed or hostile collection raises here,
    naming the file. ``len()`` is the number of frames.
    """

    def __init__(self, path: Path, *, limits: Limits | None = None, name: str = "") -> None:
        """``name`` is what messages call the collection, by default its own name.

        Raises NotFound, BadInput or Unsupported with a sentence about the file at fault.
        """
        name = name or path.name
        self._limits = limits or Limits()
        self._source = picture_source(path, self._limits, name)
        try:
            self.names = _ordered(self._source.names(), name, self._limits.max_frames)
            self.gaps = _gaps(self.names)
            headers = self._headers()
        except BaseException:
            self._source.close()
            raise
        first = headers[0]
        self.size: FrameSize = first.size
        self.is_numbered: bool = all(header.palette for header in headers)
        """Whether every picture has a palette of colours, as label maps of objects do."""
        self.has_alpha: bool = all(header.alpha for header in headers)

    def __len__(self) -> int:
        return len(self.names)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder or archive."""
        self._source.close()

    @property
    def span(self) -> str:
        """First and last name, for people."""
        return self.names[0] if len(self) == 1 else f"{self.names[0]} to {self.names[-1]}"

    def read_rgb(self) -> Generator[RgbFrame, None, None]:
        """Yield the pictures in order, one in memory at a time. Raises BadInput for damage."""
        return self._read(lambda source, name: read_picture_rgb(source, name, self._side))

    def read_gray(self, channel: Channel = "luma") -> Generator[GrayFrame, None, None]:
        """Yield one channel of the pictures in order: luma, alpha, or palette numbers."""
        return self._read(lambda source, name: read_picture_gray(source, name, self._side, channel))

    @property
    def _side(self) -> int:
        return self._limits.max_side

    def _read(self, decode: Callable[[Source, str], T]) -> Generator[T, None, None]:
        for name in self.names:
            with closing(self._source.open(name)) as file:
                frame = decode(file, name)
            yield frame

    def _headers(self) -> list[PictureHeader]:
        headers = [self._header(name) for name in self.names]
        _refuse_mixed_sizes(self.names, headers)
        return headers

    def _header(self, name: str) -> PictureHeader:
        with closing(self._source.open(name)) as file:
            return read_picture_header(file, name, self._side)


def describe_gaps(gaps: tuple[Gap, ...]) -> str:
    """Return one sentence naming the first gaps, or "" without any."""
    if not gaps:
        return ""
    count = sum(gap.missing for gap in gaps)
    named = "; ".join(
        f"{gap.missing} between {gap.after} and {gap.before}" for gap in gaps[:_NAMED]
    )
    more = f"; and {len(gaps) - _NAMED} more gaps" if len(gaps) > _NAMED else ""
    verb = "picture is" if count == 1 else "pictures are"
    return f"{count} {verb} missing: {named}{more}"


def _ordered(names: list[str], container: str, most: int) -> tuple[str, ...]:
    if not names:
        raise BadInput(
            f"{container} holds no pictures", hint="PNG, JPEG, WebP, TIFF and BMP are read"
        )
    if len(names) > most:
        raise BadInput(
            f"{container} holds {len(names)} pictures, more than {most}",
            hint="cut the sequence into shorter ones",
        )
    folders = sorted({str(PurePosixPath(name).parent) for name in names})
    if len(folders) > 1:
        raise BadInput(
            f"{container} holds pictures in {len(folders)} folders: {_few(folders)}",
            hint="bring in one folder per sequence",
        )
    series = sorted({_series(name) for name in names})
    if len(series) > 1:
        raise BadInput(
            f"{container} mixes {len(series)} series of pictures: {_few(series)}",
            hint="bring in one series per sequence",
        )
    return tuple(natsorted(names, alg=ns.IGNORECASE))


def _few(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")


def _series(name: str) -> str:
    """Return the name with its last number left open: what all frames of a clip share."""
    path = PurePosixPath(name)
    found = _LAST_NUMBER.match(path.stem)
    if found is None:
        return "(no number)"
    return f"{found[1]}#{found[3]}{path.suffix.lower()}"


def _number(name: str) -> int | None:
    found = _LAST_NUMBER.match(PurePosixPath(name).stem)
    return int(found[2]) if found else None


def _gaps(names: tuple[str, ...]) -> tuple[Gap, ...]:
    """Return where the numbering jumps. A constant step, as every fifth frame, is no gap."""
    numbered = [(name, number) for name in names if (number := _number(name)) is not None]
    steps = [after[1] - before[1] for before, after in pairwise(numbered)]
    if 0 in steps:
        at = steps.index(0)
        raise BadInput(
            f"{numbered[at][0]} and {numbered[at + 1][0]} have the same number",
            hint="keep one of them",
        )
    if not steps:
        return ()
    counted = Counter(steps)
    usual = min(step for step in counted if counted[step] == max(counted.values()))
    return tuple(
        Gap(before[0], after[0], (after[1] - before[1]) // usual - 1)
        for before, after in pairwise(numbered)
        if after[1] - before[1] > usual
    )


def _refuse_mixed_sizes(names: tuple[str, ...], headers: list[PictureHeader]) -> None:
    sizes = Counter(header.size for header in headers)
    if len(sizes) == 1:
        return
    usual = sizes.most_common(1)[0][0]
    odd: Iterator[str] = (
        f"{name} ({header.size})"
        for name, header in zip(names, headers, strict=True)
        if header.size != usual
    )
    others = list(odd)
    raise BadInput(
        f"the pictures have {len(sizes)} sizes: {sizes[usual]} are {usual}, but not {_few(others)}",
        hint="bring them to one size, or leave the others out",
    )
