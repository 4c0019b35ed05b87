"""Good or defect: how odd each place of a frame looks to one who has seen good pictures alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.predictors.base import FrameByFrame, Planes, Shot, Traits, WeightFile

FILE = "defect_score.safetensors"
TOP = 2.0
"""Heat that counts as 1: twice as odd as the oddest place of the good pictures learned from."""


class DefectScore:
    """The model that lies in the folder of weights, made by `manage.py train_defects`."""

    info = PluginInfo("defect_score", "Good or defect", "Where a picture looks otherwise", 1)
    traits = Traits("defect", (), "none", ("defect",), "that of the pictures learned from")
    weights: tuple[WeightFile, ...] = (WeightFile(FILE, 0, "", "one's own"),)

    def unavailable(self) -> str:
        """It needs nothing that is not there."""
        return ""

    def load(self, files: Mapping[str, Path], device: Device) -> FrameByFrame:
        """Read the model. Raises BadInput when the file is something else."""
        return _Loaded(files[FILE], device)


class _Loaded(FrameByFrame):
    def __init__(self, path: Path, device: Device) -> None:
        super().__init__("none")
        from inference_app.domain.networks.defect_flow import load_flow

        self._flow, _ = load_flow(path)
        self._threads = device.threads

    def step(self, shot: Shot) -> dict[str, Planes]:
        from inference_app.domain.training.defects import heat_of

        with threads_pinned(self._threads):
            heat = heat_of(self._flow, shot.rgb)
        height, width = shot.rgb.shape[:2]
        large = cv2.resize(heat / TOP, (width, height), interpolation=cv2.INTER_LINEAR)
        return {"defect": np.clip(large, 0, 1).reshape(height, width).astype(np.float32)}
