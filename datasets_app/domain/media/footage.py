"""From a file that somebody brought in to the stream that pages and recipes read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from datasets_app.domain.findings import Finding
from datasets_app.domain.media.findings import (
    numbers_missing,
    odd_size,
    parse_rate,
    rate_missing,
    rate_varies,
    rotated,
)
from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.picture_sequence import PictureSequence, describe_gaps
from datasets_app.domain.media.probe import ClipFacts, Limits, probe
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.media.stream_files import StreamFiles, StreamWriter
from datasets_app.domain.progress import Progress, ShouldStop
from matteweb.errors import BadInput, Cancelled, Unsupported

FootageKind = Literal["clip", "sequence", "still"]

CLIP_ENDINGS = frozenset({".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mxf"})
PICTURE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What was read before any frame is stored. ``fps`` is None for a still."""

    frames: int
    size: FrameSize
    fps: Fraction | None
    facts: dict[str, Any]
    findings: tuple[Finding, ...]


def footage_kind(filename: str) -> FootageKind:
    """Tell by its ending what a file is meant to be. Raises Unsupported, naming what is read."""
    ending = Path(filename).suffix.lower()
    if ending in CLIP_ENDINGS:
        return "clip"
    if ending == ".zip":
        return "sequence"
    if ending in PICTURE_ENDINGS:
        return "still"
    known = " ".join(sorted(CLIP_ENDINGS | PICTURE_ENDINGS | {".zip"}))
    raise Unsupported(
        f"{filename} is no footage that is read here", hint=f"bring in one of {known}"
    )


def survey_footage(
    path: Path,
    kind: FootageKind,
    *,
    name: str,
    limits: Limits,
    decisions: Mapping[str, str],
    progress: Progress,
    should_stop: ShouldStop,
) -> Surveyed:
    """Read what the file is, in a limited subprocess, without trusting its header.

    ``name`` is what messages call the file, ``decisions`` are answers to earlier findings.
    Raises BadInput or Unsupported with a sentence for a file that cannot be used.
    """
    if kind == "sequence":
        return _survey_sequence(path, name, limits, decisions)
    found = probe(path, limits, name=name, progress=progress, should_stop=should_stop)
    if found.kind != kind:
        raise BadInput(
            f"{name} is called a {kind} but holds a {found.kind}",
            hint="give the file the ending that fits its content",
        )
    return Surveyed(
        frames=found.frames,
        size=FrameSize(found.width, found.height),
        fps=_rate(found, decisions),
        facts=found.as_json(),
        findings=tuple(_clip_findings(found)),
    )


def _clip_findings(found: ClipFacts) -> Iterator[Finding]:
    if found.rotation:
        yield rotated(found.rotation)
    if found.odd_size:
        yield odd_size(found.width, found.height)
    if found.vfr is not None and found.fps is not None:
        yield rate_varies(found.frames, found.vfr[0], found.vfr[1], found.fps)


def _rate(found: ClipFacts, decisions: Mapping[str, str]) -> Fraction | None:
    decided = decisions.get("variable_frame_rate")
    return parse_rate(decided) if found.vfr is not None and decided else found.fps


def stream_footage(
    path: Path,
    kind: FootageKind,
    surveyed: Surveyed,
    folder: Path,
    *,
    progress: Progress,
    should_stop: ShouldStop,
) -> StreamFiles:
    """Decode once and write delivery, index, poster and filmstrip; a sequence gets a master too.

    The untouched upload of a clip is its own master. Memory: a few frames, whatever the length.
    Raises Cancelled when asked to stop.
    """
    writer = StreamWriter(
        folder,
        "rgb",
        kind="rgb",
        size=surveyed.size,
        fps=surveyed.fps or Fraction(1),
        expected=surveyed.frames,
        master=kind == "sequence",
        pictures=True,
    )
    with writer:
        for number, frame in enumerate(_frames(path, kind)):
            if should_stop():
                raise Cancelled(f"stopped at frame {number} of {surveyed.frames}")
            writer.write(frame)
            progress(number + 1, surveyed.frames)
    return writer.files()


def _frames(path: Path, kind: FootageKind) -> Iterator[RgbFrame]:
    if kind == "sequence":
        with PictureSequence(path) as pictures:
            yield from pictures.read_rgb()
    else:
        yield from read_rgb(path)


def _survey_sequence(
    path: Path, name: str, limits: Limits, decisions: Mapping[str, str]
) -> Surveyed:
    with PictureSequence(path, limits=limits, name=name) as pictures:
        count, size, gaps = len(pictures), pictures.size, describe_gaps(pictures.gaps)
        facts = {"codec": "pictures", "names": pictures.span, "container": name}
    findings = [rate_missing(count)]
    if gaps:
        findings.append(numbers_missing(gaps))
    if not size.is_even:
        findings.append(odd_size(size.width, size.height))
    raw = decisions.get("frame_rate")
    return Surveyed(count, size, parse_rate(raw) if raw else None, facts, tuple(findings))
