"""Words for the parts of a scene: things, where they are, how they move, light and camera.

Every choice between words that mean the same is made by a ``Chooser``, which is started from the
scene: one scene always gets the same words, and two alike scenes get different ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from datasets_app.domain.scenes.description import Camera, Scene, SceneObject, Surface

_T = TypeVar("_T")

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SHAPES = {"blob": "boulder", "torus": "ring", "sphere": "ball", "smoke": "smoke cloud"}
_PATTERNS = {
    "checker": "chequered",
    "clouds": "mottled",
    "cells": "speckled",
    "stripes": "striped",
    "planks": "panelled",
}
_SMALL, _LARGE = 1.0, 1.65
_SUBSTANCES = {"metal", "glass"}
_STILL = 0.25
"""Metres: a camera that goes less stands still."""
_AT_REST = (("rests", "rest"), ("lies still", "lie still"), ("sits", "sit"))
_ADRIFT = (("drifts", "drift"), ("hangs in the air", "hang in the air"))
_IN_FLIGHT = (("tumbles", "tumble"), ("flies", "fly"), ("is flung", "are flung"))


class Chooser:
    """Chooses among phrases that mean the same; the choices follow from the scene alone."""

    def __init__(self, scene: Scene) -> None:
        self._rng = np.random.default_rng(scene.seed)

    def one(self, phrases: Sequence[_T]) -> _T:
        """Return one of them."""
        return phrases[int(self._rng.integers(len(phrases)))]


@dataclass(frozen=True, slots=True)
class Gaze:
    """Where the camera looks at the start: directions in the world, and half its view's width."""

    place: np.ndarray
    forward: np.ndarray
    right: np.ndarray
    half: float

    @classmethod
    def of(cls, camera: Camera) -> Gaze:
        """Return the gaze of a camera, which never looks straight down."""
        place = np.asarray(camera.start, float)
        forward = np.subtract(camera.look_start, place)
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0, 0, 1))
        return cls(place, forward, right / np.linalg.norm(right), 16 / camera.focal)

    def across(self, thing: SceneObject) -> float:
        """Return where the thing starts in the picture: -1 at the left edge, 1 at the right."""
        ray = np.subtract(thing.location, self.place)
        return float(ray @ self.right / max(1e-6, float(ray @ self.forward)) / self.half)


def article(words: str) -> str:
    """Return ``words`` with "a" or "an" before them."""
    return f"{'an' if words[0].lower() in 'aeiou' else 'a'} {words}"


