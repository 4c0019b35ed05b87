"""Drawing a scene: where things are, how they move, what lights them and who looks on.

After the Kubric category of the Casper training data (Lee et al., CVPR 2025; Greff et al., CVPR
2022), with its geometry put right: the sun always stands above the horizon, walls face the
camera, objects never start inside each other, and nothing is removed twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datasets_app.domain.scenes.description import (
    Camera,
    Point,
    Scene,
    SceneFile,
    SceneObject,
    Shape,
    ShapeKind,
    Sky,
    Sun,
    Surface,
    Wall,
    rounded,
)
from datasets_app.domain.scenes.look import (
    draw_ground,
    draw_smoke,
    draw_surface,
    draw_wall_surface,
    furry,
)

KINDS: tuple[ShapeKind, ...] = ("sphere", "cube", "cylinder", "cone", "torus", "blob")
SPREAD = 3.5
"""Metres from the centre within which things start."""
PLACE_TRIES = 60
REACH = 0.87
"""Of its longest side, what a cube reaches from its centre however it is turned: sqrt(3) / 2."""


@dataclass(frozen=True, slots=True)
class SceneRule:
    """The ranges from which a scene is drawn: metres, degrees, chances 0..1."""

    width: int
    height: int
    frames: int
    fps: int
    samples: int
    objects: tuple[int, int]
    size: tuple[float, float]
    resting: float
    alike: float
    wall: float
    mirror: float
    low_light: float
    elevation: tuple[float, float]
    path: float
    focal: tuple[float, float]
    fur: float = 0.0
    smoke: float = 0.0
    shutter: float = 0.0


@dataclass(frozen=True, slots=True)
class Stock:
    """Files of the project that a scene may use, and how often it does, 0..1. Nothing is drawn
    for what is not there, so that a project without files has the scenes that it always had."""

    models: tuple[SceneFile, ...] = ()
    model_share: float = 0.0
    lights: tuple[SceneFile, ...] = ()
    light_share: float = 0.0

    def model(self, rng: np.random.Generator) -> Shape | None:
        """Return a model as the shape of an object, or None for a shape of our own."""
        file = _drawn_file(self.models, self.model_share, rng)
        return None if file is None else Shape(kind="model", file=file)

    def light(self, sky: Sky, rng: np.random.Generator) -> Sky:
        """Return ``sky``, or one of the project's pictures in its place."""
        file = _drawn_file(self.lights, self.light_share, rng)
        if file is None:
            return sky
        return sky.model_copy(update={"file": file, "turn": rounded(rng.uniform(0, 360))})


def _drawn_file(
    files: tuple[SceneFile, ...], share: float, rng: np.random.Generator
) -> SceneFile | None:
    if not files or not share or rng.random() >= share:
        return None
    return files[int(rng.integers(len(files)))]


EMPTY_STOCK = Stock()


def draw_scene(
    rule: SceneRule, rng: np.random.Generator, stock: Stock = EMPTY_STOCK
) -> Scene | str:
    """Return a scene, or in one sentence why this draw gives none."""
    low_light = bool(rng.random() < rule.low_light)
    objects = _draw_objects(rule, stock, rng)
    if objects is None:
        return "the objects found no place beside each other"
    camera = _draw_camera(rule, rng)
    if _closest(camera, objects) < 0.5:
        return "the camera would pass through an object"
    if not any(_in_view(camera, thing) for thing in objects if thing.removed):
        return "no removed object would be seen"
    walls = (_draw_wall(camera, rng),) if rng.random() < rule.wall else ()
    return Scene(
        width=rule.width,
        height=rule.height,
        frames=rule.frames,
        fps_num=rule.fps,
        fps_den=1,
        samples=rule.samples,
        seed=int(rng.integers(2**31)),
        low_light=low_light,
        objects=objects,
        ground=draw_ground(rng, mirror=bool(rng.random() < rule.mirror)),
        walls=walls,
        sky=stock.light(_draw_sky(rng, low_light), rng),
        sun=_draw_sun(rule, rng, low_light),
        camera=camera,
    )


def focused(scene: Scene, blur: float) -> Scene:
    """Return the scene with its camera focused on the object that is nearest to its start, and far
    points that spread over ``blur`` of the picture's width. Draws nothing."""
    camera = scene.camera
    forward = np.subtract(camera.look_start, camera.start)
    forward /= np.linalg.norm(forward)
    far = [float(np.subtract(thing.location, camera.start) @ forward) for thing in scene.objects]
    focus = min((one for one in far if one > 1), default=float(np.linalg.norm(camera.start)))
    lens = camera.model_copy(update={"focus": rounded(focus), "blur": blur})
    return scene.model_copy(update={"camera": lens})


