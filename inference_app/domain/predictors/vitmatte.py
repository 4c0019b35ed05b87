"""ViTMatte: a plain vision transformer that solves a trimap, one frame after the other.

J. Yao, X. Wang, S. Yang, B. Wang, "ViTMatte: Boosting Image Matting with Pretrained Plain Vision
Transformers", 2023, as `transformers` has it. A mask becomes a trimap of a fixed radius. Frames
whose longer side is above ``LONGEST`` are solved at that size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from datasets_app.domain.media.frames import GrayFrame, RgbFrame, frame_size
from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.guided_filter import enlarged
from inference_app.domain.packages import lacking
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile
from inference_app.domain.trimaps import UNKNOWN, snapped, trimap_of
from matteweb.errors import BadInput

LONGEST = 1024
MULTIPLE = 32
RADIUS, UNIT = 6, 128
"""Of the trimap made from a mask: pixels in a frame whose shorter side is ``UNIT``."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network; the defaults are those of the published small one."""

    hidden: int = 384
    heads: int = 6
    layers: int = 12
    window: int = 14
    windowed: tuple[int, ...] = (0, 1, 3, 4, 6, 7, 9, 10)
    residual: tuple[int, ...] = (2, 5, 8, 11)
    details: tuple[int, ...] = (48, 96, 192)
    fusion: tuple[int, ...] = (256, 128, 64, 32)
    image: int = 512


class VitMatte:
    """The published small network, trained on Composition-1k."""

    info = PluginInfo("vitmatte", "ViTMatte", "Solves each frame from a mask or trimap", 1)
    traits = Traits("matting", ("trimap", "mask"), "every", ("alpha",), "Apache-2.0")
    weights: tuple[WeightFile, ...] = (
        WeightFile(
            "vitmatte-small-composition-1k.safetensors",
            103_294_572,
            "bda9289db1bb6762d978b42d1c62ae3f34daf7497171a347a1d09657efd788cb",
            "Apache-2.0",
            url="https://huggingface.co/hustvl/vitmatte-small-composition-1k/blob/main/model.safetensors",
            paper="https://arxiv.org/abs/2305.15272",
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
        super().__init__("every")
        from inference_app.domain.networks.tensor_file import read_tensors

        self._device = device
        network = network_of(shape)
        try:
            network.load_state_dict(read_tensors(path)[0])
        except RuntimeError as error:
            raise BadInput(f"{path.name} does not fit ViTMatte: {error}") from error
        self._network: Any = network.eval().to(device.of_torch())

    def step(self, shot: Shot) -> dict[str, Planes]:
        assert shot.hint is not None  # noqa: S101  # hints_on is "every"
        trimap = _trimap(shot.hint)
        known = trimap != UNKNOWN
        if known.all():
            return {"alpha": np.where(trimap > UNKNOWN, 1, 0).astype(np.float32)}
        small = frame_size(shot.rgb).fitted(LONGEST)
        size = (small.width, small.height)
        whole = shot.rgb.shape[:2] == (small.height, small.width)
        rgb = shot.rgb if whole else cv2.resize(shot.rgb, size, interpolation=cv2.INTER_AREA)
        told = trimap if whole else cv2.resize(trimap, size, interpolation=cv2.INTER_NEAREST)
        alpha = self._solve(np.asarray(rgb, np.uint8), np.asarray(told, np.uint8))
        alpha = alpha if whole else enlarged(shot.rgb, alpha)
        return {"alpha": np.where(known, trimap > UNKNOWN, alpha).astype(np.float32)}

    def _solve(self, rgb: RgbFrame, trimap: GrayFrame) -> Planes:
        import torch

        height, width = trimap.shape
        # As its authors prepared pictures: mean and deviation a half, the trimap in 0..1.
        planes = np.dstack((rgb / 127.5 - 1, trimap / 255)).astype(np.float32)
        more = (-height % MULTIPLE, -width % MULTIPLE)
        planes = np.pad(planes, ((0, more[0]), (0, more[1]), (0, 0)))
        seen = torch.from_numpy(np.ascontiguousarray(planes.transpose(2, 0, 1)[None]))
        with threads_pinned(self._device.threads), torch.inference_mode():
            alpha = self._network(seen.to(self._device.of_torch())).alphas[0, 0]
        return np.asarray(alpha[:height, :width].float().clamp(0, 1).cpu().numpy(), np.float32)


def network_of(shape: Shape) -> Any:
    """Return the network of a shape with weights drawn at random."""
    from transformers.models.vitdet.configuration_vitdet import VitDetConfig
    from transformers.models.vitmatte.configuration_vitmatte import VitMatteConfig
    from transformers.models.vitmatte.modeling_vitmatte import VitMatteForImageMatting

    backbone = VitDetConfig(  # type: ignore[call-arg]  # out_features is taken as a keyword
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        image_size=shape.image,
        num_channels=4,
        out_features=[f"stage{shape.layers}"],
        window_size=shape.window,
        window_block_indices=list(shape.windowed),
        residual_block_indices=list(shape.residual),
        use_relative_position_embeddings=True,
    )
    return VitMatteForImageMatting(
        VitMatteConfig(
            backbone_config=backbone,
            hidden_size=shape.hidden,
            batch_norm_eps=1e-5,
            convstream_hidden_sizes=list(shape.details),
            fusion_hidden_sizes=list(shape.fusion),
        )
    )


def _trimap(hint: GrayFrame) -> GrayFrame:
    if (hint == UNKNOWN).any():
        return snapped(hint)
    return trimap_of(hint, max(1, round(RADIUS * min(hint.shape) / UNIT)))
