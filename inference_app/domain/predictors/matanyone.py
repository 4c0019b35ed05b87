"""MatAnyone: follows the object of the first mask through a clip, with a memory of its own.

P. Yang et al., "MatAnyone: Stable Video Matting with Consistent Memory Propagation", 2025, and its
successor. Run by the package of its authors, which does not come with this program: its licence
forbids commercial use. The weights are read as safetensors alone; the loaders of the package would
fetch them, or open a pickle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from datasets_app.domain.media.frames import AnyFrame, GrayFrame
from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.packages import lacking
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile
from matteweb.errors import BadInput

WARM_UP = 10
"""How often it looks at the first frame again, as its authors do."""

CLOSED = 72
"""Holes of the mask smaller than the shorter side over this are closed: 15 pixels at 1080."""

SHORTEST = 96
"""Its memory compares the 30 most similar of places 16 pixels apart: a smaller frame has fewer."""

BESIDE = ("omegaconf", "torchvision", "imageio", "tqdm")
"""What the package imports, beyond what this program has."""

LICENCE = "S-Lab 1.0, not for commercial use"


@dataclass(frozen=True, slots=True)
class Generation:
    """One of its versions. ``source``: what `pip install --no-deps` is told."""

    package: str
    network: str
    label: str
    source: str
    bytes: int
    hub: str
    paper: str


FIRST = Generation(
    "matanyone", "MatAnyone", "MatAnyone", "git+https://github.com/pq-yang/MatAnyone",
    141_138_828, "PeiqingYang/MatAnyone", "https://arxiv.org/abs/2501.14677",
)  # fmt: skip
SECOND = Generation(
    "matanyone2", "MatAnyone2", "MatAnyone 2", "git+https://github.com/pq-yang/MatAnyone2",
    141_138_828, "PeiqingYang/MatAnyone2", "https://arxiv.org/abs/2512.11782",
)  # fmt: skip


class MatAnyone:
    """One generation of it."""

    traits = Traits("matting", ("mask",), "first", ("alpha",), LICENCE)

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        summary = "Follows the object of the first mask; remembers"
        self.info = PluginInfo(generation.package, generation.label, summary, 1)

    @property
    def weights(self) -> tuple[WeightFile, ...]:
        """The file of the hub under the name of its generation; the size is that of its tensors."""
        name, hub = f"{self.generation.package}.safetensors", self.generation.hub
        url = f"https://huggingface.co/{hub}/blob/main/model.safetensors"
        paper = self.generation.paper
        return (WeightFile(name, self.generation.bytes, "", LICENCE, url=url, paper=paper),)

    def unavailable(self) -> str:
        """Return the first package that is missing, and where its own comes from."""
        if words := lacking(self.generation.package):
            return f"{words}; pip install --no-deps {self.generation.source}"
        return next((words for one in BESIDE if (words := lacking(one))), "")

    def load(self, files: Mapping[str, Path], device: Device) -> FrameByFrame:
        """Build the network and read its weights."""
        return _Loaded(files[self.weights[0].name], self.generation, device)


class _Loaded(FrameByFrame):
    def __init__(self, path: Path, generation: Generation, device: Device) -> None:
        super().__init__("first")
        from inference_app.domain.networks.tensor_file import read_tensors

        self._device, package = device, generation.package
        self._settings = settings_of(package)
        made = getattr(import_module(f"{package}.model.{package}"), generation.network)
        network = made(self._settings, single_object=True)
        try:
            network.load_state_dict(read_tensors(path)[0])
        except RuntimeError as error:
            raise BadInput(f"{path.name} does not fit {generation.label}: {error}") from error
        self._network: Any = network.eval().to(device.of_torch())
        self._core_of: Any = import_module(f"{package}.inference.inference_core").InferenceCore
        self._core: Any = None

    def begin(self) -> None:
        self._core = None

    def step(self, shot: Shot) -> dict[str, Planes]:
        import torch

        height, width = shot.rgb.shape[:2]
        factor = max(1.0, SHORTEST / min(height, width))
        size = (round(width * factor), round(height * factor))
        picture = self._tensor(_sized(shot.rgb, size).transpose(2, 0, 1)) / 255
        with threads_pinned(self._device.threads), torch.inference_mode():
            if self._core is None:
                assert shot.hint is not None  # noqa: S101  # hints_on is "first"
                shares = self._first(picture, closed(_sized(shot.hint, size)))
            else:
                shares = self._core.step(picture)
            alpha = shares[1].float().clamp(0, 1).cpu().numpy()
        return {"alpha": np.asarray(cv2.resize(alpha, (width, height)), np.float32)}

    def _first(self, picture: Any, mask: GrayFrame) -> Any:
        """Tell it the object and let it look again; the last look is the frame's."""
        place = self._device.of_torch()
        self._core = self._core_of(self._network, cfg=self._settings, device=place)
        # A mask of 0 to 255, not of 0 to 1: it divides by itself.
        self._core.step(picture, self._tensor(mask), objects=[1])
        for _ in range(1 + WARM_UP):
            shares = self._core.step(picture, first_frame_pred=True)
        return shares

    def _tensor(self, planes: AnyFrame) -> Any:
        import torch

        whole = torch.from_numpy(np.ascontiguousarray(planes))
        return whole.to(self._device.of_torch()).float()

    def close(self) -> None:
        self._core = None


def settings_of(package: str) -> Any:
    """Return the settings that the package holds, without the weights that it would fetch."""
    from omegaconf import OmegaConf

    folder = Path(next(iter(import_module(package).__path__))) / "config"
    settings = OmegaConf.load(folder / "eval_matanyone_config.yaml")
    settings.model = OmegaConf.load(folder / "model" / "base.yaml")
    settings.model.pretrained_resnet = False
    return settings


def closed(mask: GrayFrame) -> GrayFrame:
    """Return 0 or 255 per pixel, small holes filled."""
    side = round(min(mask.shape) / CLOSED) | 1  # an even one would move the outline
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    hard = ((mask > 127) * 255).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(hard, cv2.MORPH_CLOSE, kernel), np.uint8)


def _sized(planes: Any, size: tuple[int, int]) -> Any:
    if (planes.shape[1], planes.shape[0]) == size:
        return planes
    return np.asarray(cv2.resize(planes, size, interpolation=cv2.INTER_LINEAR), np.uint8)
