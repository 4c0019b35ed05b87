"""Training and evaluating by command: a plan in, weights and a card out, figures of both."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from inference_app.domain.networks.saved_network import load_network
from matteweb.errors import BadInput

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
    ],
)
def test_a_plan_that_cannot_be_is_refused_before_anything_is_made(
    tmp_path: Path, setting: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        call_command("train", out=tmp_path / "run", set=[setting])
    assert not (tmp_path / "run").exists()
