"""The predictor that this worker used last stays in its memory, and no other."""

from __future__ import annotations

from pathlib import Path

from inference_app.domain.device import Device
from inference_app.domain.predictors.base import LoadedPredictor, Predictor
from inference_app.domain.predictors.own_network import OwnNetworkOnFrames
from inference_app.domain.predictors.weights import find_weights

_Key = tuple[str, tuple[str, ...], Device]

_warm: dict[_Key, LoadedPredictor] = {}


def warm_predictor(
    predictor: Predictor, folder: Path, device: Device, checkpoint: Path | None = None
) -> LoadedPredictor:
    """Return the predictor in memory, loading it when another one was there.

    ``checkpoint``: weights of a training of ours instead of those that ship.

    Raises WeightsMissing or BadInput as `find_weights` does. Use it in one thread.
    """
    files = {} if checkpoint else find_weights(predictor, folder)
    digests = [str(checkpoint)] if checkpoint else [one.sha256 for one in predictor.weights]
    key = (predictor.info.slug, tuple(digests), device)
    if key not in _warm:
        cool_predictors()
        _warm[key] = (
            OwnNetworkOnFrames(checkpoint, device, predictor.info.slug)
            if checkpoint
            else predictor.load(files, device)
        )
    return _warm[key]


def cool_predictors() -> None:
    """Give the memory back."""
    for runner in _warm.values():
        runner.close()
    _warm.clear()
