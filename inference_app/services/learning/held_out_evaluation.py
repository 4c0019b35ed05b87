"""Methods measured without a project, on painted clips and on bundles in folders; and which ways
each is measured in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from django.conf import settings

from datasets_app.domain.progress import Progress, ShouldStop, never_stop
from inference_app.domain.device import Device, device_named
from inference_app.domain.evaluation.matting import (
    Measured,
    Method,
    every_mask,
    first_mask,
    mask_itself,
    measure_methods,
    predictor_method,
    true_trimap,
)
from inference_app.domain.evaluation.tables import Table
from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.base import LoadedPredictor, Predictor
from inference_app.domain.predictors.own_network import OwnNetworkOnFrames
from inference_app.domain.predictors.weights import find_weights, runnable
from inference_app.domain.training.held_out import TEST, VALIDATION, HeldOut
from inference_app.domain.training.painted import MattingClip, held_out_clip
from inference_app.services.learning.training_sources import clips_of_folder
from matteweb.errors import BadInput

SETS = {held.name: held for held in (VALIDATION, TEST)}


FRAMES = 24
"""Frames of a bundle's clip that are measured, from its first."""


def evaluate_files(
    *,
    held: HeldOut | None,
    bundles: Sequence[Path] = (),
    split: str = "test",
    predictors: Sequence[str],
    checkpoints: Sequence[Path],
    clips: int = 0,
    device: str = "auto",
    threads: int = 1,
    progress: Progress,
    should_stop: ShouldStop = never_stop,
) -> list[Table]:
    """Return tables of each set: over all clips, over those whose object has strands, and as others
    scale them.

    ``held``: painted clips; ``bundles``: folders, of which ``split`` is measured. Without
    ``predictors`` every matting predictor that can run is measured. A predictor that needs a mask
    on the first frame only is measured both ways, one that takes trimaps also with the true one.
    Raises WeightsMissing or NotFound for what cannot run, BadInput for a folder without clips.
    """
    sets = [_held_out_set(held)] if held else []
    sets += [_bundle_set(folder, split) for folder in bundles]
    methods = _methods(predictors, checkpoints, device_named(device, threads=threads))
    tables: list[Table] = []
    for name, size, clip in sets:
        total = min(clips, size) if clips else size
        found = measure_methods(
            map(clip, range(total)),
            methods,
            progress=partial(_tell, progress, total),
            should_stop=should_stop,
        )
        tables += tables_of(found, f"{name}, {total} clips")
    return tables


def tables_of(found: Measured, title: str) -> list[Table]:
    """Return figures over all clips, over those whose object has strands, and as others scale
    them."""
    tables = [found.table(title)]
    if any(found.stranded):
        tables.append(found.table(f"{title}: with strands", stranded_only=True))
    return [*tables, found.published(title)]


def _tell(progress: Progress, total: int, done: int, _: int | None) -> None:
    progress(done, total)


MeasuredSet: TypeAlias = tuple[str, int, Callable[[int], MattingClip]]
"""What a set is called, how many clips it has, and how one of them is made."""


def _held_out_set(held: HeldOut) -> MeasuredSet:
    return f"{held.name} set", held.clips, partial(held_out_clip, held)


def _bundle_set(folder: Path, split: str) -> MeasuredSet:
    stored = clips_of_folder(folder, split)
    name = f"{folder.resolve().name}, {split}"
    return name, len(stored), lambda number: stored.whole(number, FRAMES)


def _methods(
    predictors: Sequence[str], checkpoints: Sequence[Path], device: Device
) -> dict[str, Method]:
    """Load every model and return what is measured, the mask itself first."""
    chosen = [PREDICTORS[slug] for slug in predictors] or [
        predictor
        for predictor in runnable(PREDICTORS, settings.WEIGHTS_DIR)
        if predictor.traits.task == "matting"
    ]
    methods: dict[str, Method] = {"mask": mask_itself}
    for predictor in chosen:
        if predictor.traits.task != "matting":
            raise BadInput(f"{predictor.info.label} makes no alpha")
        runner = predictor.load(find_weights(predictor, settings.WEIGHTS_DIR), device)
        methods |= ways_of(predictor.info.slug, predictor, runner)
    for path in checkpoints:
        loaded = OwnNetworkOnFrames(path, device)
        methods[f"{path.parent.name}/{path.stem}"] = predictor_method(loaded, every_mask)
    return methods


def ways_of(name: str, predictor: Predictor, runner: LoadedPredictor) -> dict[str, Method]:
    """Return what a predictor can be told, each as a method of its own."""
    ways = {name: predictor_method(runner, every_mask)}
    if predictor.traits.hints_on == "first":
        ways[f"{name}, first mask only"] = predictor_method(runner, first_mask)
    if "trimap" in predictor.traits.accepts:
        ways[f"{name}, true trimap"] = predictor_method(runner, true_trimap)
    return ways
