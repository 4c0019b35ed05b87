"""Cuts what stands before a lit screen out of it: soft alpha and colours free of the screen.

For a matte alone: ``chroma_masks(frames)`` yields one alpha 0..255 per frame, white is the object;
``find_screen(frames)`` of ``screen`` says beforehand whether there is a screen at all. For the
whole cut: ``Keyer(settings, screen).key(frame)``. Nothing here keeps anything from frame to frame
except ``held``, so that any frame can be computed alone.

Alpha comes first from the share of the screen's chroma in each pixel, compared with the bare
screen at that place; then, where it is neither 0 nor 1, from where the pixel lies between the
known screen and the object's colour nearby. The colour solves I = alpha F + (1 - alpha) screen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.synthesis.chroma.screen import (
    ScreenColour,
    chroma,
    find_screen,
    screen_plate,
    screen_share,
)
from datasets_app.domain.synthesis.compositing.plate_fill import filled
from matteweb.errors import BadInput

Floats = npt.NDArray[np.float32]

_LOOK = 8
_SURE = 0.98
# Edge pixels that are looked at again even where they seemed solid.
_BAND = np.ones((5, 5), np.uint8)
# Squared distance of object and screen, of 255, below which their mixture tells nothing.
_TELLING = 40.0**2


@dataclass(frozen=True, slots=True)
class KeySettings:
    """How to cut; all shares are 0..1.

    ``tolerance``: how far, from the screen's own chroma towards grey, still counts as bare screen.
    ``softness``: over how much more of it alpha rises to 1. ``spill``: how much of the screen's
    light on the object is taken away. ``refine``: whether the soft band is solved for.
    ``specks``, ``holes``: islands of object and of screen up to that share of the frame vanish.
    ``left``, ``top``, ``right``, ``bottom``: garbage matte, shares of the frame that are cut away.
    """

    tolerance: float = 0.12
    softness: float = 0.8
    spill: float = 1.0
    refine: bool = True
    specks: float = 0.0005
    holes: float = 0.002
    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


@dataclass(frozen=True, slots=True)
class Keyed:
    """One frame: (H, W) ``alpha``, and (H, W, 3) ``foreground``, which goes on beyond the object as
    it is at its edge: whoever estimates or resizes colours there finds no screen and no black."""

    alpha: GrayFrame
    foreground: RgbFrame


def chroma_masks(
    frames: Iterable[RgbFrame],
    screen: ScreenColour | None = None,
    settings: KeySettings | None = None,
) -> Iterator[GrayFrame]:
    """Yield the alpha of each frame; without ``screen`` it is found in the first frames.

    Raises BadInput when no screen is found there.
    """
    coming = iter(frames)
    first = list(islice(coming, _LOOK))
    keyer = Keyer(settings or KeySettings(), screen or require_screen(first, "these frames"))
    for frame in chain(first, coming):
        yield keyer.alpha(frame)


def require_screen(frames: Iterable[RgbFrame], name: str) -> ScreenColour:
    """Return the colour of the screen in ``frames`` of ``name``. Raises BadInput without one."""
    found = find_screen(frames)
    if found is None:
        raise BadInput(
            f"{name} shows no green or blue screen",
            hint="pick the colour of the screen by hand, or choose other clips",
        )
    return found


class Keyer:
    """Keys frames of one screen, each by itself."""

    def __init__(self, settings: KeySettings, screen: ScreenColour) -> None:
        """Raises BadInput when the screen's colour is too near to grey."""
        if not screen.saturated:
            raise BadInput(
                f"a screen of {screen} is too near to grey to be keyed",
                hint="pick the colour on the lit screen itself",
            )
        self._settings, self._screen = settings, screen

    def alpha(self, frame: RgbFrame) -> GrayFrame:
        """Return the (H, W) alpha of ``frame``; 255 is the object."""
        return _to_bytes(self._alpha(frame, screen_plate(frame, self._screen)))

    def key(self, frame: RgbFrame, alpha: GrayFrame | None = None) -> Keyed:
        """Return alpha and foreground; ``alpha`` replaces the frame's own, e.g. a held one."""
        plate = screen_plate(frame, self._screen)
        if alpha is None:
            alpha = _to_bytes(self._alpha(frame, plate))
        colours = _unmixed(frame, plate, alpha)
        clean = _without_spill(colours, self._screen, self._settings.spill)
        return Keyed(alpha, _continued(clean, alpha))

    def _alpha(self, frame: RgbFrame, plate: Floats) -> Floats:
        settings = self._settings
        share = screen_share(frame, np.stack(chroma(plate), axis=-1))
        soft = np.clip((1 - settings.tolerance - share) / max(settings.softness, 1e-3), 0, 1)
        cleaned = _cleaned(soft.astype(np.float32), settings)
        if settings.refine:
            cleaned = _refined(frame, plate, cleaned)
        _cut_away(cleaned, settings)
        return cleaned


def held(
    pairs: Iterable[tuple[RgbFrame, GrayFrame]], radius: int, tolerance: float = 6.0
) -> Iterator[tuple[RgbFrame, GrayFrame]]:
    """Yield each picture with its alpha, the mean over ``radius`` frames to both sides of those
    that look alike.

    A pixel of a neighbour counts by exp(-(difference / ``tolerance``)^2), the difference of the
    pictures being the largest of the channels, of 255, blurred against noise. So a resting edge
    holds still and a moving one is not smeared. Memory: 2 ``radius`` + 1 frames.
    """
    window: deque[_Held] = deque(maxlen=2 * radius + 1)
    for number, (picture, alpha) in enumerate(pairs):
        window.append(_Held(number, picture, alpha))
        if number >= radius:
            yield _held_at(window, number - radius, radius, tolerance)
    last = window[-1].number if window else -1
    for number in range(max(0, last - radius + 1), last + 1):
        yield _held_at(window, number, radius, tolerance)


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    number: int
    picture: RgbFrame
    alpha: GrayFrame


