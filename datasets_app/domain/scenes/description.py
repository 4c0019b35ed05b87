"""A scene as plain data: everything that a renderer must know, and nothing that it could choose.

Metres and degrees; z points up and the ground is z = 0. Colours are linear, 0..1.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

Point: TypeAlias = tuple[float, float, float]
Colour: TypeAlias = tuple[float, float, float]
ShapeKind: TypeAlias = Literal[
    "sphere", "cube", "cylinder", "cone", "torus", "blob", "model", "smoke"
]
Pattern: TypeAlias = Literal["plain", "checker", "planks", "clouds", "cells", "stripes"]


def rounded(value: float) -> float:
    """Return ``value`` to a ten-thousandth: plans are read by people, and no eye sees finer."""
    return round(float(value), 4)


class Described(BaseModel):
    """Base of the parts: frozen, and unknown words are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SceneFile(Described):
    """A file that a scene is made with, found by digest: a 3D model or a picture of light.
    ``ending`` says what it is, ``name`` is for people."""

    digest: str
    ending: str
    name: str


class Shape(Described):
    """A mesh whose longest side is 1. ``aspect`` stretches it; ``file`` is that of a ``model``;
    ``fur`` is the length of its strands, in longest sides; ``seed`` places them, and the bumps of a
    ``blob``. ``smoke`` has no surface: it is as dense as ``depth`` says, per metre, and drifts."""

    kind: ShapeKind
    aspect: Point = (1.0, 1.0, 1.0)
    seed: int = 0
    bumps: float = 1.0
    depth: float = 0.0
    file: SceneFile | None = None
    fur: float = 0.0


class Surface(Described):
    """Inputs of a principled shader, each in the range that is physical; ``ripples`` 0..1 bend the
    normals as wind bends water."""

    finish: str
    color: Colour
    second: Colour = (0.0, 0.0, 0.0)
    pattern: Pattern = "plain"
    scale: float = 1.0
    metallic: float = 0.0
    roughness: float = 0.5
    ior: float = 1.45
    specular: float = 0.5
    transmission: float = 0.0
    coat: float = 0.0
    ripples: float = 0.0


class SceneObject(Described):
    """One thing in the scene; object i of the list has index i + 1 in the layer ``instances``;
    smoke, which has no surface, is not in it.

    ``size``: longest side in metres. ``rests``: it falls from where it hangs until it lies still,
    before the first frame. Otherwise it is thrown with ``velocity``, in metres per second.
    """

    name: str
    shape: Shape
    surface: Surface
    size: float
    location: Point
    rotation: tuple[float, float, float, float]
    velocity: Point
    rests: bool
    removed: bool


class Wall(Described):
    """An upright wall at ``location`` on the ground, facing the point ``towards``."""

    location: tuple[float, float]
    towards: tuple[float, float]
    width: float
    height: float
    surface: Surface


class Sky(Described):
    """Light from all around, from ``horizon`` to ``zenith``, or of a picture in ``file``, which is
    turned about the vertical by ``turn`` degrees."""

    horizon: Colour
    zenith: Colour
    strength: float
    file: SceneFile | None = None
    turn: float = 0.0


class Sun(Described):
    """A light at infinity, ``elevation`` above the horizon; ``angle`` is its apparent width."""

    elevation: float
    azimuth: float
    angle: float
    strength: float
    color: Colour


class Camera(Described):
    """It goes straight from ``start`` to ``end`` while it looks from one point to the other;
    ``focal`` in millimetres on a sensor 32 mm wide. The layer ``rgb_defocus`` is sharp at ``focus``
    metres, and far points spread over ``blur`` of the picture's width; all others are sharp.
    ``shutter``: of the time of a frame, how much the shutter is open, about its middle."""

    start: Point
    end: Point
    look_start: Point
    look_end: Point
    focal: float
    focus: float = 0.0
    blur: float = 0.0
    shutter: float = 0.0


class Scene(Described):
    """One scene of ``frames`` pictures. ``seed`` drives the renderer's sampling alone."""

    width: int
    height: int
    frames: int
    fps_num: int
    fps_den: int
    samples: int
    seed: int
    low_light: bool
    objects: tuple[SceneObject, ...]
    ground: Surface
    walls: tuple[Wall, ...]
    sky: Sky
    sun: Sun
    camera: Camera

    @property
    def removed(self) -> tuple[str, ...]:
        """Names of what is absent from ``rgb_removed``."""
        return tuple(thing.name for thing in self.objects if thing.removed)

    @property
    def soft(self) -> bool:
        """Whether a pixel can hold a part of an object that its first ray does not meet."""
        return self.camera.shutter > 0 or any(
            thing.shape.fur or thing.shape.kind == "smoke" for thing in self.objects
        )

    @property
    def files(self) -> tuple[SceneFile, ...]:
        """What must be there to render it, each file once."""
        used = (self.sky.file, *(thing.shape.file for thing in self.objects))
        return tuple(dict.fromkeys(file for file in used if file is not None))
