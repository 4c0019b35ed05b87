"""Our own matting network: refines a mask frame by frame and remembers the frames before.

A frame whose longer side is above ``longest`` is refined at that size, and its alpha enlarged along
the edges of the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.media.frames import AnyFrame, GrayFrame, RgbFrame, frame_size
from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.guided_filter import enlarged
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile
from inference_app.domain.predictors.weights import shipped

NAME = "wavelet_refiner_light"
LONGEST = 1280


class WaveletRefinerLight:
    """The light shape with the weights that ship."""

    info = PluginInfo(
        "wavelet_refiner", "Wavelet refiner", "Refines a coarse mask to a steady soft alpha", 1
    )
    traits = Traits("matting", ("mask",), "first", ("alpha",), "Apache-2.0")

    def __init__(self, longest: int = LONGEST) -> None:
        self.longest = longest

    @property
    def weights(self) -> tuple[WeightFile, ...]:
        """The file that ships."""
        return (shipped(NAME),)

    def unavailable(self) -> str:
        """It needs nothing that is not there."""
        return ""

    def load(self, files: Mapping[str, Path], device: Device) -> RefinerOnFrames:
        """Read the weights."""
        return RefinerOnFrames(files[f"{NAME}.safetensors"], device, self.longest)


class RefinerOnFrames(FrameByFrame):
    """The network in memory; ``path`` is any file that training wrote for it."""

    def __init__(self, path: Path, device: Device, longest: int) -> None:
        super().__init__("first")
        from inference_app.domain.networks.saved_refiner import load_refiner
        from inference_app.domain.networks.wavelet_refiner import RefinerState

        self._net = load_refiner(path).to(device.of_torch())
        self._empty = RefinerState
        self._device, self._longest = device, longest
        self._state = RefinerState()

    def begin(self) -> None:
        self._state = self._empty()

    def step(self, shot: Shot) -> dict[str, Planes]:
        small = frame_size(shot.rgb).fitted(self._longest)
        whole = shot.rgb.shape[:2] == (small.height, small.width)
        size = (small.width, small.height)
        rgb, hint = shot.rgb, shot.hint
        if not whole:
            rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
            if hint is not None:
                hint = np.asarray(cv2.resize(hint, size, interpolation=cv2.INTER_AREA), np.uint8)
        alpha = self._refine(rgb, hint)
        return {"alpha": alpha if whole else enlarged(shot.rgb, alpha)}

    def _refine(self, rgb: RgbFrame, hint: GrayFrame | None) -> Planes:
        import torch

        from inference_app.domain.networks.wavelet_refiner import padded

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
        alpha = alphas[-1][0, 0, :height, :width].float().clamp(0, 1)
        return np.asarray(alpha.cpu().numpy(), np.float32)

    def close(self) -> None:
        self._state = self._empty()
