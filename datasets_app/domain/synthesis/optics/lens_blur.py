"""Spreads layers of known depth the way a lens does: each by its own circle, far to near.

A background is continued behind the subject before, so that blur never takes light from what
stands in front, nor gives any to it. Coverage is spread together with the light that it carries:
that is why the layers still recompose, whatever the circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.light import LinearFrame
from datasets_app.domain.synthesis.geometry.placement import Box
from datasets_app.domain.synthesis.optics.lens import Aperture, Lens

Floats = npt.NDArray[np.float32]
Marks = npt.NDArray[np.uint8]

# A narrower circle than this is smaller than a pixel.
_SHARP = 1.05
# Wider circles are spread at half the size, where nothing of their shape is lost.
_HALVED = 9.0
# Slices lie this many pixels of circle apart, unless that made more than so many.
_STEP = 1.0
_SLICES = 8
# A row per channel: nothing of the colours, less coverage, plus one.
_REST = np.array([[0, 0, 0, -1, 1]] * 4, np.float32)
# Least coverage that a colour is divided out of.
_THIN = np.float32(1 / 512)
# Coverage that nothing is missing from.
_WHOLE = 1 - 1e-6
# Coverage up to which a background counts as known; below it fades.
_KNOWN = np.float32(1 / 16)


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """``light``: (H, W, 4) float32, colour times coverage, and coverage, 0..1. ``disparity``: one
    number for all of it, or (H, W) float32; 0 far, 1 near."""

    light: LinearFrame
    disparity: Floats | float


@dataclass(frozen=True, slots=True, eq=False)
class Focused:
    """What arrives on the sensor: alpha * foreground + (1 - alpha) * background, as light.

    ``foreground`` and ``background`` (H, W, 3), ``alpha`` (H, W), float32, 0..1.
    """

    foreground: Floats
    alpha: Floats
    background: Floats


def focused(subject: Surface, background: Surface, lens: Lens, focus: float) -> Focused:
    """Return both as the lens sees them, focused at disparity ``focus``.

    ``background`` covers the frame. What of it is nearer than the subject lies before it.
    """
    sensor = _Sensor(subject.light.shape)
    slices = [*_cut(background, lens, focus), *_cut(subject, lens, focus, subject=True)]
    # Python's sort is stable: at equal depth the background stays behind the subject.
    for part in sorted(slices, key=lambda one: one.disparity):
        box = part.reach()
        if not box.empty:
            light = spread_light(part.light(box), part.diameter, lens.aperture)
            (sensor.add_subject if part.of_subject else sensor.add_background)(light, box)
    return sensor.develop()


def spread_light(light: Floats, diameter: float, aperture: Aperture) -> Floats:
    """Return (H, W, C) float32 ``light`` with every point spread over a circle, in pixels.

    The frame goes on beyond its border as it is there. A constant picture stays constant.
    """
    height, width = light.shape[:2]
    if diameter < _SHARP:
        return light
    if diameter > _HALVED and min(height, width) > 1:
        half = (max(1, width // 2), max(1, height // 2))
        small = cv2.resize(light, half, interpolation=cv2.INTER_AREA)
        small = spread_light(small, diameter / 2, aperture)
        large: Floats = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        return large
    if aperture == "gaussian":
        soft: Floats = cv2.GaussianBlur(
            light, (0, 0), diameter / 4, borderType=cv2.BORDER_REPLICATE
        )
        return soft
    disc: Floats = cv2.filter2D(light, -1, _disc(diameter), borderType=cv2.BORDER_REPLICATE)
    return disc


@dataclass(frozen=True, slots=True, eq=False)
class _Slice:
    """Part of a surface whose points share a circle. ``member``: where it is, None everywhere."""

    surface: Surface
    disparity: float
    diameter: float
    member: Marks | None
    of_subject: bool

    def reach(self) -> Box:
        """Return the pixels that its light can arrive at."""
        height, width = self.surface.light.shape[:2]
        where = self.member
        if where is None and self.of_subject:
            where = cv2.compare(self.surface.light[..., 3], 0, cv2.CMP_GT)
        if where is None:
            return Box(0, 0, width, height)
        left, top, across, down = cv2.boundingRect(where)
        if not across:
            return Box(0, 0, 0, 0)
        # Twice the radius: what is cut out must not repeat the slice at its own border.
        margin = int(self.diameter) + 3
        return Box(
            max(0, left - margin),
            max(0, top - margin),
            min(width, left + across + margin),
            min(height, top + down + margin),
        )

    def light(self, box: Box) -> Floats:
        """Return the light within ``box`` before it is spread."""
        whole: Floats = self.surface.light[box.slices]
        if self.member is None:
            return whole
        part: Floats = cv2.copyTo(whole, self.member[box.slices])
        return part


class _Sensor:
    """Collects spread slices, far to near."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._behind = np.zeros(shape, np.float32)
        self._caught = np.zeros(shape, np.float32)
        self._reach = Box(0, 0, 0, 0)
        # Light of the background that passes the subject; None as long as it is all behind it.
        self._passing: Floats | None = None
        self._subject_seen = False
        self._bare = True

    def add_background(self, light: Floats, box: Box) -> None:
        """Lay a slice of the background over everything so far."""
        part = box.slices
        if self._subject_seen and self._passing is None:
            self._complete(self._behind)
            self._passing = self._behind * (1 - self._caught[..., 3:])
        clear = _clear(light)
        if self._bare:
            self._behind[part] = light
            self._bare = False
        else:
            self._complete(self._behind[part])
            _lay(self._behind[part], clear, light)
        if self._passing is not None:
            _lay(self._passing[part], clear, light)
            self._caught[part] *= clear

    def add_subject(self, light: Floats, box: Box) -> None:
        """Lay a slice of the subject over everything so far."""
        part = box.slices
        clear = _clear(light)
        if self._subject_seen:
            _lay(self._caught[part], clear, light)
        else:
            self._caught[part] = light
        if self._passing is not None:
            self._passing[part] *= clear
        self._subject_seen = True
        self._reach = _union(self._reach, box)

    def develop(self) -> Focused:
        """Return what was collected, as pure colours and alpha."""
        self._complete(self._behind)
        background = cv2.cvtColor(self._behind, cv2.COLOR_RGBA2RGB)
        alpha: Floats = cv2.min(cv2.max(cv2.extractChannel(self._caught, 3), 0.0), 1.0)
        foreground = np.zeros_like(background)
        part = self._reach.slices
        if not self._reach.empty:
            caught = self._caught[part]
            share = cv2.max(cv2.extractChannel(caught, 3), float(_THIN))
            colours = cv2.cvtColor(caught, cv2.COLOR_RGBA2RGB)
            foreground[part] = cv2.divide(colours, cv2.cvtColor(share, cv2.COLOR_GRAY2RGB))
        if self._passing is not None:
            known = self._passing[..., 3:]
            np.divide(self._passing[..., :3], known, out=background, where=known > _THIN)
        return Focused(foreground, alpha, background)

    @staticmethod
    def _complete(light: Floats) -> None:
        """Let what is known of a background go on beneath what has hidden its neighbours."""
        coverage = cv2.extractChannel(light, 3)
        if cv2.minMaxLoc(coverage)[0] < _WHOLE:
            share = cv2.max(coverage, float(_KNOWN))
            cv2.divide(light, cv2.merge([share, share, share, share]), dst=light)