def _draw_objects(
    rule: SceneRule, stock: Stock, rng: np.random.Generator
) -> tuple[SceneObject, ...] | None:
    """Place objects one after the other where they touch none of the others.

    Each has a ball of its own: as wide as its longest side, wherever it is turned to. Resting
    objects keep that distance on the ground too, so that none falls on another.
    """
    count = int(rng.integers(rule.objects[0], rule.objects[1] + 1))
    gone = set(rng.choice(count, size=int(rng.integers(1, count + 1)), replace=False).tolist())
    alike = (stock.model(rng) or _draw_shape(rng)) if rng.random() < rule.alike else None
    things: list[SceneObject] = []
    for number in range(count):
        shape = alike or stock.model(rng) or _draw_shape(rng)
        size = rounded(rng.uniform(*rule.size))
        rests = bool(rng.random() < rule.resting)
        place = _free_place(things, size, rests, rng)
        if place is None:
            return None
        shape, surface = _with_fur(rule.fur, shape, draw_surface(rng), rng)
        thing = SceneObject(
            name=f"object-{number + 1}",
            shape=shape,
            surface=surface,
            size=size,
            location=place,
            rotation=_draw_rotation(rng),
            velocity=(0.0, 0.0, 0.0) if rests else _draw_velocity(place, rng),
            rests=rests,
            removed=number in gone,
        )
        smokes = rule.smoke > 0 and rng.random() < rule.smoke
        things.append(_smoke(thing, rng) if smokes else thing)
    return tuple(things)


def _smoke(thing: SceneObject, rng: np.random.Generator) -> SceneObject:
    """Return a cloud of smoke in the place of a thing, which drifts instead of falling."""
    shape = Shape(
        kind="smoke",
        seed=int(rng.integers(2**31)),
        bumps=rounded(rng.uniform(1.5, 3.5)),
        depth=rounded(rng.uniform(4.0, 12.0)),
    )
    drift = _point((*rng.uniform(-0.5, 0.5, 2), rng.uniform(0.0, 0.3)))
    words = {"shape": shape, "surface": draw_smoke(rng), "velocity": drift, "rests": False}
    return thing.model_copy(update=words)


def _draw_shape(rng: np.random.Generator) -> Shape:
    kind = KINDS[int(rng.integers(len(KINDS)))]
    if kind == "blob":
        return Shape(
            kind=kind,
            seed=int(rng.integers(2**31)),
            bumps=rounded(rng.uniform(0.8, 2.2)),
            depth=rounded(rng.uniform(0.2, 0.5)),
        )
    aspect = (1.0, 1.0, 1.0) if kind in {"sphere", "torus"} else _point(rng.uniform(0.5, 1.0, 3))
    return Shape(kind=kind, aspect=aspect)


def _with_fur(
    chance: float, shape: Shape, surface: Surface, rng: np.random.Generator
) -> tuple[Shape, Surface]:
    """Return shape and surface, or both with fur; models bring surfaces of their own. Draws nothing
    where no fur is wanted."""
    if not chance or shape.kind == "model" or rng.random() >= chance:
        return shape, surface
    length = rounded(rng.uniform(0.06, 0.16))
    seed = shape.seed or int(rng.integers(2**31))
    return shape.model_copy(update={"fur": length, "seed": seed}), furry(surface)


def _free_place(
    things: list[SceneObject], size: float, rests: bool, rng: np.random.Generator
) -> Point | None:
    """Return a place whose ball is free."""
    reach = REACH * size
    for _ in range(PLACE_TRIES):
        angle, distance = rng.uniform(0, 2 * np.pi), SPREAD * np.sqrt(rng.random())
        height = reach + (0.05 if rests else rng.uniform(0.3, 2.0))
        place = _point((distance * np.cos(angle), distance * np.sin(angle), height))
        if all(_apart(place, rests, other) > reach + REACH * other.size for other in things):
            return place
    return None


def _apart(place: Point, rests: bool, other: SceneObject) -> float:
    used = 2 if rests and other.rests else 3
    return float(np.linalg.norm(np.subtract(place, other.location)[:used]))


