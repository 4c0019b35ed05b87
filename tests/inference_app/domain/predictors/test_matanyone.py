"""MatAnyone: named with what is missing; told the object once, in the way that its package asks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from inference_app.domain.device import Device
from inference_app.domain.networks.tensor_file import write_tensors
from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.base import Shot
from inference_app.domain.predictors.matanyone import FIRST, SECOND, WARM_UP, MatAnyone, closed
from inference_app.domain.predictors.weights import find_weights, why_not
from matteweb.errors import BadInput
from tests.inference_app.predictions import moving_disc, run

# Neither generation can be had from a package index, and their licence forbids commercial use: a
# stand-in with the same names writes down what it is asked.
STAND_IN = {
    "omegaconf.py": """
from types import SimpleNamespace
class OmegaConf:
    @staticmethod
    def load(path):
        assert path.is_file()
        return SimpleNamespace(path=path)
""",
    "torchvision.py": "",
    "imageio.py": "",
    "tqdm.py": "",
    "matanyone/__init__.py": "",
    "matanyone/config/eval_matanyone_config.yaml": "",
    "matanyone/config/model/base.yaml": "",
    "matanyone/model/__init__.py": "",
    "matanyone/model/matanyone.py": """
import torch
class MatAnyone(torch.nn.Module):
    def __init__(self, settings, single_object=False):
        super().__init__()
        assert single_object and settings.model.pretrained_resnet is False
        self.weight = torch.nn.Parameter(torch.zeros(1))
""",
    "matanyone/inference/__init__.py": "",
    "matanyone/inference/inference_core.py": """
ASKED = []
class InferenceCore:
    def __init__(self, network, cfg=None, *, device=None):
        self.mask = None
    def step(self, image, mask=None, objects=None, *, first_frame_pred=False):
        assert image.ndim == 3 and min(image.shape[1:]) >= 96
        assert 0 <= image.min() <= image.max() <= 1
        if mask is not None:
            assert mask.shape == image.shape[1:] and set(mask.unique().tolist()) == {0, 255}
            self.mask = mask / 255
        ASKED.append("mask" if mask is not None else "first" if first_frame_pred else "next")
        assert objects == ([1] if mask is not None else None)
        return self.mask.new_zeros((2, *self.mask.shape)) + self.mask
""",
}
OURS = ("matanyone", *(Path(name).stem for name in STAND_IN if "/" not in name))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put the stand-in where Python finds it first, and take it away again."""
    folder = tmp_path / "packages"
    for name, text in STAND_IN.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    before = {name: sys.modules.pop(name) for name in _loaded()}
    yield folder
    for name in _loaded():
        del sys.modules[name]
    sys.modules.update(before)


def _loaded() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] in OURS]


@pytest.mark.parametrize("generation", [FIRST, SECOND])
def test_without_its_package_the_card_says_how_to_get_it(
    generation: object, tmp_path: Path
) -> None:
    predictor = PREDICTORS["matanyone" if generation is FIRST else "matanyone2"]
    reason = why_not(predictor, tmp_path)
    assert "is not installed; pip install --no-deps git+https://" in reason
    assert "not for commercial use" in predictor.traits.licence


def test_it_is_told_the_object_once_and_looks_at_it_again(package: Path, tmp_path: Path) -> None:
    predictor = MatAnyone(FIRST)
    assert predictor.unavailable() == ""
    write_tensors(tmp_path / "matanyone.safetensors", {"weight": torch.ones(1)}, {})
    shots = list(moving_disc(3))
    found = run(predictor, iter(shots), tmp_path)
    asked = sys.modules["matanyone.inference.inference_core"].ASKED
    assert asked == ["mask", *["first"] * (1 + WARM_UP), "next", "next"]
    for prediction in found:
        alpha = prediction.layers["alpha"]
        assert alpha.shape == (48, 64) and alpha.dtype == np.float32
        assert shots[0].hint is not None and np.abs(alpha - shots[0].hint / 255).mean() < 0.03


def test_a_mask_that_comes_later_is_not_told(package: Path, tmp_path: Path) -> None:
    write_tensors(tmp_path / "matanyone.safetensors", {"weight": torch.ones(1)}, {})
    predictor = MatAnyone(FIRST)
    shot = next(moving_disc(1))
    runner = predictor.load(find_weights(predictor, tmp_path), Device())
    runner.begin()
    for _ in range(2):
        runner.step(Shot(shot.rgb, shot.hint))
    assert sys.modules["matanyone.inference.inference_core"].ASKED.count("mask") == 1


def test_weights_of_another_network_are_refused(package: Path, tmp_path: Path) -> None:
    write_tensors(tmp_path / "matanyone.safetensors", {"other": torch.ones(1)}, {})
    predictor = MatAnyone(FIRST)
    with pytest.raises(BadInput, match="does not fit MatAnyone"):
        predictor.load(find_weights(predictor, tmp_path), Device())


def test_holes_of_a_mask_are_closed_and_its_outline_stays() -> None:
    mask = np.zeros((288, 288), np.uint8)
    mask[80:200, 80:200] = 255
    holed = mask.copy()
    holed[140:142, 140:142] = 0
    assert np.array_equal(closed(holed), mask)
