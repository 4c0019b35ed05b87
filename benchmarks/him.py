"""One figure of one side of the HIM recipes, in a process of its own; prints one JSON object.

Our side plans, renders and writes the same tree as the plain port: JPEG, PNG, and with ``files``
the clean background and each person's colour too.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, cast

import cv2

from benchmarks.baselines import him_image as plain_image
from benchmarks.baselines import him_video as plain_video
from benchmarks.him_material import Material, material, prepare
from benchmarks.measure import cpu_per_unit, peak_megabytes
from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.media.gray_png import encode_gray_png
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.recipes.him_image import HimImage, HimImageParams
from datasets_app.domain.recipes.him_video import HimVideo, HimVideoParams
from datasets_app.domain.synthesis.planner import plan_sample
from matteweb.jobs.allocator import keep_freed_memory

FIGURES = ("him_image_files", "him_image", "him_video_easy", "him_video_medium", "him_video_hard")
_PICTURES = 24
_NUMBERS = {"easy": range(2), "medium": range(77, 83), "hard": range(96, 102)}
"""Which clips the plain port tries. It keeps one of six at medium and two of six at hard: about the
shares that the published batches came to (18 and 33 %). Of the numbers 0 to 119 it would keep 11
and 31 on this material."""
_QUALITY = 75
"""That of the plain port, so that the encoder's work is alike."""

Side = Literal["recipe", "baseline"]


def work(figure: str, side: Side, made: Material, out: Path) -> Callable[[], int]:
    """Return what is measured: it returns how many samples or kept frames it made."""
    if figure.startswith("him_image"):
        if side == "baseline":
            return lambda: _plain_pictures(made, out)
        return lambda: _pictures(made, out, files=figure == "him_image_files")
    level = cast(plain_video.Level, figure.removeprefix("him_video_"))
    if side == "baseline":
        return lambda: _plain_clips(made, level, out)
    return lambda: _clips(made, level, out)


def _plain_pictures(made: Material, out: Path) -> int:
    return sum(
        plain_image.synthesize(number, made.photos, made.scenes, out) for number in range(_PICTURES)
    )


def _pictures(made: Material, out: Path, *, files: bool) -> int:
    recipe = HimImage()
    params = HimImageParams(
        preset="published", foregrounds="each" if files else "none", clean=files
    )
    for number in range(_PICTURES):
        plan = plan_sample(recipe, params, made.stills, root_seed=0, index=number).plan
        (layers,) = recipe.render(plan, made.sources, ignore_progress, never_stop)
        _write_picture(layers, number, out)
    return _PICTURES


def _write_picture(layers: Layers, number: int, out: Path) -> None:
    for name, frame in layers.items():
        kind, _, place = name.partition("_")
        if name == "rgb_full":
            _jpeg(out / "images" / f"{number}.jpg", frame)
        elif name == "rgb_removed":
            _jpeg(out / "bg" / f"{number}.jpg", frame)
        elif kind == "alpha":
            _png(out / "alphas" / str(number) / f"{place}.png", frame)
        else:
            _jpeg(out / "fg" / str(number) / f"{place}.jpg", frame)


def _plain_clips(made: Material, level: plain_video.Level, out: Path) -> int:
    return sum(
        plain_video.synthesize(number, level, made.clips, made.frames, out)
        for number in _NUMBERS[level]
    )


def _clips(made: Material, level: str, out: Path) -> int:
    recipe = HimVideo()
    params = HimVideoParams.model_validate(
        {"preset": "published", "level": level, "foregrounds": "none", "clean": False}
    )
    for number in range(2):
        plan = plan_sample(recipe, params, made.moving, root_seed=0, index=number).plan
        for frame, layers in enumerate(
            recipe.render(plan, made.sources, ignore_progress, never_stop)
        ):
            _write_frame(layers, number, frame, out)
    return 2 * params.frames


def _write_frame(layers: Layers, number: int, frame: int, out: Path) -> None:
    for name, picture in layers.items():
        if name == "rgb_full":
            _jpeg(out / "fgr" / f"{number:05d}" / f"{frame:05d}.jpg", picture)
        else:
            folder = out / "pha" / f"{number:05d}" / f"{frame:05d}"
            _png(folder / f"{name.partition('_')[2]}.png", picture)


def _jpeg(path: Path, frame: RgbFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(path), shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])


def _png(path: Path, frame: RgbFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_gray_png(frame))


def main() -> None:
    """Measure what the command line names and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figure", choices=[*FIGURES, "prepare"])
    parser.add_argument("--side", choices=["recipe", "baseline"], default="recipe")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    keep_freed_memory()
    if options.figure == "prepare":
        prepare(options.folder)
        print(json.dumps({"folder": str(options.folder)}))
        return
    made = material(options.folder)
    with TemporaryDirectory() as temporary:
        out = Path(temporary)
        run = work(options.figure, options.side, made, out)

        def once() -> int:
            units = run()
            shutil.rmtree(out)
            out.mkdir()
            return units

        cost = cpu_per_unit(once, repeats=options.repeats)
    print(json.dumps({"peak": peak_megabytes(), "cost": cost.as_json()}))


if __name__ == "__main__":
    main()
