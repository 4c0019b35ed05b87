"""Writes the pictures on the cards of the recipes: each recipe run on clips painted by the program.

`python -m scripts.recipe_pictures` after a recipe was added or changed its looks. What a picture
shows beside the composite is the layer that its recipe is there for. A recipe that cannot run
here or finds nothing to draw keeps the picture that it has.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from datasets_app.domain.media.demo_clip import demo_clip, demo_scenes
from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.mask_planning import planning_picture
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes import RECIPES
from datasets_app.domain.recipes.base import Layers, Pool, PoolClip, PoolMask, Recipe
from datasets_app.domain.synthesis.planner import plan_sample
from matteweb.errors import MatteError

FOLDER = Path(__file__).parents[1] / "frontend/static/img/recipes"
SIZE, FRAMES = FrameSize(640, 384), 24
CARD = FrameSize(480, 288)
SCREEN = (46, 160, 62)
SEEDS: dict[str, int] = {
    "defocus": 4,
    "composite": 2,
    "object_paste": 3,
    "moving_objects": 2,
    "effect_removal": 6,
}
PARAMS: dict[str, dict[str, Any]] = {
    "composite": {"max_frames": 12, "camera": 0.5},
    "defocus": {"max_frames": 12, "blur_min": 7, "blur_max": 7, "soft_edge": 1},
    "moving_objects": {"frames": 24, "width": 640, "height": 384, "objects_min": 4, "shapes": 0.3},
    "green_screen": {"clips": "studio", "max_frames": 6},
    "frames": {"mode": "strided", "ratio": 0.25},
    "effect_removal": {"side": 576, "frames": 1, "low_light": 0, "mirror": 1, "objects_min": 4},
    "object_paste": {"soft_edge": 2},
    "him_image": {"counts": "3:1", "hidden_max": 0.4, "enlarge": True},
    "him_video": {"counts": "2:1", "frames": 12, "enlarge": True, "still_share": 0},
}
BESIDE: dict[str, str] = {
    "effect_removal": "rgb_removed",
    "object_paste": "mask",
    "composite": "alpha",
    "defocus": "depth",
    "moving_objects": "instances",
    "him_image": "instances",
    "him_video": "instances",
}
"""The layer on the right of a picture."""


def main() -> None:
    """Write a picture for every recipe that gives one."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        pool, sources = painted(Path(folder))
        for recipe in RECIPES:
            try:
                picture = picture_of(recipe, pool, sources)
            except (MatteError, KeyError) as error:
                print(f"{recipe.info.slug}: kept ({error})")
                continue
            fitted = _middle(picture)
            small = cv2.resize(fitted, (CARD.width, CARD.height), interpolation=cv2.INTER_AREA)
            path = FOLDER / f"{recipe.info.slug}.webp"
            cv2.imwrite(str(path), small[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, 82])
            print(f"{recipe.info.slug}: {path.stat().st_size // 1024} KiB")


def painted(folder: Path) -> tuple[Pool, dict[str, Path]]:
    """Return the demo scenes as clips with masks, one of them before a screen, and their files."""
    clips: list[PoolClip] = []
    sources: dict[str, Path] = {}
    for number, scene in enumerate(demo_scenes()):
        files = {name: folder / f"{scene.slug}-{name}.mkv" for name in ("rgb", "alpha", "studio")}
        small = []
        fps = Fraction(24)
        with (
            RgbMasterWriter(files["rgb"], SIZE, fps) as rgb,
            GrayMasterWriter(files["alpha"], SIZE, fps) as alpha,
            RgbMasterWriter(files["studio"], SIZE, fps) as studio,
        ):
            for frame in demo_clip(scene.slug, size=SIZE, frames=FRAMES):
                rgb.write(frame.rgb)
                alpha.write(frame.alpha)
                small.append(planning_picture(frame.alpha))
                studio.write(before_screen(frame.rgb, frame.backdrop, frame.alpha))
        stack = np.stack(small)
        sources |= {f"{scene.slug}-{name}": path for name, path in files.items()}
        mask = PoolMask(
            number, f"{scene.slug}-alpha", "alpha", FRAMES, SIZE.width, SIZE.height, True,
            lambda stack=stack: stack,  # type: ignore[misc]
        )  # fmt: skip
        clips.append(_clip(number, scene.slug, f"{scene.slug}-rgb", (mask,)))
        if scene.slug == "kite":
            clips.append(_clip(99, "studio", "kite-studio", ()))
    return Pool(clips=tuple(clips)), sources


