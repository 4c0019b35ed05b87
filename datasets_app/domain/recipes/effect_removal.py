"""Effect removal: a rendered scene with and without some of its objects, shadows and all.

The Kubric category of the Casper training data (Generative Omnimatte, Lee et al., CVPR 2025). The
removed objects are hidden from every ray of the second render, under the same seed and the same
poses, so that what differs between the two pictures is the objects and their effects alone.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from datasets_app.domain.captions import Captions
from datasets_app.domain.captions.scene_facts import scene_facts
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.measured import layer_kind
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.recipes.base import (
    Cost,
    Layers,
    LayerSpec,
    Plan,
    Pool,
    Rejected,
    Survey,
)
from datasets_app.domain.scenes.checks import SceneChecks, complaint_before, effect_of
from datasets_app.domain.scenes.description import Scene
from datasets_app.domain.scenes.draw import draw_scene, focused
from datasets_app.domain.scenes.labels import (
    ASKED_OF_RENDERER,
    Label,
    label_frames,
    label_layers,
)
from datasets_app.domain.scenes.params import EffectRemovalParams
from datasets_app.domain.scenes.renderer import (
    INSTALL_HINT,
    render_events,
    renderer,
    scene_folder,
    whole_picture,
)
from datasets_app.domain.synthesis.compositing import trimask
from datasets_app.domain.synthesis.sources.last_seen import LastSeen
from matteweb.errors import Unsuitable

# Measured at 192 x 192 and 8 to 64 samples per pixel: both renders of a frame, with denoising.
_CPU_SECONDS_PER_SAMPLE_AND_MEGAPIXEL = 4.6
_CPU_SECONDS_PER_MEGAPIXEL = 10.0
_BYTES_PER_PIXEL = 2
# Of a label, or of each object: renders beside the two, and bytes per pixel.
_RENDERS: dict[Label, float] = {"shadows": 1.0, "apart": 1.4, "defocus": 1.0}
_COVER_RENDERS = 1.0
_SMOKE_RENDERS = 0.7
_LABEL_BYTES: dict[Label, float] = {
    "distance": 2,
    "normals": 5,
    "flow": 6,
    "shadows": 1,
    "apart": 10,
    "defocus": 1,
}
_THREADS = 2
_TOUCHED = 0.02
"""Of a pixel: what a removed object covers when it leaves a trace there."""


class EffectRemovalPlan(Plan):
    """The scene, how its mask is written, and what is rendered of it beside the pair."""

    scene: Scene
    mask_mode: trimask.MaskMode
    labels: tuple[Label, ...] = ()
    shortcut: bool = False

    @property
    def inputs(self) -> tuple[str, ...]:
        """The project's own models and pictures of light in it; mostly everything is made."""
        return tuple(file.digest for file in self.scene.files)

    @property
    def captions(self) -> Captions:
        """Return what the scene's own description says of it, in every length."""
        return replace(scene_facts(self.scene), short=self.caption)

    def sample_layers(self, declared: tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
        """Return what every sample has, and the layers of the labels that were asked for."""
        names = label_layers(self.labels, len(self.scene.objects))
        return declared + tuple(LayerSpec(name, layer_kind(name), delivered=True) for name in names)


class EffectRemoval:
    """Renders a scene twice: with all its objects, and with some of them hidden from every ray."""

    info = PluginInfo(
        slug="effect_removal",
        label="Effect removal",
        summary="A rendered scene with and without some objects, their shadows and reflections",
        version=4,
    )
    params = EffectRemovalParams
    plan_model = EffectRemovalPlan
    category = "kubric"
    needs = ""
    cores = _THREADS
    layers = (
        LayerSpec("rgb_full", "rgb", delivered=True, pictures=True),
        LayerSpec("rgb_removed", "rgb", delivered=True),
        LayerSpec("mask", "gray", delivered=True),
        LayerSpec("effect", "gray", delivered=True),
        LayerSpec("instances", "gray", delivered=False),
    )

    def __init__(self) -> None:
        self._stock = LastSeen(EffectRemovalParams.stock)

    def unavailable(self) -> str:
        """Say what is missing where no Blender is installed, and how to get it."""
        missing = renderer().missing()
        return f"{missing}: {INSTALL_HINT}" if missing else ""

    def survey(self, params: EffectRemovalParams, pool: Pool) -> Survey:
        """Say whether scenes can be rendered here; nothing of the pool is needed."""
        missing = self.unavailable()
        return Survey((), (), not missing, missing)

    def plan(
        self, params: EffectRemovalParams, pool: Pool, rng: np.random.Generator
    ) -> EffectRemovalPlan | Rejected:
        """Draw a whole scene; its order of draws belongs to the recipe's version."""
        drawn = draw_scene(params.rule, rng, self._stock(params, pool))
        if isinstance(drawn, str):
            return Rejected(drawn)
        mode = params.mask_mode
        if mode == "mixed":
            mode = "trimask" if rng.random() < 0.5 else "binary"
        return EffectRemovalPlan(
            frames=drawn.frames,
            width=drawn.width,
            height=drawn.height,
            fps_num=drawn.fps_num,
            fps_den=drawn.fps_den,
            caption=scene_facts(drawn).short,
            scene=focused(drawn, params.lens_blur) if params.defocus else drawn,
            mask_mode=mode,
            labels=params.labels,
            shortcut=params.shortcut,
        )

    def cost(self, plan: EffectRemovalPlan) -> Cost:
        """Estimate by pixels and samples per pixel."""
        megapixels = plan.frames * plan.width * plan.height / 1e6
        per_megapixel = (
            _CPU_SECONDS_PER_MEGAPIXEL + _CPU_SECONDS_PER_SAMPLE_AND_MEGAPIXEL * plan.scene.samples
        )
        renders, stored = _of_labels(plan)
        return Cost(
            megapixels * per_megapixel * (1 + renders / 2),
            int(megapixels * 1e6 * (_BYTES_PER_PIXEL + stored)),
        )

    def render(
        self,
        plan: EffectRemovalPlan,
        sources: Mapping[str, Path],
        progress: Progress,
        should_stop: ShouldStop,
    ) -> Generator[Layers, None, None]:
        """Yield the layers as the renderer makes them. Raises Unsuitable when a check refuses the
        scene: before the first frame by its simulation, after the last by its pictures."""
        checks, goes = SceneChecks(plan.scene.low_light), _goes(plan.scene)
        with scene_folder() as folder:
            asked = (layer for label in plan.labels for layer in ASKED_OF_RENDERER[label])
            cover = ("cover",) if plan.scene.soft else ()
            wanted = ("rgb_full", "rgb_removed", "instances", *cover, *asked)
            events = render_events(
                plan.scene,
                wanted,
                folder,
                should_stop,
                threads=_THREADS,
                shortcut=plan.shortcut,
                files=sources,
            )
            with closing(events):
                for event in events:
                    if event["event"] == "simulated":
                        _refuse(complaint_before(event, plan.scene.removed))
                        continue
                    layers, gone, kept = _read(folder, event, plan, goes)
                    pair = layers["rgb_full"], layers["rgb_removed"]
                    checks.add(*pair, gone, kept, layers["effect"])
                    yield layers
                    progress(event["frame"] + 1, plan.frames)
        _refuse(checks.complaint())


def _of_labels(plan: EffectRemovalPlan) -> tuple[float, float]:
    """Return what labels take beside the pair: renders of a picture, and bytes per pixel."""
    objects = len(plan.scene.objects)
    renders = _COVER_RENDERS if plan.scene.soft else 0.0
    renders += sum(_SMOKE_RENDERS for thing in plan.scene.objects if thing.shape.kind == "smoke")
    renders += sum(_RENDERS.get(label, 0.1) for label in plan.labels if label != "apart")
    stored = sum(_LABEL_BYTES[label] for label in plan.labels if label != "apart")
    if "apart" in plan.labels:
        renders += objects * _RENDERS["apart"]
        stored += objects * _LABEL_BYTES["apart"]
    return renders, stored


def _refuse(complaint: str) -> None:
    if complaint:
        raise Unsuitable(f"the scene was refused: {complaint}", hint="another draw may pass")


def _read(
    folder: Path, event: dict[str, Any], plan: EffectRemovalPlan, goes: GrayFrame
) -> tuple[Layers, GrayFrame, GrayFrame]:
    """Read one frame's files and remove them; mask and effect follow from them. Returns the layers
    and, 255 there, where the camera sees a removed object first, and where another one."""
    files: dict[str, str] = event["layers"]
    full, own = (_picture(folder / files[name]) for name in ("rgb_full", "rgb_removed"))
    removed = whole_picture(full, own, event["box"])

    def read(name: str) -> Any:
        values = np.load(folder / files[name], allow_pickle=False)
        if name == "light_removed" and event["box"]:
            return whole_picture(read("light_full"), values, event["box"])
        return values

    instances: GrayFrame = read("instances")
    labels = label_frames(plan.labels, len(plan.scene.objects), read)
    if plan.scene.soft:
        gone, kept = covered(read("cover_gone"), read("cover_kept"))
    else:
        gone = np.asarray(cv2.LUT(instances, goes), np.uint8)
        kept = np.where((instances > 0) & (gone == 0), 255, 0).astype(np.uint8)
    for name in files.values():
        (folder / name).unlink()
    mask = trimask.blank(FrameSize(plan.width, plan.height), plan.mask_mode, kept)
    trimask.remove(mask, gone)
    layers: Layers = {
        "rgb_full": full,
        "rgb_removed": removed,
        "mask": mask,
        "effect": effect_of(full, removed),
        "instances": instances,
        **labels,
    }
    return layers, gone, kept


def covered(removed: Any, others: Any) -> tuple[GrayFrame, GrayFrame]:
    """Return where something is removed and where something is kept, from how much of each pixel
    either covers, 0..1: whatever a removed object touches goes, what is kept covers half of it."""
    gone: GrayFrame = np.where(removed > _TOUCHED, 255, 0).astype(np.uint8)
    kept: GrayFrame = np.where((others >= 0.5) & (gone == 0), 255, 0).astype(np.uint8)
    return gone, kept


def _picture(path: Path) -> RgbFrame:
    read = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if read is None:
        raise Unsuitable(f"the renderer left no readable picture {path.name}")
    picture: RgbFrame = read.astype(np.uint8)
    return picture


def _goes(scene: Scene) -> GrayFrame:
    """Return a table of 256 by object number: 255 for an object that is removed."""
    table = np.zeros(256, np.uint8)
    for index, thing in enumerate(scene.objects, start=1):
        table[index] = 255 if thing.removed else 0
    return table
