"""From frame to frame: masks carried by motion, corrected by what was learned of the objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.progress import ShouldStop
from inference_app.domain.interactive.edges import guided
from inference_app.domain.interactive.features import appearance, place
from inference_app.domain.interactive.flow import FlowSource, agreement, warped
from inference_app.domain.interactive.matching import Matching
from inference_app.domain.interactive.object_model import ObjectModel
from inference_app.domain.interactive.pictures import Pictures
from inference_app.domain.interactive.planes import (
    BoolMask,
    Field,
    Floats,
    SoftMask,
    dilated,
    enlarged,
    shrunk,
    window_of,
)
from matteweb.errors import Cancelled

# How much of a pixel is learned rather than carried: at least; more where motion is unsure; most.
_LEARNED, _LEARNED_MORE, _LEARNED_MOST = 0.2, 0.5, 0.85
_REACH, _REACH_MOST = 0.25, 48
FADES: Final = 0.97
_LOST_BELOW: Final = 0.6
_GONE_BELOW: Final = 0.2
_FOUND_ABOVE: Final = 0.3
_LEARNS_EVERY: Final = 5
_GUIDE_RADIUS, _GUIDE_EPSILON, _CONTRAST = 4, 1e-4, 1.5


@dataclass(frozen=True, slots=True, eq=False)
class ChainFrame:
    """Soft masks of one frame, (K, H, W), and how far they can be trusted.

    ``trust``: (H, W), 1 at the reference, less with every step and where motion is unsure.
    ``sure``: per object, mean trust over the object. ``carried``: the masks by motion alone,
    (K, H, W); None where no other direction comes to meet them.
    """

    frame: int
    masks: Floats
    trust: SoftMask
    sure: tuple[float, ...]
    carried: Floats | None = None

    def packed(self) -> PackedFrame:
        """Return it as bytes, in steps of 1/255."""
        planes = [self.masks, self.trust[None]]
        if self.carried is not None:
            planes.append(self.carried)
        return self.frame, np.round(np.concatenate(planes) * 255).astype(np.uint8), self.sure


PackedFrame: TypeAlias = tuple[int, npt.NDArray[np.uint8], tuple[float, ...]]
"""Number, planes (masks, trust, then what was carried, if anything) and how sure each object is."""


def unpacked(packed: PackedFrame) -> ChainFrame:
    """Return the frame that `ChainFrame.packed` made into bytes."""
    frame, small, sure = packed
    count, planes = len(sure), small.astype(np.float32) / 255
    carried = planes[count + 1 :] if len(planes) > count + 1 else None
    return ChainFrame(frame, planes[:count], planes[count], sure, carried)


def steps_along(start: int, stop: int, should_stop: ShouldStop) -> Iterator[tuple[int, int]]:
    """Yield each frame after ``start`` up to and with ``stop``, in either direction, behind the
    frame that it is reached from. Raises Cancelled before the next frame."""
    step = 1 if stop > start else -1
    for frame in range(start + step, stop + step, step) if stop != start else ():
        if should_stop():
            raise Cancelled(f"carrying masks was stopped before frame {frame}")
        yield frame - step, frame


class Chain:
    """One direction from one reference. Holds one frame; memory does not grow on the way."""

    def __init__(
        self,
        pictures: Pictures,
        flow: FlowSource,
        models: Sequence[ObjectModel],
        *,
        learns: bool,
        matching: Matching | None = None,
    ) -> None:
        """``learns``: also from what is found on the way, for where no other reference follows.

        ``matching``: as the models were made with.
        """
        self._pictures, self._flow, self._models = pictures, flow, models
        self._learns, self._matching = learns, matching

    def run(
        self,
        start: int,
        stop: int,
        masks: Floats,
        should_stop: ShouldStop,
    ) -> Iterator[ChainFrame]:
        """Yield the frames after ``start`` up to and with ``stop``, in either direction.

        ``masks``: (K, H, W) at ``start``. Raises Cancelled before the next frame.
        """
        trust = np.ones(masks.shape[1:], np.float32)
        carried = None if self._learns else masks
        for before, frame in steps_along(start, stop, should_stop):
            there = self._flow.between(frame, before)
            agrees = agreement(there, self._flow.between(before, frame))
            trust = np.minimum(1, warped(trust, there)) * FADES * (0.15 + 0.85 * agrees)
            masks = self._step(frame, masks, there, agrees, trust, abs(frame - start))
            if carried is not None:
                carried = np.stack([warped(mask, there) for mask in carried])
            sure = tuple(_mean_over(trust, mask) for mask in masks)
            yield ChainFrame(frame, masks, trust.astype(np.float32), sure, carried)

    def _step(
        self,
        frame: int,
        masks: Floats,
        there: Field,
        agrees: SoftMask,
        trust: SoftMask,
        steps: int,
    ) -> Floats:
        picture = self._pictures[frame]
        looks = Looks(picture, self._matching)
        found = np.empty_like(masks)
        for number, model in enumerate(self._models):
            carried = warped(masks[number], there)
            if model.known:
                found[number] = _corrected(
                    looks, model, carried, agrees, taken=found[:number].sum(axis=0)
                )
            else:
                found[number] = carried
        total = found.sum(axis=0)
        found /= np.maximum(total, 1)
        if self._learns and steps % _LEARNS_EVERY == 0:
            for mask, model in zip(found, self._models, strict=True):
                model.learn(frame, mask, trust, looks.of(model.stride))
        return found


class Looks:
    """The features of one frame, computed once per stride."""

    def __init__(self, picture: RgbFrame, matching: Matching | None = None) -> None:
        self.picture, self._matching = picture, matching
        self._made: dict[int, Field] = {}
        self._keys: Field | None = None

    def of(self, stride: int) -> Field:
        if stride not in self._made:
            self._made[stride] = appearance(self.picture, stride)
        return self._made[stride]

    def keys(self, stride: int) -> Field | None:
        """Return what squares are matched by; None without matching."""
        if self._matching is None or self._matching.key is None:
            return None if self._matching is None else self.of(stride)
        if self._keys is None:
            self._keys = self._matching.key(self.picture)
        height, width = self.picture.shape[:2]
        shape = (max(1, height // stride), max(1, width // stride))
        return self._keys if self._keys.shape[:2] == shape else enlarged(self._keys, shape)


def _corrected(
    looks: Looks, model: ObjectModel, carried: SoftMask, agrees: SoftMask, taken: SoftMask
) -> SoftMask:
    held = _mean_over(agrees, carried)
    mask = _near(looks, model, carried, agrees)
    gone = float((mask > 0.5).sum()) < _GONE_BELOW * model.area
    if gone or held < _LOST_BELOW:
        found = _searched(looks, model, taken, mask.shape)
        if found is not None:
            weight = 0.8 if gone else (_LOST_BELOW - held) / _LOST_BELOW
            mask = (1 - weight) * mask + weight * found
    box = window_of(mask > 0.02)
    if box is not None:
        part = box.grown(12, mask.shape).slices
        mask[part] = guided(looks.picture[part], mask[part], _GUIDE_RADIUS, _GUIDE_EPSILON)
    return np.asarray(np.clip(_CONTRAST * (mask - 0.5) + 0.5, 0, 1), np.float32)


def _near(looks: Looks, model: ObjectModel, carried: SoftMask, agrees: SoftMask) -> SoftMask:
    """Return the carried mask, corrected by the near forest in a band around it."""
    stride = model.stride
    coverage = shrunk(carried, stride)
    places = place(coverage)
    if places is None:
        return carried.copy()
    side = np.sqrt((coverage > 0.5).sum())
    reach = np.clip(_REACH * side, 8 / stride, _REACH_MOST / stride)
    region = dilated(coverage > 0.15, reach)
    learned = model.near(looks.of(stride), places, region, looks.keys(stride))
    share = np.clip(
        _LEARNED + _LEARNED_MORE * (1 - shrunk(agrees, stride)), 0, _LEARNED_MOST
    ) * region.astype(np.float32)
    shape = carried.shape
    share = enlarged(share.astype(np.float32), (shape[0], shape[1]))
    near: SoftMask = (1 - share) * carried + share * enlarged(learned, (shape[0], shape[1]))
    return near


def _searched(
    looks: Looks, model: ObjectModel, taken: SoftMask, shape: tuple[int, ...]
) -> SoftMask | None:
    """Look for the object in the whole frame by its looks; None when nothing is like it."""
    certainty = model.anywhere(looks.of(4))
    if certainty is None:
        return None
    certainty = cast(SoftMask, cv2.blur(certainty, (3, 3)))
    likely: BoolMask = (certainty > _FOUND_ABOVE) & (shrunk(taken, 4) < 0.5)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(likely.astype(np.uint8))
    if count < 2:
        return None
    scores = np.bincount(labels.ravel(), certainty.ravel(), count)[1:]
    best, areas = int(np.argmax(scores)) + 1, stats[:, cv2.CC_STAT_AREA]
    whole = model.area / 16
    if areas[best] <= 0.1 * whole:
        return None
    large = [part for part in range(1, count) if areas[part] > 0.3 * whole]
    kept = dilated(np.isin(labels, [best, *large]), 1)
    found = np.where(kept, np.clip(0.5 + 3 * (certainty - _FOUND_ABOVE), 0, 1), 0)
    return enlarged(found.astype(np.float32), (shape[0], shape[1]))


def _mean_over(plane: SoftMask, mask: SoftMask) -> float:
    inside = mask > 0.5
    return float(plane[inside].mean()) if inside.any() else 0.0
