"""Pictures of what scenes are made with: a model on a plain ground, a light unrolled.

The renderer makes them, as nothing else here opens such files. What it cannot read is told when the
file comes in, and not by every sample that it would have been drawn into.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.light import to_stored
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.scenes.description import (
    Camera,
    Scene,
    SceneFile,
    SceneObject,
    Shape,
    Sky,
    Sun,
    Surface,
)
from datasets_app.domain.scenes.renderer import render_events, scene_folder
from matteweb.errors import Unsupported

SIZE = FrameSize(320, 192)
SAMPLES = 8
_GREY = Surface(finish="plain floor", color=(0.45, 0.45, 0.45), roughness=0.9)
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
_MIDDLE = 0.18
_WHITE = 4.0
"""So many times the middle grey of the picture is white."""


def model_picture(file: SceneFile, path: Path, should_stop: ShouldStop) -> RgbFrame:
    """Return a picture of a 3D model that lies at ``path``, on the ground and under a sun.

    Raises NoRenderer, Unsupported when the model cannot be read, RendererEnded, OutOfMemory,
    Cancelled.
    """
    scene = _scene(Shape(kind="model", file=file))
    with scene_folder() as folder:
        written = _only_layer(scene, "rgb_full", folder, {file.digest: path}, should_stop)
        read = cv2.imread(str(written), cv2.IMREAD_COLOR_RGB)
    if read is None:
        raise Unsupported(f"the renderer left no picture of {file.name}")
    picture: RgbFrame = read.astype(np.uint8)
    return picture


def light_picture(file: SceneFile, path: Path, should_stop: ShouldStop) -> RgbFrame:
    """Return a picture of light that lies at ``path``, small and with its range made that of a
    screen. Raises as `model_picture`."""
    scene = _scene(Shape(kind="sphere"), file)
    with scene_folder() as folder:
        written = _only_layer(scene, "panorama", folder, {file.digest: path}, should_stop)
        return tone_mapped(np.load(written, allow_pickle=False))


def tone_mapped(light: npt.NDArray[np.float32]) -> RgbFrame:
    """Return (H, W, 3) linear light of any range as a picture: its geometric mean is middle grey,
    and what is brighter rolls off (Reinhard et al., SIGGRAPH 2002, global operator)."""
    known = np.maximum(np.nan_to_num(light, nan=0.0, posinf=6e4, neginf=0.0), 0).astype(np.float32)
    luminance = known @ _LUMINANCE
    middle = float(np.exp(np.mean(np.log(luminance + 1e-6))))
    scaled = luminance * (_MIDDLE / middle)
    shown = scaled * (1 + scaled / _WHITE**2) / (1 + scaled)
    gain = shown / np.maximum(luminance, 1e-6)
    return to_stored(np.ascontiguousarray(np.clip(known * gain[..., None], 0, 1)))


def _only_layer(
    scene: Scene, layer: str, folder: Path, files: dict[str, Path], should_stop: ShouldStop
) -> Path:
    """Return where the renderer wrote ``layer`` of the scene's one frame."""
    with closing(
        render_events(scene, (layer,), folder, should_stop, threads=2, files=files)
    ) as events:
        for event in events:
            if event["event"] == "frame":
                written: str = event["layers"][layer]
                return folder / written
    raise Unsupported("the renderer ended without a picture")


def _scene(shape: Shape, light: SceneFile | None = None) -> Scene:
    thing = SceneObject(
        name="object-1",
        shape=shape,
        surface=Surface(finish="grey matte", color=(0.5, 0.5, 0.5)),
        size=1.4,
        location=(0.0, 0.0, 1.3),
        rotation=(1.0, 0.0, 0.0, 0.0),
        velocity=(0.0, 0.0, 0.0),
        rests=True,
        removed=False,
    )
    return Scene(
        width=SIZE.width,
        height=SIZE.height,
        frames=1,
        fps_num=16,
        fps_den=1,
        samples=SAMPLES,
        seed=1,
        low_light=False,
        objects=(thing,),
        ground=_GREY,
        walls=(),
        sky=Sky(horizon=(0.85, 0.88, 0.95), zenith=(0.3, 0.45, 0.8), strength=0.6, file=light),
        sun=Sun(elevation=50, azimuth=-160, angle=3, strength=3, color=(1.0, 0.97, 0.92)),
        camera=Camera(
            start=(2.3, -3.6, 2.2),
            end=(2.3, -3.6, 2.2),
            look_start=(0.0, 0.0, 0.5),
            look_end=(0.0, 0.0, 0.5),
            focal=50,
        ),
    )
