"""What ingest notices about a file: facts to note, and questions that only a person can answer.

A finding with choices is a question; ingest waits until it has an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

from datasets_app.domain.findings import Finding
from matteweb.errors import BadInput

RATE_CODES = frozenset({"frame_rate", "variable_frame_rate"})
"""Questions that take any frame rate, not only the ones offered."""

_RATE = re.compile(r"\d{1,6}(\.\d{1,6}|/\d{1,6})?")


def parse_rate(text: str) -> Fraction:
    """Read a frame rate: ``24``, ``23.976`` or, exactly, ``24000/1001``.

    Raises BadInput outside of 1 to 1000 frames per second.
    """
    clean = text.strip()
    if _RATE.fullmatch(clean) and not re.fullmatch(r"\d+/0+", clean):
        rate = Fraction(clean)
        if 1 <= rate <= 1000:
            return rate
    raise BadInput(f"{text!r} is no frame rate", hint="type 24, 29.97 or exactly 30000/1001")


def check_answer(finding: Finding, answer: str) -> None:
    """Raise BadInput when ``answer`` does not answer ``finding``."""
    if answer in finding.choices:
        return
    if finding.code in RATE_CODES:
        parse_rate(answer)
        return
    raise BadInput(f"{answer!r} does not answer {finding.code}", hint=", ".join(finding.choices))


def undecided(findings: Iterable[Finding], decisions: Mapping[str, str]) -> list[Finding]:
    """Return the questions that nobody has answered yet."""
    return [one for one in findings if one.choices and one.code not in decisions]


def rate_missing(pictures: int) -> Finding:
    """Numbered pictures carry no rate."""
    return Finding(
        "frame_rate",
        "warning",
        f"{pictures} numbered pictures have no frame rate.",
        "Choose or type the rate at which they were taken or rendered.",
        choices=("24", "25", "30"),
    )


def numbers_missing(sentence: str) -> Finding:
    """A sequence with gaps: frames are numbered by order, so a gap is not a frame."""
    return Finding(
        "numbers_missing",
        "warning",
        f"{sentence}.",
        "Use the pictures that are there as consecutive frames, or discard and bring in all.",
        choices=("use", "discard"),
    )


def rate_varies(frames: int, slowest: Fraction, fastest: Fraction, nominal: Fraction) -> Finding:
    """The stored times are uneven: a phone's clip, a screen recording."""
    return Finding(
        "variable_frame_rate",
        "warning",
        f"Variable frame rate, {float(slowest):.2f} to {float(fastest):.2f} fps. "
        f"All {frames} frames are kept; only their timing is at stake.",
        f"Keep them at an even {nominal} fps, or type another rate.",
        choices=(str(nominal),),
    )


def same_bytes(name: str) -> Finding:
    """The project has this very file already."""
    return Finding(
        "duplicate",
        "warning",
        f"Duplicate of {name}: same bytes, same sha256.",
        "Discard this copy, or keep both.",
        choices=("discard", "keep"),
    )


def odd_size(width: int, height: int) -> Finding:
    """H.264 in 4:2:0 has even sides."""
    return Finding(
        "odd_size",
        "note",
        f"Odd size, {width}×{height} px.",
        "The master keeps every pixel; previews and exports lose one column or row at the right "
        "or bottom, in all layers alike.",
    )


def rotated(degrees: int) -> Finding:
    """The camera was held sideways."""
    return Finding("rotation", "note", f"Stored rotated by {degrees}°.", "Frames are upright here.")
