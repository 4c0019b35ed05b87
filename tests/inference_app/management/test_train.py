"""Training and evaluating by command: a plan in, weights and a card out, figures of both."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from inference_app.domain.networks.saved_network import load_network
from inference_app.domain.training.held_out import HeldOut
from inference_app.services.learning import folder_training
from matteweb.errors import BadInput
from tests.inference_app.short_memory import Greedy

PLAN = {
    "steps": 2,
    "warmup": 0,
    "sprites": 3,
    "textures": 3,
    "main": {"batch": 1, "frames": 2, "side": 32},
    "last": {"batch": 1, "frames": 2, "side": 32},
    "validate_every": 2,
    "save_every": 1,
}


TINY = HeldOut("tiny", 501, 502, 3, 3, 2, 2, 32, 32)


@pytest.fixture(autouse=True)
def small_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_training, "VALIDATED_ON", TINY)


def answer(capsys: pytest.CaptureFixture[str], *words: Any, **options: Any) -> dict[str, Any]:
    call_command(*words, json=True, **options)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_plan_becomes_weights_with_a_card_that_is_a_plan_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    shipped = tmp_path / "net.safetensors"
    done = answer(capsys, "train", out=tmp_path / "run", plan=tmp_path / "plan.json", ship=shipped)
    assert done["steps"] == 2 and done["best_step"] == 2
    card = json.loads(Path(done["card"]).read_text())
    assert card["sha256"] == hashlib.sha256(shipped.read_bytes()).hexdigest()
    assert card["bytes"] == shipped.stat().st_size < Path(done["weights"]).stat().st_size
    assert sum(p.numel() for p in load_network(shipped).parameters()) == card["parameters"]
    again = answer(capsys, "train", out=tmp_path / "again", plan=Path(done["card"]))
    assert again["best_band_mad"] == done["best_band_mad"]
    tables = answer(
        capsys, "evaluate", set="validation", predictor=["guided_filter"], checkpoint=[shipped],
        clips=1, threads=1,
    )["tables"]  # fmt: skip
    rows = tables[0]["rows"]
    assert set(rows) == {"mask", "guided_filter", f"{tmp_path.name}/net"}
    assert all(low <= mean <= high for mean, low, high in filter(None, rows["mask"].values()))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("steps=0", "steps"),
        ("nothing=1", "nothing"),
        ("wavelet=db2", "heavy shape"),
        ("steps", "has no ="),
        ("data=ab", "learned from other clips"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_before_anything_is_made(
    tmp_path: Path, setting: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        call_command("train", out=tmp_path / "run", set=[setting])
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"bundle": ["absent"]}, "absent holds no bundle"),
        ({"bundle": ["absent=0"]}, "above 0"),
        ({"painted": 0.0}, "something to learn from"),
    ],
)
def test_sources_that_cannot_be_are_refused_before_anything_is_made(
    tmp_path: Path, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        call_command("train", out=tmp_path / "run", **given)
    assert not (tmp_path / "run").exists()


def test_what_is_measured_has_an_alpha_and_is_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="makes no alpha"):
        call_command("evaluate", predictor=["layered_depth"], clips=1)
    with pytest.raises(BadInput, match="holds no bundle"):
        call_command("evaluate", bundle=[tmp_path])


def test_learned_keys_go_on_by_the_same_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ("clips=1", "bank=2", "frames=2", "height=16", "width=16", "channels=8", "blocks=1")
    plan = [*sizes, "steps=2", "batch=1"]
    done = answer(capsys, "train", "key", out=tmp_path, set=plan)
    assert done.keys() == {"steps", "loss", "weights", "plan"} and done["steps"] == 2
    assert done["plan"]["clips"] == 1 and Path(done["weights"]).is_file()
    assert answer(capsys, "train", "key", out=tmp_path, set=plan) == done
    with pytest.raises(BadInput, match="--data has no meaning for key"):
        call_command("train", "key", out=tmp_path, data=tmp_path)


def test_short_memory_lowers_the_sizes_which_the_folder_remembers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_training, "source_of", lambda *rest: Greedy())
    large = PLAN | {"steps": 3, "last": {"batch": 5, "frames": 2, "side": 32}}
    (tmp_path / "plan.json").write_text(json.dumps(large))
    words = {"out": tmp_path / "run", "plan": tmp_path / "plan.json"}
    call_command("train", json=True, **words)
    told = capsys.readouterr()
    assert json.loads(told.out)["steps"] == 3
    assert "clips per step lowered from 1 and 5 to 1 and 2" in told.err
    assert answer(capsys, "train", **words) == json.loads(told.out), "it goes on with those"
