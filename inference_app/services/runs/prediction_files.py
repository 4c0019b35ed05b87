"""Predictions from file to file, without a project: what the command does."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.clip_files import ClipFile, MaskFile, open_clip, open_mask, shots_of
from inference_app.domain.deliveries import delivery_to
from inference_app.domain.device import Device, device_named
from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.base import LoadedPredictor, Shot
from inference_app.domain.predictors.own_network import OwnNetworkOnFrames
from inference_app.domain.predictors.weights import find_weights
from inference_app.domain.training.plan import TRAINABLE
from matteweb.errors import BadInput, Unsupported


@dataclass(frozen=True, slots=True)
class PredictionFiles:
    """What to run on what. ``checkpoint``: a file of `train` instead of the shipped weights."""

    predictor: str
    source: Path
    output: Path
    mask: Path | None = None
    checkpoint: Path | None = None
    height: int = 0
    width: int = 0
    device: str = "auto"
    threads: int = 1


def predict_files(
    files: PredictionFiles, *, progress: Progress, should_stop: ShouldStop
) -> dict[str, Any]:
    """Run a matting predictor over a clip, a still or a folder; return what was made.

    Raises NotFound, BadInput, Unsupported or WeightsMissing before anything is decoded, where that
    can be known, and Cancelled when stopped.
    """
    predictor = PREDICTORS[files.predictor]
    if predictor.traits.task != "matting":
        raise Unsupported(f"{predictor.info.label} makes no alpha")
    clip = open_clip(files.source, Limits(), should_stop)
    mask = _mask_of(files, clip, predictor.traits.hints_on, should_stop)
    size = _size_of(files, clip.size)
    device = device_named(files.device, threads=files.threads)
    runner = _loaded(files, device)
    began, done = monotonic(), 0
    try:
        with (
            delivery_to(files.output, size or clip.size, clip.fps) as delivery,
            closing(shots_of(clip, mask, size)) as shots,  # type: ignore[type-var]  # a generator
        ):
            last: list[Shot] = []

            def kept(shot: Shot) -> Shot:
                last[:] = [shot]
                return shot

            for found in runner.predict(map(kept, shots), _of(clip.frames, progress), should_stop):
                delivery.write(last[0].rgb, found.layers["alpha"])
                done += 1
    finally:
        runner.close()
    return {
        "output": str(files.output),
        "frames": done,
        "width": (size or clip.size).width,
        "height": (size or clip.size).height,
        "frames_per_second": round(done / max(1e-9, monotonic() - began), 2),
        "predictor": predictor.info.slug,
        "version": predictor.info.version,
        "device": str(device),
    }


def _mask_of(
    files: PredictionFiles, clip: ClipFile, hints_on: str, should_stop: ShouldStop
) -> MaskFile | None:
    if files.mask is None:
        if hints_on != "none":
            raise BadInput(f"{files.predictor} needs a mask", hint="give one by --mask")
        return None
    mask = open_mask(files.mask, clip, Limits(), should_stop)
    if hints_on == "every" and mask.frames < clip.frames:
        raise BadInput(
            f"{files.predictor} needs a mask on each of the {clip.frames} frames",
            hint="give a clip or folder of masks, or a predictor that needs the first only",
        )
    return mask


def _size_of(files: PredictionFiles, size: FrameSize) -> FrameSize | None:
    """Return the size asked for; one side alone keeps the shape."""
    if not files.height and not files.width:
        return None
    if min(files.height, files.width) < 0:
        raise BadInput("a picture has at least one pixel in each direction")
    height = files.height or max(1, round(size.height * files.width / size.width))
    width = files.width or max(1, round(size.width * files.height / size.height))
    return FrameSize(width, height)


def _loaded(files: PredictionFiles, device: Device) -> LoadedPredictor:
    predictor = PREDICTORS[files.predictor]
    if files.checkpoint is None:
        return predictor.load(find_weights(predictor, settings.WEIGHTS_DIR), device)
    network = files.predictor.replace("-", "_")
    if network not in TRAINABLE:
        raise BadInput(f"{files.predictor} takes no checkpoint of training")
    return OwnNetworkOnFrames(files.checkpoint, device, network)


def _of(total: int, progress: Progress) -> Progress:
    return lambda done, _: progress(done, total)
