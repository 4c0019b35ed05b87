"""Boxes around people: RT-DETR and D-FINE, as `transformers` has them, read from one's own files.

Y. Zhao et al., "DETRs Beat YOLOs on Real-time Object Detection", 2024; Y. Peng et al., "D-FINE",
2024. Pictures are prepared as both publish it: stretched to the side, values in 0..1, no more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.hints import Box
from inference_app.domain.networks.saved_model import saved_model

KINDS: Final = {
    "rt_detr": ("transformers.models.rt_detr.modeling_rt_detr", "RTDetrForObjectDetection"),
    "rt_detr_v2": (
        "transformers.models.rt_detr_v2.modeling_rt_detr_v2",
        "RTDetrV2ForObjectDetection",
    ),
    "d_fine": ("transformers.models.d_fine.modeling_d_fine", "DFineForObjectDetection"),
}
_PREPARING: Final = "preprocessor_config.json"
_SIDE: Final = 640
_PERSON: Final = "person"


@dataclass(frozen=True, slots=True)
class Found:
    """A box in pixels of the picture, with how sure the network is, 0..1."""

    box: Box
    sure: float


class Detector:
    """A network in memory. Not safe for two threads at once."""

    def __init__(self, folder: Path, device: Device) -> None:
        """Read the files in ``folder``. Raises BadInput when they are not what they should be."""
        self._device = device
        self._network: Any = saved_model(folder, KINDS, device)
        self._side = _side(folder)
        names = self._network.config.id2label
        self._person = next(
            (int(number) for number, name in names.items() if str(name).lower() == _PERSON), 0
        )

    def people(self, picture: RgbFrame, least: float, most: int) -> list[Found]:
        """Return the people of a picture, the surest first, at most ``most``."""
        height, width = picture.shape[:2]
        small = cv2.resize(picture, (self._side, self._side), interpolation=cv2.INTER_LINEAR)
        planes = np.ascontiguousarray((small.astype(np.float32) / 255).transpose(2, 0, 1)[None])
        with threads_pinned(self._device.threads), torch.inference_mode():
            answer = self._network(torch.from_numpy(planes).to(self._device.of_torch()))
            sure = answer.logits[0].float().sigmoid()[:, self._person].cpu().numpy()
            boxes = answer.pred_boxes[0].float().cpu().numpy()
        order = np.argsort(-sure, kind="stable")
        kept = [int(one) for one in order if sure[one] >= least][:most]
        return [Found(_box(boxes[one], width, height), float(sure[one])) for one in kept]


def _box(box: np.ndarray, width: int, height: int) -> Box:
    """Return middle and size in 0..1 as corners in pixels within the picture."""
    x, y, across, down = (float(value) for value in box)
    left, right = (np.clip((x + side * across / 2) * width, 0, width - 1) for side in (-1, 1))
    top, bottom = (np.clip((y + side * down / 2) * height, 0, height - 1) for side in (-1, 1))
    return Box(float(left), float(top), float(right), float(bottom))


def _side(folder: Path) -> int:
    """Return the side that the network was trained at, as the file beside it says."""
    try:
        size = json.loads((folder / _PREPARING).read_text())["size"]
        return int(size["height"])
    except (OSError, ValueError, TypeError, KeyError):
        return _SIDE