def number(count: int) -> str:
    """Return a count in words up to ten."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def plural(words: str) -> str:
    """Return ``words`` for more than one: "red balls", "oak boxes"."""
    return f"{words}es" if words.endswith(("s", "x", "z", "ch", "sh")) else f"{words}s"


def joined(parts: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def sentence(words: str) -> str:
    """Return ``words`` with a capital and a full stop."""
    return f"{words[0].upper()}{words[1:]}."


def thing_words(thing: SceneObject, *, sized: bool) -> str:
    """Return a thing without its article: "large glossy striped red ball", "red metal cube"."""
    words = [_size(thing)] if sized else []
    if thing.shape.file is not None:
        words.append(_plain(thing.shape.file.name))
    else:
        words += [_look(thing.surface), _SHAPES.get(thing.shape.kind, thing.shape.kind)]
    return " ".join(word for word in words if word)


def grouped(things: Sequence[SceneObject], *, sized: bool) -> str:
    """Return things as one list; those that look alike are counted."""
    counts: dict[str, int] = {}
    for thing in things:
        words = thing_words(thing, sized=sized)
        counts[words] = counts.get(words, 0) + 1
    return joined([_counted(words, count) for words, count in counts.items()])


def summed(things: Sequence[SceneObject]) -> str:
    """Return things as a number with what they share: "five objects of glass and metal"."""
    kinds = {thing.shape.kind for thing in things}
    kind = next(iter(kinds)) if len(kinds) == 1 and "model" not in kinds else ""
    noun = _SHAPES.get(kind, kind) or "object"
    substances = sorted({substance(thing) for thing in things})
    made = f" of {joined(substances)}" if all(substances) else ""
    return _counted(noun, len(things)) + made


def substance(thing: SceneObject) -> str:
    """Return what a thing is made of where that is seen: "metal", "glass", else ""."""
    return "" if thing.shape.file is not None else _substance(thing.surface)


def _substance(surface: Surface) -> str:
    last = surface.finish.split()[-1]
    return last if last in _SUBSTANCES else ""


def at_rest(chooser: Chooser, things: Sequence[SceneObject]) -> str:
    """Return a verb of lying still for so many things."""
    return chooser.one(_AT_REST)[len(things) > 1]


def drifts(chooser: Chooser, things: Sequence[SceneObject]) -> str:
    """Return a verb of what smoke does."""
    return chooser.one(_ADRIFT)[len(things) > 1]


def in_flight(chooser: Chooser, gaze: Gaze, things: Sequence[SceneObject]) -> str:
    """Return a verb of flying, with the direction that they have in common."""
    return chooser.one(_IN_FLIGHT)[len(things) > 1] + _heading(gaze, things)


def floor_words(scene: Scene) -> str:
    """Return the ground without its article; water has none."""
    return scene.ground.finish


def floor(scene: Scene, before: str = "") -> str:
    """Return the ground with its article, and ``before`` as its first adjective."""
    words = f"{before} {floor_words(scene)}".strip()
    return words if words.endswith("water") else article(words)


def wall(scene: Scene) -> str:
    """Return the wall behind with its article, or ""."""
    return article(scene.walls[0].surface.finish) if scene.walls else ""


def side_of(gaze: Gaze, thing: SceneObject) -> str:
    """Return on which side of the first frame a thing starts."""
    across = gaze.across(thing)
    if across < -0.3:
        return "on the left"
    return "on the right" if across > 0.3 else "near the middle"


def sun_side(scene: Scene, gaze: Gaze) -> str:
    """Return from where the sun shines, as the camera sees it."""
    around = np.radians(scene.sun.azimuth)
    place = np.array([np.cos(around), np.sin(around), 0.0])
    ahead, aside = float(place @ gaze.forward), float(place @ gaze.right)
    if abs(aside) > abs(ahead):
        return "from the right" if aside > 0 else "from the left"
    return "from behind the scene" if ahead > 0 else "from behind the camera"


def sun_height(scene: Scene) -> str:
    """Return how the sun stands: "low", "bright" or "high"."""
    if scene.low_light or scene.sun.elevation < 30:
        return "low"
    return "high" if scene.sun.elevation > 60 else "bright"


def camera_way(scene: Scene) -> str:
    """Return what the camera does most: "moves closer", or "" when it stands still."""
    camera = scene.camera
    way = np.subtract(camera.end, camera.start)
    if float(np.linalg.norm(way)) < _STILL:
        return ""
    gaze = Gaze.of(camera)
    parts = {
        "moves closer": float(way @ gaze.forward),
        "draws back": -float(way @ gaze.forward),
        "slides to the right": float(way @ gaze.right),
        "slides to the left": -float(way @ gaze.right),
        "rises": float(way[2]),
        "sinks": -float(way[2]),
    }
    return max(parts, key=lambda words: parts[words])


def camera_speed(scene: Scene) -> str:
    """Return how fast the camera goes: "slowly", "steadily" or "quickly"."""
    seconds = scene.frames * scene.fps_den / scene.fps_num
    way = np.subtract(scene.camera.end, scene.camera.start)
    speed = float(np.linalg.norm(way)) / max(seconds, 1e-6)
    return "slowly" if speed < 0.4 else "quickly" if speed > 1.5 else "steadily"


def _plain(name: str) -> str:
    """Return the name that a person gave a model, as words: "Oak_chair-02" is an oak chair."""
    words = [word for word in re.split(r"[^a-z]+", name.lower()) if word]
    return " ".join(words) or "model"


def _size(thing: SceneObject) -> str:
    return "small" if thing.size < _SMALL else "large" if thing.size > _LARGE else ""


def _look(surface: Surface) -> str:
    """Return how a surface looks; ``finish`` is a colour, "patterned" or not, and a family."""
    colour, *_, family = surface.finish.split()
    pattern = _PATTERNS.get(surface.pattern, "")
    if family == "smoke":
        return colour
    words = (colour, family) if family in _SUBSTANCES else (family, pattern, colour)
    return " ".join(word for word in words if word)


def _counted(words: str, count: int) -> str:
    return article(words) if count == 1 else f"{number(count)} {plural(words)}"


def _heading(gaze: Gaze, things: Sequence[SceneObject]) -> str:
    """Return where all of them go, or "" where they go apart."""
    ways = {_way(gaze, thing) for thing in things}
    return next(iter(ways)) if len(ways) == 1 else ""


def _way(gaze: Gaze, thing: SceneObject) -> str:
    velocity = np.asarray(thing.velocity, float)
    if velocity[2] > 1.5:
        return " upwards"
    aside, ahead = float(velocity @ gaze.right), float(velocity @ gaze.forward)
    if max(abs(aside), abs(ahead)) < 0.5:
        return ""
    if abs(aside) > abs(ahead):
        return " to the right" if aside > 0 else " to the left"
    return " away from the camera" if ahead > 0 else " towards the camera"
