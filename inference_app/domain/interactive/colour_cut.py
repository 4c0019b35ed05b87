"""A cut along edges between two mixtures of colours, from a first guess."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.interactive.planes import BoolMask, SoftMask, touching, window_of

_LONGEST: Final = 320
_ROUNDS: Final = 2


def cut(
    picture: RgbFrame,
    guess: SoftMask,
    inside: BoolMask,
    outside: BoolMask,
    longest: int = _LONGEST,
) -> SoftMask:
    """Return 0 or 1 per pixel, cut with OpenCV's GrabCut on a picture of at most ``longest`` px.

    ``guess`` says what is probably the object; ``inside`` and ``outside`` are kept as they are.
    Parts that no pixel of ``inside`` lies in are dropped, if there is any. Source: Rother,
    Kolmogorov and Blake, GrabCut.
    """
    tight = window_of((guess > 0.2) | inside)
    if tight is None:
        return np.zeros(guess.shape, np.float32)
    margin = max(10, int(0.5 * max(tight.height, tight.width)))
    window = tight.grown(margin, guess.shape)
    scale = min(1.0, longest / max(window.width, window.height))
    small = (max(4, round(window.width * scale)), max(4, round(window.height * scale)))
    part = window.slices

    def made(mask: BoolMask) -> BoolMask:
        drawn = mask[part].astype(np.uint8) * 255
        return np.asarray(cv2.resize(drawn, small, interpolation=cv2.INTER_AREA) > 80)

    likely = cv2.resize(guess[part], small, interpolation=cv2.INTER_AREA)
    labels = np.where(likely > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    away = cv2.distanceTransform((likely <= 0.3).astype(np.uint8), cv2.DIST_L2, 5)
    labels[away > 0.7 * margin * scale] = cv2.GC_BGD
    labels[made(outside)] = cv2.GC_BGD
    seeds = made(inside)
    labels[seeds] = cv2.GC_FGD
    foreground = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if foreground.all() or not foreground.any():
        return np.asarray((guess > 0.5).astype(np.float32))
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    shrunk = cv2.resize(picture[part], small, interpolation=cv2.INTER_AREA)
    cv2.grabCut(shrunk, labels, None, *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    kept = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if seeds.any():
        kept = touching(kept, seeds)
    result = np.zeros(guess.shape, np.float32)
    result[part] = cv2.resize(kept.astype(np.float32), (window.width, window.height))
    return result