def _clear(light: Floats) -> Floats:
    """Return (H, W, 4): what the coverage of ``light`` leaves, in every channel."""
    clear: Floats = cv2.transform(light, _REST)
    return clear


def _lay(under: Floats, clear: Floats, light: Floats) -> None:
    """Let ``light`` cover what lies ``under``, in place."""
    cv2.multiply(under, clear, dst=under)
    cv2.add(under, light, dst=under)


def _union(one: Box, other: Box) -> Box:
    if one.empty:
        return other
    return Box(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )


def _cut(surface: Surface, lens: Lens, focus: float, *, subject: bool = False) -> list[_Slice]:
    """Cut a surface where its circle changes by a step."""
    if not isinstance(surface.disparity, np.ndarray):
        diameter = float(lens.spread(surface.disparity, focus))
        return [_Slice(surface, surface.disparity, diameter, None, subject)]
    spread = lens.spread(surface.disparity, focus)
    signed = np.copysign(spread, surface.disparity - np.float32(focus))
    if subject:
        signed = np.where(surface.light[..., 3] > 0, signed, signed.max())
    step = max(_STEP, float(signed.max() - signed.min()) / _SLICES)
    signed /= np.float32(step)
    numbers = np.rint(signed, out=signed).astype(np.int16)
    return [
        _Slice(
            surface,
            disparity=focus + number * step / max(lens.strength, 1e-6),
            diameter=abs(number) * step,
            member=_member(surface, numbers, number, abs(number) * step, subject),
            of_subject=subject,
        )
        for number in range(int(numbers.min()), int(numbers.max()) + 1)
    ]


def _member(
    surface: Surface, numbers: npt.NDArray[np.int16], number: int, diameter: float, subject: bool
) -> Marks:
    """Return 255 where the slice is.

    It goes on beneath the next nearer one, and one of the subject beneath all of them inside the
    subject: else what lies behind would shine through where two slices meet.
    """
    member: Marks = cv2.inRange(numbers, number, number + 1)
    if not subject:
        return member
    nearer = cv2.inRange(numbers, number + 1, 32767)
    side = 2 * (int(diameter / 2) + 1) + 1
    solid = cv2.compare(surface.light[..., 3], 0.99, cv2.CMP_GT)
    inside = cv2.erode(solid, np.ones((side, side), np.uint8))
    cv2.bitwise_or(member, cv2.bitwise_and(nearer, inside), dst=member)
    return member


@lru_cache(maxsize=256)
def _disc(diameter: float) -> Floats:
    """Return the kernel of a disc, each pixel weighted by how much of it the disc covers."""
    reach = int(np.ceil(diameter / 2 - 0.5))
    fine = 8
    at = (np.arange((2 * reach + 1) * fine) + 0.5) / fine - reach - 0.5
    inside = (at[:, None] ** 2 + at[None, :] ** 2 <= (diameter / 2) ** 2).astype(np.float64)
    side = 2 * reach + 1
    cover = inside.reshape(side, fine, side, fine).mean(axis=(1, 3))
    kernel: Floats = (cover / cover.sum()).astype(np.float32)
    return kernel