def _draw_rotation(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Return a quaternion, w first, evenly over all rotations."""
    turn = rng.normal(size=4)
    w, x, y, z = (rounded(part) for part in turn / np.linalg.norm(turn))
    return w, x, y, z


def _draw_velocity(place: Point, rng: np.random.Generator) -> Point:
    """Return a throw that tends to the centre, as Kubric's does."""
    return _point(rng.uniform(-3, 3, 3) - (0.6 * place[0], 0.6 * place[1], 0.0))


def _draw_camera(rule: SceneRule, rng: np.random.Generator) -> Camera:
    start = _shell_point(rng)
    way = rng.normal(size=3)
    end = np.asarray(start) + way / np.linalg.norm(way) * rng.uniform(0, rule.path)
    end[2] = max(0.6, end[2])
    looks = [_point((*rng.uniform(-0.8, 0.8, 2), rng.uniform(0.2, 1.2))) for _ in range(2)]
    return Camera(
        start=start,
        end=_point(end),
        look_start=looks[0],
        look_end=looks[1],
        focal=rounded(rng.uniform(*rule.focal)),
        shutter=rule.shutter,
    )


def _shell_point(rng: np.random.Generator) -> Point:
    """Return a point 6 to 11 m away, 6 to 50 degrees above the ground."""
    distance = np.cbrt(rng.uniform(6**3, 11**3))
    around, high = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(6, 50))
    flat = distance * np.cos(high)
    return _point((flat * np.cos(around), flat * np.sin(around), distance * np.sin(high)))


def _closest(camera: Camera, objects: tuple[SceneObject, ...]) -> float:
    """Return the free distance between the camera's path and any object's ball at its start."""
    path = np.linspace(camera.start, camera.end, 9)
    return min(
        float(np.linalg.norm(path - thing.location, axis=1).min()) - REACH * thing.size
        for thing in objects
    )


def _in_view(camera: Camera, thing: SceneObject) -> bool:
    """Whether the object's start lies within the picture at the camera's start."""
    forward = np.subtract(camera.look_start, camera.start)
    forward /= np.linalg.norm(forward)
    place = (
        thing.location[0],
        thing.location[1],
        thing.size / 2 if thing.rests else thing.location[2],
    )
    ray = np.subtract(place, camera.start)
    along = float(ray @ forward)
    aside = float(np.linalg.norm(ray - along * forward))
    return along > 0 and aside / along < 16 / camera.focal * 0.9


def _draw_wall(camera: Camera, rng: np.random.Generator) -> Wall:
    """Return a wall behind the things, as the camera sees them, that faces the camera."""
    towards = np.asarray(camera.start[:2])
    away = -towards / np.linalg.norm(towards)
    turn = np.radians(rng.uniform(-20, 20))
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    place = spin @ away * rng.uniform(6.5, 9.0)
    return Wall(
        location=(rounded(place[0]), rounded(place[1])),
        towards=(rounded(towards[0]), rounded(towards[1])),
        width=rounded(rng.uniform(14, 26)),
        height=rounded(rng.uniform(3, 7)),
        surface=draw_wall_surface(rng),
    )


def _draw_sky(rng: np.random.Generator, low_light: bool) -> Sky:
    warm = rng.random()
    horizon = _point((0.6 + 0.35 * warm, 0.65 + 0.1 * warm, 0.9 - 0.35 * warm))
    zenith = _point((0.12 + 0.1 * warm, 0.25, 0.55 + 0.3 * rng.random()))
    strength = rng.uniform(0.06, 0.15) if low_light else rng.uniform(0.3, 0.7)
    return Sky(horizon=horizon, zenith=zenith, strength=rounded(strength))


def _draw_sun(rule: SceneRule, rng: np.random.Generator, low_light: bool) -> Sun:
    """Return a sun above the horizon; in low light it stands between 5 and 15 degrees."""
    elevation = rng.uniform(5, 15) if low_light else rng.uniform(*rule.elevation)
    warmth = 1 - elevation / 90
    return Sun(
        elevation=rounded(elevation),
        azimuth=rounded(rng.uniform(0, 360)),
        angle=rounded(rng.uniform(0.5, 4.0)),
        strength=rounded(rng.uniform(0.8, 1.8) if low_light else rng.uniform(3.0, 5.0)),
        color=_point((1.0, 1 - 0.25 * warmth, 1 - 0.5 * warmth)),
    )


def _point(values: object) -> Point:
    x, y, z = (rounded(value) for value in np.asarray(values, dtype=float))
    return x, y, z
