"""How good a network is on the validation set, in the few figures that choose a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference_app.domain.training.held_out import HeldOut
from inference_app.domain.training.painted import MattingClip, held_out_clip

Plane = npt.NDArray[np.float32]
Method = Callable[[MattingClip], Iterable[Plane]]
"""Makes one alpha (H, W) in 0..1 per frame of a clip."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the frames of a set, all times 1000 but ``dtssd``, times 100.

    ``mad``, ``mse``: over all pixels; ``band``: MAD where a window of 7 x 7 of the truth is neither
    0 nor 1 throughout; ``dtssd``: root mean square of the differing change from frame to frame.
    """

    mad: float
    mse: float
    band: float
    dtssd: float


def measure(held: HeldOut, method: Method) -> Figures:
    """Return the figures of a method on a held-out set."""
    return measure_clips((held_out_clip(held, index) for index in range(held.clips)), method)


def measure_clips(clips: Iterable[MattingClip], method: Method) -> Figures:
    """Return the figures of a method on clips."""
    rows: list[tuple[float, float, float]] = []
    changes: list[float] = []
    for clip in clips:
        before = None
        for alpha, coded in zip(method(clip), clip.alpha, strict=True):
            truth = coded.astype(np.float32) / 255
            error = alpha - truth
            band = band_of(truth)
            inside = float(np.abs(error[band]).mean()) if band.any() else float("nan")
            rows.append((float(np.abs(error).mean()), float((error**2).mean()), inside))
            if before is not None:
                changes.append(float(np.sqrt(((error - before) ** 2).mean())))
            before = error
    mad, mse, band_mad = (1000 * float(value) for value in np.nanmean(np.array(rows), 0))
    return Figures(mad, mse, band_mad, 100 * float(np.mean(changes)) if changes else 0.0)


def band_of(truth: Plane) -> npt.NDArray[np.bool_]:
    """Return where a window of 7 x 7 holds an alpha between .02 and .98."""
    unsure = ((truth > 0.02) & (truth < 0.98)).astype(np.uint8)
    return np.asarray(cv2.dilate(unsure, np.ones((7, 7), np.uint8)) > 0)
