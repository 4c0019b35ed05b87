"""Good or defect by command: learned from good pictures alone, measured, tested by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.management import call_command

from inference_app.domain.networks.defect_flow import load_flow
from inference_app.domain.networks.tensor_file import read_tensors
from inference_app.management.commands import selftest
from inference_app.services.learning.defects import tiny_set
from matteweb.errors import BadInput, Unsupported


def answer(capsys: pytest.CaptureFixture[str], *words: Any, **options: Any) -> dict[str, Any]:
    call_command(*words, json=True, **options)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_selftest_reaches_one(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "selftest")
    assert found["auroc"] == 1.0 and found["threshold"]["false_positive_rate"] == 0
    assert len(found["pictures"]) == 8


def test_a_selftest_that_fails_prints_a_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing real makes it fail here: the result of another machine is handed in.
    monkeypatch.setattr(selftest, "defects_selftest", lambda: {"auroc": 0.75, "pictures": []})
    with pytest.raises(Unsupported, match=r"AUROC 0\.75"):
        call_command("selftest")
    told = "".join(capsys.readouterr())
    assert '"auroc": 0.75' in told and '"torch"' in told and '"platform"' in told


def test_a_model_is_the_same_each_time_and_its_heat_lies_on_the_scratch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_set(tmp_path / "set" / "plates", seed=3)
    given = {"name": "plates", "steps": 60, "hidden": 16, "batch": 256}
    for name in ("one", "two"):
        call_command(
            "train_defects", str(tmp_path / "set"), out=tmp_path / f"{name}.safetensors", **given
        )
    capsys.readouterr()
    (one, told), (two, again) = (
        read_tensors(tmp_path / f"{name}.safetensors") for name in ("one", "two")
    )
    assert told == again and one.keys() == two.keys()
    assert all(bool((one[name] == two[name]).all()) for name in one)
    _, facts = load_flow(tmp_path / "one.safetensors")
    assert facts["pictures"] == 12 and facts["plan"]["hidden"] == 16
    found = answer(
        capsys, "score_defects", str(tmp_path / "set"), name="plates",
        model=tmp_path / "one.safetensors", heat=tmp_path / "heat",
    )  # fmt: skip
    assert found["auroc"] == 1.0
    picture = cv2.imread(str(tmp_path / "set/plates/test/scratch/000.png"))
    heat = cv2.imread(str(tmp_path / "heat/scratch/000.png"))
    assert picture is not None and heat is not None
    scratch = np.argwhere((picture[..., 2] > 170) & (picture[..., 0] < 60)).mean(0)
    hot = np.argwhere(heat.sum(2) >= np.percentile(heat.sum(2), 99.5)).mean(0)
    assert np.abs(scratch - hot).max() < 16


@pytest.mark.parametrize(
    ("name", "words"), [("cups", "no class 'cups'"), ("empty", "no good picture")]
)
def test_a_class_without_good_pictures_is_refused(tmp_path: Path, name: str, words: str) -> None:
    tiny_set(tmp_path / "set" / "plates", seed=3)
    tiny_set(tmp_path / "set" / "empty", seed=3)
    for path in (tmp_path / "set/empty/train/good").iterdir():
        path.unlink()
    with pytest.raises(BadInput, match=words):
        call_command("train_defects", str(tmp_path / "set"), name=name, out=tmp_path / "m")


def test_weights_of_something_else_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(b"\x80\x04pickle")
    tiny_set(tmp_path / "set" / "plates", seed=3)
    with pytest.raises(BadInput, match="safetensors"):
        call_command(
            "score_defects", str(tmp_path / "set"), name="plates", model=tmp_path / "m.safetensors"
        )
