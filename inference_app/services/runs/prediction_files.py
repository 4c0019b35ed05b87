"""Predictions from file to file, without a project: what the command does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.clip_files import ClipFile, MaskFile, open_clip, open_mask, shots_of
from inference_app.domain.deliveries import Delivery, delivery_to
from inference_app.domain.device import Device, device_named
from inference_app.domain.plane_deliveries import plane_delivery_to
from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.base import LoadedPredictor, Prediction, Shot
from inference_app.domain.predictors.own_network import OwnNetworkOnFrames
from inference_app.domain.predictors.weights import find_weights
from inference_app.domain.smaller import SmallerOnFrames, stepped_down
from inference_app.domain.training.memory import memory_watched
from inference_app.domain.training.plan import TRAINABLE
from matteweb.errors import BadInput, OutOfMemory, Unsupported

LARGEST_SIDE = 16_384


@dataclass(frozen=True, slots=True)
class PredictionFiles:
    """What to run on what. ``checkpoint``: a file of `train` instead of the shipped weights."""

    predictor: str
    source: Path | ClipFile
    output: Path
    mask: Path | MaskFile | None = None
    checkpoint: Path | None = None
    height: int = 0
    width: int = 0
    device: str = "auto"
    threads: int = 1


def predict_files(
    files: PredictionFiles, *, progress: Progress, should_stop: ShouldStop
) -> dict[str, Any]:
    """Run a predictor over a clip, a still or a folder; return what was made.

    Where memory is short it goes on at a smaller size, from the frame at which it ran out, and says
    so in "notes". Raises NotFound, BadInput, Unsupported or WeightsMissing before anything is
    decoded, where that can be known, OutOfMemory when it does not fit at the smallest size either,
    and Cancelled when stopped.
    """
    predictor = PREDICTORS[files.predictor]
    if predictor.traits.task == "flow":
        raise Unsupported(f"{predictor.info.label} makes neither alpha nor another plane")
    (layer,) = predictor.traits.gives
    source = files.source
    clip = open_clip(source, Limits(), should_stop) if isinstance(source, Path) else source
    mask = _mask_of(files, clip, predictor.traits.hints_on, should_stop)
    size = _size_of(files, clip.size)
    device = device_named(files.device, threads=files.threads)
    out = size or clip.size
    began, done, longest, notes = monotonic(), 0, 0, list[str]()
    with (
        closing(_loaded(files, device)) as runner,
        _delivery(files.output, out, clip.fps, layer) as delivery,
    ):
        while done < clip.frames:
            try:
                with memory_watched(f"{predictor.info.slug} ran over {clip.path.name}"):
                    shown = SmallerOnFrames(runner, longest) if longest else runner
                    with closing(shots_of(clip, mask, size)) as shots:  # type: ignore[type-var]  # a generator
                        pairs = _pairs(shown, shots, _of(clip.frames, progress), should_stop)
                        for rgb, found in islice(pairs, done, None):
                            delivery.write(rgb, found.layers[layer])
                            done += 1
                break
            except OutOfMemory as error:
                longest = stepped_down(out, longest)
                if not longest:
                    raise
                notes.append(f"{error.message}: worked at {longest} pixels from frame {done} on")
    return {
        "output": str(files.output),
        "layer": layer,
        "frames": done,
        "width": out.width,
        "height": out.height,
        "frames_per_second": round(done / max(1e-9, monotonic() - began), 2),
        "predictor": predictor.info.slug,
        "version": predictor.info.version,
        "device": str(device),
    } | ({"notes": notes} if notes else {})


def _pairs(
    runner: LoadedPredictor, shots: Iterator[Shot], progress: Progress, should_stop: ShouldStop
) -> Iterator[tuple[RgbFrame, Prediction]]:
    """Yield each frame with what was found in it."""
    last: list[Shot] = []

    def kept(shot: Shot) -> Shot:
        last[:] = [shot]
        return shot

    for found in runner.predict(map(kept, shots), progress, should_stop):
        yield last[0].rgb, found


def _mask_of(
    files: PredictionFiles, clip: ClipFile, hints_on: str, should_stop: ShouldStop
) -> MaskFile | None:
    if files.mask is None:
        if hints_on != "none":
            raise BadInput(f"{files.predictor} needs a mask", hint="give one by --mask")
        return None
    mask = files.mask
    if isinstance(mask, Path):
        mask = open_mask(mask, clip, Limits(), should_stop)
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
    if max(files.height, files.width) > LARGEST_SIDE:
        raise BadInput(f"a side has at most {LARGEST_SIDE} pixels")
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


def _delivery(path: Path, size: FrameSize, fps: Fraction, layer: str) -> Delivery:
    if layer == "alpha":
        return delivery_to(path, size, fps)
    return plane_delivery_to(path, size, fps, layer)


def _of(total: int, progress: Progress) -> Progress:
    return lambda done, _: progress(done, total)
