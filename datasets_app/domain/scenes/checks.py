"""What a machine can tell about a rendered scene before a person looks at it.

Each check answers with one sentence, so that a draw that fails leaves a reason behind. All figures
are shares of the picture, 0..1, over the frames seen so far; memory does not grow with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.quality.standing_out import stands_out

SEEN_SHARE = 0.005
"""A frame shows the removed objects when they cover this much of it."""
THINGS_IN_DUSK = 0.02
"""In low light all things in view together cover this much: a small one alone is lost in it."""
SEEN_FRAMES = 0.2
TOO_LARGE = 0.8
EFFECT_LEVELS = 2
"""Full and removed differ where a channel differs by more than this, of 255."""
LEAST_EFFECT = 0.001
FAINT = 12.0
"""Levels, mean over the removed objects: what is closer to its background hardly stands out."""
FAINT_IN_DUSK = 1.8
"""Levels of brightness times the root of the share that the removed objects cover: what is smaller
needs more contrast to be found (Piper's law), and in low light no eye tells it by its hue."""
GLARE_LEVEL = 220
GLARE_STEP = 80
GLARE = 0.03
"""Of a frame: more that is nearly white, and so many levels above the median, is no floor or wall:
the sun's mirror image hides what it lies on."""
BLACK = 3.0
LOW_LIGHT_BLACK = 1.0
FIREFLY_LEVELS = 110
FIREFLY_PIXELS = 2
"""A glint on an edge is as bright, but hangs together."""
FIREFLIES = 6


def effect_of(full: RgbFrame, removed: RgbFrame) -> GrayFrame:
    """Return 255 where an (H, W, 3) pair differs: the object, its shadow, its reflection."""
    difference = cv2.absdiff(full, removed).max(axis=2)
    found: GrayFrame = np.where(difference > EFFECT_LEVELS, 255, 0).astype(np.uint8)
    return found


def complaint_before(facts: dict[str, Any], expected: tuple[str, ...]) -> str:
    """Return what the simulation gives reason to refuse, or "" when it may be rendered.

    ``facts``: what the renderer says after it has simulated; ``expected``: names to be removed.
    """
    if facts["overlaps"]:
        return "objects cut into each other"
    if facts["inside"]:
        return "an object flies through the camera"
    if facts["lowest"] < 0:
        return "an object fell through the ground"
    if tuple(facts["removed"]) != expected:
        return "another object lies on one that is removed"
    return ""


@dataclass(slots=True)
class SceneChecks:
    """Adds up figures frame by frame; ``complaint`` judges them at the end."""

    low_light: bool
    frames: int = 0
    seen: int = 0
    largest: float = 0.0
    effect: float = 0.0
    contrast: float = 0.0
    standing: float = 0.0
    glare: float = 0.0
    darkest: float = 255.0
    fireflies: int = 0

    def add(
        self,
        full: RgbFrame,
        removed: RgbFrame,
        gone: GrayFrame,
        kept: GrayFrame,
        effect: GrayFrame,
    ) -> None:
        """See one frame; ``gone`` is above 0 where a removed object is in front, ``kept`` where
        another one is."""
        covered = cv2.countNonZero(gone) / gone.size
        things = covered + cv2.countNonZero(kept) / kept.size
        self.frames += 1
        self.seen += covered >= SEEN_SHARE and (not self.low_light or things >= THINGS_IN_DUSK)
        self.largest = max(self.largest, covered)
        beyond = cv2.countNonZero(cv2.bitwise_and(effect, cv2.bitwise_not(_grown(gone))))
        self.effect += beyond / gone.size
        if covered:
            step = cv2.absdiff(full, removed).max(axis=2)
            self.contrast = max(self.contrast, cv2.mean(step, mask=gone)[0])
            self.standing = max(self.standing, stands_out(full, removed, gone) * sqrt(covered))
        self.glare = max(self.glare, _glare(full), _glare(removed))
        self.darkest = min(self.darkest, float(full.mean()))
        self.fireflies = max(self.fireflies, _fireflies(full), _fireflies(removed))

    def figures(self) -> dict[str, float]:
        """Return the figures by name."""
        count = max(1, self.frames)
        return {
            "seen": round(self.seen / count, 4),
            "largest": round(self.largest, 4),
            "effect": round(self.effect / count, 5),
            "contrast": round(self.contrast, 2),
            "standing": round(self.standing, 2),
            "glare": round(self.glare, 4),
            "darkest": round(self.darkest, 2),
            "fireflies": self.fireflies,
        }

    def complaint(self) -> str:
        """Return the first thing that is wrong with the frames seen, or ""."""
        figures = self.figures()
        if figures["seen"] < SEEN_FRAMES:
            return (
                "the removed objects are large enough to be seen in only "
                f"{figures['seen']:.0%} of the frames"
            )
        if figures["largest"] > TOO_LARGE:
            return f"the removed objects cover {figures['largest']:.0%} of a frame"
        if figures["effect"] < LEAST_EFFECT:
            return "the removed objects cast neither shadow nor reflection"
        faint = self.low_light and figures["standing"] < FAINT_IN_DUSK
        if faint or figures["contrast"] < FAINT:
            return "the removed objects hardly stand out"
        if figures["glare"] > GLARE:
            return f"glare burns out {figures['glare']:.0%} of a frame"
        if figures["darkest"] < (LOW_LIGHT_BLACK if self.low_light else BLACK):
            return "a frame is black"
        if figures["fireflies"] > FIREFLIES:
            return f"{self.fireflies} bright specks in a frame"
        return ""


def _grown(gone: GrayFrame) -> GrayFrame:
    """The rim of an object is mixed with what is behind it: two pixels are no effect."""
    grown: GrayFrame = cv2.dilate(np.where(gone > 0, 255, 0).astype(np.uint8), np.ones((5, 5)))
    return grown


def _glare(picture: RgbFrame) -> float:
    """Return how much of a picture is nearly white where the rest is not."""
    dimmest = picture.min(axis=2)
    burnt = dimmest >= max(GLARE_LEVEL, float(np.median(dimmest)) + GLARE_STEP)
    return float(burnt.mean())


def _fireflies(picture: RgbFrame) -> int:
    """Count the spots of one or two pixels that are far brighter than the median around them."""
    excess = cv2.subtract(picture, cv2.medianBlur(picture, 3)).max(axis=2)
    bright = (excess > FIREFLY_LEVELS).astype(np.uint8)
    if not bright.any():
        return 0
    _, _, spots, _ = cv2.connectedComponentsWithStats(bright, connectivity=8)
    sizes = spots[1:, cv2.CC_STAT_AREA]
    return int((sizes <= FIREFLY_PIXELS).sum())