def before_screen(picture: RgbFrame, backdrop: RgbFrame, alpha: np.ndarray) -> RgbFrame:
    """Return the figure of ``picture`` before a green screen instead of its backdrop."""
    share = alpha[..., None].astype(np.float32) / 255
    figure = picture - (1 - share) * backdrop
    mixed = np.clip(figure + (1 - share) * np.array(SCREEN), 0, 255)
    return np.asarray(np.rint(mixed), np.uint8)


def _middle(picture: RgbFrame) -> RgbFrame:
    """Return the middle rows of a picture that is higher than a card."""
    height = min(len(picture), picture.shape[1] * CARD.height // CARD.width)
    top = (len(picture) - height) // 2
    return picture[top : top + height]


def picture_of(recipe: Recipe, pool: Pool, sources: dict[str, Path]) -> RgbFrame:
    """Return one picture of what ``recipe`` makes of ``pool``."""
    slug = recipe.info.slug
    if reason := recipe.unavailable():
        raise MatteError(reason)
    own = pool
    if slug != "green_screen":
        own = Pool(clips=tuple(one for one in pool.clips if one.name != "studio"))
    params = recipe.params(**PARAMS.get(slug, {}))
    plan = plan_sample(recipe, params, own, root_seed=SEEDS.get(slug, 1), index=0).plan
    frames = recipe.render(plan, sources, ignore_progress, never_stop)
    if slug == "frames":
        return _strip([layers["rgb_full"] for layers in islice(frames, 6)])
    shown = list(islice(frames, plan.frames // 2 + 1))[-1]
    if slug == "green_screen":
        return _split(shown["rgb_full"], _over_board(shown), at=0.42)
    layer = BESIDE.get(slug, "")
    return _split(shown["rgb_full"], _coloured(shown, layer)) if layer else shown["rgb_full"]


def _coloured(layers: Layers, name: str) -> RgbFrame:
    """Return a layer as colours; object numbers each get one of their own."""
    if name == "instances" and name not in layers:
        alphas = [layers[one] for one in sorted(layers) if one.startswith("alpha_")]
        numbers = np.zeros(alphas[0].shape, np.uint8)
        for number, alpha in enumerate(alphas, start=1):
            numbers[alpha > 127] = number
    else:
        numbers = layers[name]
    if numbers.ndim == 3:
        return np.asarray(numbers, np.uint8)
    if name != "instances":
        return np.asarray(cv2.cvtColor(numbers, cv2.COLOR_GRAY2RGB))
    hues = cv2.applyColorMap((numbers.astype(int) * 53 % 256).astype(np.uint8), cv2.COLORMAP_TURBO)
    return np.where(numbers[..., None] > 0, hues[..., ::-1], 24).astype(np.uint8)


def _over_board(layers: Layers) -> RgbFrame:
    """Return the cut-out over a board of grey squares."""
    height, width = layers["alpha"].shape
    rows, columns = np.indices((height, width)) // 24
    board = np.where((rows + columns) % 2 == 0, 205, 165)[..., None]
    share = layers["alpha"][..., None].astype(np.float32) / 255
    return np.rint(share * layers["fgr"] + (1 - share) * board).astype(np.uint8)


def _split(left: RgbFrame, right: RgbFrame, at: float = 0.62) -> RgbFrame:
    """Return both pictures side by side in one, cut by a slanting white line."""
    height, width = left.shape[:2]
    edge = width * at - (np.arange(height) / height - 0.5) * width * 0.16
    columns = np.arange(width)[None, :]
    joined = np.where((columns > edge[:, None])[..., None], right, left)
    line = np.abs(columns - edge[:, None]) < 2.5
    joined[line] = 255
    return joined.astype(np.uint8)


def _strip(frames: list[RgbFrame]) -> RgbFrame:
    """Return a few frames as a film."""
    small = [cv2.resize(one, (304, 182), interpolation=cv2.INTER_AREA) for one in frames[:6]]
    small += [small[-1]] * (6 - len(small))
    board = np.full((SIZE.height + 202, SIZE.width, 3), 20, np.uint8)
    for number, one in enumerate(small):
        top, left = 10 + (number // 2) * 192, 10 + (number % 2) * 316
        board[top : top + 182, left : left + 304] = one
    return board


def _clip(number: int, name: str, digest: str, masks: tuple[PoolMask, ...]) -> PoolClip:
    return PoolClip(
        id=number,
        digest=digest,
        group=name,
        name=name,
        frames=FRAMES,
        width=SIZE.width,
        height=SIZE.height,
        fps=Fraction(24),
        masks=masks,
        caption="",
    )


if __name__ == "__main__":
    cv2.setNumThreads(1)
    main()
