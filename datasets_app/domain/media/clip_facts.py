"""What an examination of a file may cost, and what it finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a file that nobody has vouched for, and on the process that opens it.

    ``max_side`` in pixels, ``memory_mib`` of address space, ``cpu_seconds`` and ``wall_seconds``
    for one examination.
    """

    max_side: int = 8192
    max_frames: int = 200_000
    memory_mib: int = 4096
    cpu_seconds: int = 1800
    wall_seconds: int = 7200


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What was found by decoding every frame.

    ``frames`` counts decoded frames, whatever the header says. ``width`` and ``height`` are as
    displayed. ``fps`` is exact, and None for a still. ``vfr`` is None at an even rate, else the
    slowest and the fastest momentary rate. ``rotation`` is the counter-clockwise turn in degrees
    that makes stored frames upright, after mirroring left to right when ``mirrored``.
    ``matrix_assumed``: the file does not say its matrix, see `colour.matrix_name`.
    ``pixel_aspect`` is the width of a pixel over its height.
    """

    kind: Literal["clip", "still"]
    frames: int
    width: int
    height: int
    fps: Fraction | None
    vfr: tuple[Fraction, Fraction] | None
    rotation: int
    mirrored: bool
    full_range: bool
    matrix: str
    matrix_assumed: bool
    primaries: str
    transfer: str
    codec: str
    pix_fmt: str
    bit_depth: int
    pixel_aspect: Fraction
    interlaced: bool
    has_alpha: bool
    has_audio: bool

    @property
    def odd_size(self) -> bool:
        """Whether a delivery loses one column or row."""
        return self.width % 2 == 1 or self.height % 2 == 1

    def as_json(self) -> dict[str, Any]:
        """Return plain values; rates and aspect as ``[numerator, denominator]``."""
        plain = asdict(self)
        plain["fps"] = _pair(self.fps)
        plain["vfr"] = [_pair(rate) for rate in self.vfr] if self.vfr else None
        plain["pixel_aspect"] = _pair(self.pixel_aspect)
        return plain

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> ClipFacts:
        """Rebuild what `as_json` gave."""
        vfr = plain["vfr"]
        return cls(
            **{
                **plain,
                "fps": Fraction(*plain["fps"]) if plain["fps"] else None,
                "vfr": (Fraction(*vfr[0]), Fraction(*vfr[1])) if vfr else None,
                "pixel_aspect": Fraction(*plain["pixel_aspect"]),
            }
        )


def _pair(rate: Fraction | None) -> list[int] | None:
    return [rate.numerator, rate.denominator] if rate is not None else None
