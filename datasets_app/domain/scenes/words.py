"""A caption out of the scene's own description: what is left when the removed objects are gone."""

from __future__ import annotations

from collections import Counter

import numpy as np

from datasets_app.domain.scenes.description import Camera, Scene, SceneObject

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SHAPES = {"blob": "boulder", "torus": "ring"}


def caption_of(scene: Scene) -> str:
    """Return one sentence on the clean video, at most 75 words: things, ground, light, camera."""
    things = [thing for thing in scene.objects if not thing.removed]
    start = f"{_things(things)} {_verb(things)} on" if things else ""
    ground = _article(scene.ground.finish if things else f"empty {scene.ground.finish}")
    behind = f" before {_article(scene.walls[0].surface.finish)}" if scene.walls else ""
    text = f"{start} {ground}{behind} under {_light(scene)}{_camera(scene.camera)}.".strip()
    return text[0].upper() + text[1:]


def _things(things: list[SceneObject]) -> str:
    counted = Counter(
        f"{thing.surface.finish} {_SHAPES.get(thing.shape.kind, thing.shape.kind)}"
        for thing in things
    )
    named = [
        _article(words) if count == 1 else f"{_number(count)} {words}s"
        for words, count in counted.items()
    ]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _verb(things: list[SceneObject]) -> str:
    resting = [thing.rests for thing in things]
    one = len(things) == 1
    if all(resting):
        return "rests" if one else "rest"
    if not any(resting):
        return "tumbles" if one else "tumble"
    return "rest and tumble"


def _light(scene: Scene) -> str:
    if scene.low_light:
        return "a dim sky with a low sun"
    height = "low" if scene.sun.elevation < 30 else "high" if scene.sun.elevation > 60 else "bright"
    return f"a {height} sun"


def _camera(camera: Camera) -> str:
    way = np.subtract(camera.end, camera.start)
    if float(np.linalg.norm(way)) < 0.25:
        return " while the camera stands still"
    forward = np.subtract(camera.look_start, camera.start)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 0, 1))
    parts = {
        "moves closer": float(way @ forward),
        "draws back": -float(way @ forward),
        "slides to the right": float(way @ right),
        "slides to the left": -float(way @ right),
        "rises": float(way[2]),
        "sinks": -float(way[2]),
    }
    return f" while the camera {max(parts, key=lambda words: parts[words])}"


def _article(words: str) -> str:
    if words.endswith("calm water"):
        return words
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)