def _held_at(
    window: deque[_Held], number: int, radius: int, tolerance: float
) -> tuple[RgbFrame, GrayFrame]:
    centre = next(one for one in window if one.number == number)
    near = [one for one in window if 0 < abs(one.number - number) <= radius]
    if not near:
        return centre.picture, centre.alpha
    own = cv2.GaussianBlur(centre.picture, (0, 0), 1.2)
    total = centre.alpha.astype(np.float32)
    weights = np.ones_like(total)
    for one in near:
        differ = cv2.absdiff(own, cv2.GaussianBlur(one.picture, (0, 0), 1.2)).max(axis=2)
        weight = np.exp(-((differ.astype(np.float32) / np.float32(tolerance)) ** 2))
        total += weight * one.alpha
        weights += weight
    mean: GrayFrame = np.rint(total / weights).astype(np.uint8)
    return centre.picture, mean


def _cleaned(alpha: Floats, settings: KeySettings) -> Floats:
    """Return alpha without small islands of object, and without small holes in it."""
    area = alpha.size
    object_ = (alpha > 0.5).astype(np.uint8)
    cleaned = alpha.copy()
    cleaned[_small_islands(object_, settings.specks * area)] = 0
    cleaned[_small_islands(1 - object_, settings.holes * area)] = 1
    return cleaned


def _small_islands(marked: GrayFrame, most: float) -> npt.NDArray[np.bool_]:
    """Return where (H, W) ``marked`` {0, 1} has connected parts of at most ``most`` pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] <= most
    small[0] = False
    found: npt.NDArray[np.bool_] = small[labels]
    return found


def _refined(frame: RgbFrame, plate: Floats, alpha: Floats) -> Floats:
    """Solve alpha where it is soft: the pixel's place between the screen and the object's colour.

    The object's colour is continued from where alpha is sure; the projection is that of Chuang
    et al., "A Bayesian Approach to Digital Matting", CVPR 2001, equation 10, with known B.
    """
    inside = (alpha >= _SURE).astype(np.uint8)
    sure = cv2.erode(inside, _BAND).astype(np.float32)
    # An object whose hue lies across from the screen's looks solid before it is.
    band = (alpha > 1 - _SURE) & (sure == 0) & (cv2.erode(inside, _BAND, iterations=3) == 0)
    if not band.any() or not sure.any():
        return alpha
    pixels = frame.astype(np.float32)
    colour = cv2.GaussianBlur(filled(pixels, sure), (0, 0), 1.5)[band]
    behind = plate[band]
    reach = colour - behind
    square = (reach * reach).sum(axis=1)
    place = ((pixels[band] - behind) * reach).sum(axis=1) / np.maximum(square, 1)
    trust = np.clip(square / np.float32(_TELLING) - 1, 0, 1)
    refined = alpha.copy()
    refined[band] += trust * (np.clip(place, 0, 1) - alpha[band])
    return refined


def _cut_away(alpha: Floats, settings: KeySettings) -> None:
    height, width = alpha.shape
    alpha[: round(settings.top * height)] = 0
    alpha[height - round(settings.bottom * height) :] = 0
    alpha[:, : round(settings.left * width)] = 0
    alpha[:, width - round(settings.right * width) :] = 0


def _unmixed(frame: RgbFrame, plate: Floats, alpha: GrayFrame) -> RgbFrame:
    """Return F of I = alpha F + (1 - alpha) plate; where alpha is 255 the frame itself."""
    band = (alpha > 0) & (alpha < 255)
    unmixed = frame.copy()
    share = alpha[band].astype(np.float32)[:, None] / 255
    solved = (frame[band] - (1 - share) * plate[band]) / share
    unmixed[band] = np.rint(np.clip(solved, 0, 255)).astype(np.uint8)
    return unmixed


def _continued(colours: RgbFrame, alpha: GrayFrame) -> RgbFrame:
    """Return ``colours`` where alpha is above 0, and around them what is at the edge."""
    known = (alpha > 0).astype(np.float32)
    spread: RgbFrame = np.rint(filled(colours.astype(np.float32), known)).astype(np.uint8)
    return spread


def _without_spill(colours: RgbFrame, screen: ScreenColour, amount: float) -> RgbFrame:
    """Return ``colours`` with chroma towards the screen's cut to what stands across it.

    Luma stays, so that a face beside the screen does not turn dark.
    """
    if not amount:
        return colours
    key = np.array(screen.chroma, np.float32)
    key /= np.hypot(*key)
    values = colours.astype(np.float32)
    blue, red = chroma(values)
    along = blue * key[0] + red * key[1]
    across = np.abs(red * key[0] - blue * key[1])
    excess = np.maximum(along - across * np.float32(0.25), 0) * np.float32(amount)
    blue_change, red_change = excess * key[0] / 0.564, excess * key[1] / 0.713
    # Luma is a sum of all three: what blue and red lose, green takes with its own weight.
    green_change = -(0.299 * red_change + 0.114 * blue_change) / 0.587
    changed = values - np.stack([red_change, green_change, blue_change], axis=-1)
    cleaned: RgbFrame = np.rint(np.clip(changed, 0, 255)).astype(np.uint8)
    return cleaned


def _to_bytes(alpha: Floats) -> GrayFrame:
    stored: GrayFrame = np.rint(alpha * 255).astype(np.uint8)
    return stored
