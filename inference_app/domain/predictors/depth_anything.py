"""Depth Anything V2: relative depth of single frames, larger is nearer.

L. Yang et al., "Depth Anything V2", 2024, as `transformers` has it. The network knows depth up to
scale and offset; a clip is put into 0..1 by the range of its first frame, which follows slowly, so
that a plane does not flicker because something else came into view.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import RgbFrame
from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.networks.imagenet import imagenet_planes
from inference_app.domain.packages import lacking
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile
from matteweb.errors import BadInput

PATCH = 14
FOLLOWS = 0.1
"""Share of a new frame's range that goes into the clip's."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network; the defaults are those of the published small one."""

    hidden: int = 384
    heads: int = 6
    layers: int = 12
    taken: tuple[int, int, int, int] = (3, 6, 9, 12)
    neck: tuple[int, int, int, int] = (48, 96, 192, 384)
    fusion: int = 64
    head: int = 32
    image: int = 518


class DepthAnything:
    """The published small network."""

    info = PluginInfo("depth_anything", "Depth Anything V2", "Relative depth of each frame", 1)
    traits = Traits("depth", (), "none", ("depth",), "Apache-2.0")
    weights: tuple[WeightFile, ...] = (
        WeightFile(
            "depth-anything-v2-small.safetensors",
            99_173_660,
            "3152477ce0d8d6978d76b995120de97cb5b928701fd0f817769f59e249a16b70",
            "Apache-2.0",
            url="https://huggingface.co/depth-anything/Depth-Anything-V2-Small-hf/blob/main/model.safetensors",
            paper="https://arxiv.org/abs/2406.09414",
        ),
    )
    shape = Shape()

    def unavailable(self) -> str:
        """Return the missing package."""
        return lacking("transformers")

    def load(self, files: Mapping[str, Path], device: Device) -> FrameByFrame:
        """Build the network and read its weights."""
        return _Loaded(files[self.weights[0].name], self.shape, device)


class _Loaded(FrameByFrame):
    def __init__(self, path: Path, shape: Shape, device: Device) -> None:
        super().__init__("none")
        from inference_app.domain.networks.tensor_file import read_tensors

        self._device, self._side = device, shape.image
        network = network_of(shape)
        try:
            network.load_state_dict(read_tensors(path)[0])
        except RuntimeError as error:
            raise BadInput(f"{path.name} does not fit Depth Anything: {error}") from error
        self._network: Any = network.eval().to(device.of_torch())
        self._range: tuple[float, float] | None = None

    def begin(self) -> None:
        self._range = None

    def step(self, shot: Shot) -> dict[str, Planes]:
        depth = self._depth(shot.rgb)
        low, high = float(depth.min()), float(depth.max())
        if self._range is not None:
            low = self._range[0] + FOLLOWS * (low - self._range[0])
            high = self._range[1] + FOLLOWS * (high - self._range[1])
        self._range = (low, high)
        return {"depth": np.clip((depth - low) / max(1e-6, high - low), 0, 1).astype(np.float32)}

    def _depth(self, rgb: RgbFrame) -> npt.NDArray[np.float32]:
        import torch

        height, width = rgb.shape[:2]
        # The shorter change of size of the two that bring a side to the network's own.
        factors = (self._side / height, self._side / width)
        factor = min(factors, key=lambda one: abs(1 - one))
        size = tuple(max(PATCH, round(side * factor / PATCH) * PATCH) for side in (width, height))
        seen = cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
        planes = imagenet_planes(np.asarray(seen, np.float32))[None]
        with threads_pinned(self._device.threads), torch.inference_mode():
            batch = torch.from_numpy(planes).to(self._device.of_torch())
            found = self._network(batch).predicted_depth[0].float().cpu().numpy()
        resized = cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(resized, np.float32).reshape(height, width)


def network_of(shape: Shape) -> Any:
    """Return the network of a shape with weights drawn at random."""
    from transformers.models.depth_anything.configuration_depth_anything import (
        DepthAnythingConfig,
    )
    from transformers.models.depth_anything.modeling_depth_anything import (
        DepthAnythingForDepthEstimation,
    )
    from transformers.models.dinov2.configuration_dinov2 import Dinov2Config

    backbone = Dinov2Config(  # type: ignore[call-arg]  # out_features is taken as a keyword
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        image_size=shape.image,
        patch_size=PATCH,
        out_features=[f"stage{number}" for number in shape.taken],
        reshape_hidden_states=False,
        apply_layernorm=True,
    )
    return DepthAnythingForDepthEstimation(
        DepthAnythingConfig(
            backbone_config=backbone,
            reassemble_hidden_size=shape.hidden,
            neck_hidden_sizes=list(shape.neck),
            fusion_hidden_size=shape.fusion,
            head_hidden_size=shape.head,
            patch_size=PATCH,
        )
    )
