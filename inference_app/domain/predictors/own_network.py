"""Our own networks over the frames of a clip; both predictors that ship and checkpoints run by it.

What a network makes is brought to agree with the colours of the frame, then steadied; solid places
become exactly 0 and 1. A frame whose longer side is above ``LONGEST`` is refined at that size, and
its alpha enlarged along the edges of the picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from datasets_app.domain.media.frames import AnyFrame, GrayFrame, RgbFrame, frame_size
from inference_app.domain.colour_agreement import agreed
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.guided_filter import enlarged
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot
from inference_app.domain.solid_places import settled

LONGEST = 1280

STEADIED = 0.65
"""How much of the last alpha, carried along the motion, is mixed in where the colours agree.

Chosen on the validation set.
"""


class OwnNetworkOnFrames(FrameByFrame):
    """A network in memory; ``path`` is any file that training wrote.

    ``network``: which of ours it has to be, any of them when empty.
    """

    def __init__(
        self, path: Path, device: Device, network: str = "", longest: int = LONGEST
    ) -> None:
        super().__init__("first")
        from inference_app.domain.networks.saved_network import load_network

        self._net = load_network(path, network).to(device.of_torch())
        self._device, self._longest = device, longest
        self.begin()

    def begin(self) -> None:
        self._state: Any = self._net.begin()
        self._last: tuple[Any, Any] | None = None

    def step(self, shot: Shot) -> dict[str, Planes]:
        small = frame_size(shot.rgb).fitted(self._longest)
        whole = shot.rgb.shape[:2] == (small.height, small.width)
        size = (small.width, small.height)
        rgb, hint = shot.rgb, shot.hint
        if not whole:
            rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
            if hint is not None:
                hint = np.asarray(cv2.resize(hint, size, interpolation=cv2.INTER_AREA), np.uint8)
        alpha = settled(self._refine(rgb, hint), hint)
        return {"alpha": alpha if whole else enlarged(shot.rgb, alpha)}

    def _refine(self, rgb: RgbFrame, hint: GrayFrame | None) -> Planes:
        import torch

        from inference_app.domain.networks.own import padded

        height, width = rgb.shape[:2]
        place = self._device.of_torch()
        kind, dtype = self._device.kind, torch.bfloat16

        def unit(planes: AnyFrame) -> torch.Tensor:
            return padded(torch.from_numpy(np.ascontiguousarray(planes)).to(place).float() / 255)

        picture = unit(rgb.transpose(2, 0, 1)[None])
        picture = picture.contiguous(memory_format=torch.channels_last)
        mask = None if hint is None else unit(hint[None, None])
        with (
            threads_pinned(self._device.threads),
            torch.inference_mode(),
            torch.autocast(kind, dtype, enabled=self._device.dtype == "bfloat16"),
        ):
            alphas, self._state = self._net(picture, mask, self._state)
            alpha = alphas[-1].float().clamp(0, 1)[0, 0, :height, :width].cpu().numpy()
            return self._steadied(picture[..., :height, :width], agreed(rgb, alpha))

    def _steadied(self, picture: Any, plane: Planes) -> Planes:
        """Mix in the last alpha where what it lay on is seen again."""
        import torch

        from inference_app.domain.networks.motion import carried

        alpha = torch.from_numpy(plane)[None, None].to(picture)
        if self._last is not None:
            before, seen = self._last
            moved, trust = carried(before, seen, picture)
            alpha = alpha + STEADIED * trust * (moved - alpha)
        self._last = (alpha, picture)
        return np.asarray(alpha[0, 0].cpu().numpy(), np.float32)

    def close(self) -> None:
        self.begin()
