"""Our own matting network: refines a mask frame by frame and remembers the frames before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device
from inference_app.domain.predictors.base import Traits, WeightFile
from inference_app.domain.predictors.own_network import LONGEST, OwnNetworkOnFrames
from inference_app.domain.predictors.weights import shipped

NAME = "wavelet_refiner_light"


class WaveletRefinerLight:
    """The light shape with the weights that ship."""

    info = PluginInfo(
        "wavelet_refiner", "Wavelet refiner", "Refines a coarse mask to a steady soft alpha", 4
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

    def load(self, files: Mapping[str, Path], device: Device) -> OwnNetworkOnFrames:
        """Read the weights."""
        path = files[f"{NAME}.safetensors"]
        return OwnNetworkOnFrames(path, device, self.info.slug, self.longest)
