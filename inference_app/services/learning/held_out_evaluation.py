"""Methods measured on a held-out set, without a project; and which ways each is measured in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from datasets_app.domain.progress import Progress, ShouldStop, never_stop
from inference_app.domain.device import device_named
from inference_app.domain.evaluation.matting import (
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
from inference_app.domain.training.painted import held_out_clip

SETS = {held.name: held for held in (VALIDATION, TEST)}


def evaluate_held_out(
    *,
    held: HeldOut,
    predictors: Sequence[str],
    checkpoints: Sequence[Path],
    clips: int = 0,
    device: str = "auto",
    threads: int = 1,
    progress: Progress,
    should_stop: ShouldStop = never_stop,
) -> list[Table]:
    """Return tables over all clips, over those whose object has strands, and as others scale them.

    Without ``predictors`` every matting predictor that can run is measured. A predictor that needs
    a mask on the first frame only is measured both ways, one that takes trimaps also with the true
    one. Raises WeightsMissing or NotFound for what cannot run.
    """
    place = device_named(device, threads=threads)
    chosen = [PREDICTORS[slug] for slug in predictors] or [
        predictor
        for predictor in runnable(PREDICTORS, settings.WEIGHTS_DIR)
        if predictor.traits.task == "matting"
    ]
    methods: dict[str, Method] = {"mask": mask_itself}
    for predictor in chosen:
        runner = predictor.load(find_weights(predictor, settings.WEIGHTS_DIR), place)
        methods |= ways_of(predictor.info.slug, predictor, runner)
    for path in checkpoints:
        loaded = OwnNetworkOnFrames(path, place)
        methods[f"{path.parent.name}/{path.stem}"] = predictor_method(loaded, every_mask)
    total = min(clips, held.clips) if clips else held.clips
    found = measure_methods(
        (held_out_clip(held, index) for index in range(total)),
        methods,
        progress=lambda done, _: progress(done, total),
        should_stop=should_stop,
    )
    title = f"{held.name} set, {total} clips"
    tables = [found.table(title)]
    if any(found.stranded):
        tables.append(found.table(f"{title}: with strands", stranded_only=True))
    return [*tables, found.published(title)]


def ways_of(name: str, predictor: Predictor, runner: LoadedPredictor) -> dict[str, Method]:
    """Return what a predictor can be told, each as a method of its own."""
    ways = {name: predictor_method(runner, every_mask)}
    if predictor.traits.hints_on == "first":
        ways[f"{name}, first mask only"] = predictor_method(runner, first_mask)
    if "trimap" in predictor.traits.accepts:
        ways[f"{name}, true trimap"] = predictor_method(runner, true_trimap)
    return ways
