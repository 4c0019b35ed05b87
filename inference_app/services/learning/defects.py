"""Good-or-defect models on sets in the MVTec AD layout: trained, measured, tested on a tiny set."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from datasets_app.domain.layouts.mvtec_ad import GOOD, TEST, TRAIN, MvtecAd
from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.media.picture_file import read_picture_rgb
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.domain.trees.entries import LabelledPicture
from inference_app.domain.device import threads_pinned
from inference_app.domain.evaluation.ranking import auroc, threshold_at
from inference_app.domain.training.memory import memory_watched
from matteweb.errors import BadInput, OutOfMemory

LARGEST_SIDE = 16_384
SMALLEST_BATCH = 64
"""Places per step below which nothing is gained by taking fewer."""


def defects_train(
    *,
    folder: Path,
    name: str,
    target: Path,
    values: dict[str, Any],
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> dict[str, Any]:
    """Learn from ``<name>/train/good`` and write the model; return its facts.

    Where memory is short, ``batch`` is halved and "notes" say so. Raises BadInput for a set or a
    setting that cannot be, Cancelled, OutOfMemory.
    """
    from inference_app.domain.networks.defect_flow import save_flow
    from inference_app.domain.training.defects import DefectPlan, learn_good

    try:
        plan = DefectPlan(**values)
    except TypeError as error:
        known = ", ".join(asdict(DefectPlan()))
        raise BadInput(f"a setting is not known: {error}", hint=f"known: {known}") from error
    good = [one for one in _pictures(folder, name) if one.split == TRAIN and one.label == GOOD]
    notes: list[str] = []
    while True:
        try:
            with threads_pinned(1), memory_watched(f"learning from {len(good)} pictures"):
                flow = learn_good(map(_read, good), plan, progress, should_stop)
            break
        except OutOfMemory as error:
            if plan.batch <= SMALLEST_BATCH:
                raise
            plan = replace(plan, batch=plan.batch // 2)
            notes.append(f"{error.message}: places per step lowered to {plan.batch}")
    facts = {"class": name, "pictures": len(good), "plan": asdict(plan)}
    save_flow(target, flow, facts)
    return facts | {"model": str(target)} | ({"notes": notes} if notes else {})


def defects_score(
    *,
    folder: Path,
    name: str,
    model: Path,
    heat: Path | None = None,
    rate: float = 0.85,
    progress: Progress = ignore_progress,
) -> dict[str, Any]:
    """Score ``<name>/test`` and say how well good and defect are told apart.

    ``heat``: a folder for one picture each with its heat over it. ``rate``: of true positives, at
    which the threshold is given. "auroc" is None, undefined, with one kind alone.
    """
    from inference_app.domain.networks.defect_flow import load_flow
    from inference_app.domain.training.defects import heat_of, heat_picture, score_of

    flow, facts = load_flow(model)
    rows: list[dict[str, Any]] = []
    tested = [one for one in _pictures(folder, name) if one.split == TEST]
    if not tested:
        raise BadInput(f"{name} has no pictures in {TEST}/")
    for done, one in enumerate(tested, 1):
        rgb = _read(one)
        with threads_pinned(1):
            found = heat_of(flow, rgb)
        rows.append({"label": one.label, "name": one.name, "score": score_of(found)})
        if heat is not None:
            place = heat / one.label / f"{Path(one.name).stem}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(place), heat_picture(rgb, found, top=2.0)[..., ::-1])
        progress(done, len(tested))
    scores, wrong = [row["score"] for row in rows], [row["label"] != GOOD for row in rows]
    line = threshold_at(scores, wrong, rate)
    return {
        "class": name,
        "learned_from": facts,
        "auroc": auroc(scores, wrong),
        "threshold": asdict(line) if line else None,
        "pictures": rows,
    }


def defects_selftest(*, seed: int = 1) -> dict[str, Any]:
    """Make a tiny set, train on it, and measure: the area under the curve has to be 1."""
    with tempfile.TemporaryDirectory(prefix="matteweb-selftest-") as scratch:
        folder = Path(scratch)
        tiny_set(folder / "plates", seed)
        model = folder / "model.safetensors"
        defects_train(folder=folder, name="plates", target=model, values={"steps": 200})
        return defects_score(folder=folder, name="plates", model=model)


def tiny_set(folder: Path, seed: int) -> None:
    """Write a class of striped plates: 12 good to learn from, 4 good and 4 scratched to test."""
    rng = np.random.default_rng(seed)
    for split, label, count in ((TRAIN, GOOD, 12), (TEST, GOOD, 4), (TEST, "scratch", 4)):
        place = folder / split / label
        place.mkdir(parents=True)
        for number in range(count):
            picture = _plate(rng)
            if label != GOOD:
                y, x = (int(value) for value in rng.integers(20, 90, 2))
                cv2.line(picture, (x, y), (x + 18, y + 12), (30, 30, 200), 3)
            cv2.imwrite(str(place / f"{number:03d}.png"), picture)


def _plate(rng: np.random.Generator) -> RgbFrame:
    y, x = np.mgrid[:128, :128]
    stripes = 128 + 40 * np.sin((x + rng.uniform(0, 4)) / 5) + 20 * np.cos(y / 17)
    noise = rng.normal(0, 3, (128, 128, 3))
    plate = np.clip(stripes[..., None] + noise + [0, 6, 12], 0, 255)
    return np.asarray(plate, np.uint8)


def _pictures(folder: Path, name: str) -> Iterator[LabelledPicture]:
    found = [one for one in MvtecAd().read(folder).pictures if one.image_set == name]
    if not found:
        raise BadInput(f"{folder.name} has no class {name!r}", hint="<class>/train/good/ is needed")
    return iter(found)


def _read(one: LabelledPicture) -> RgbFrame:
    return read_picture_rgb(one.picture, one.name, LARGEST_SIDE)
