"""Mattes of several objects: matched by what they cover, measured, and missed ones counted."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from django.core.management import call_command

from datasets_app.domain.quality.alpha_errors import connectivity_error, gradient_error
from inference_app.domain.evaluation import instances
from inference_app.domain.evaluation.instances import InstanceMeter, likeness_of
from inference_app.domain.evaluation.published import published_table
from inference_app.services.learning.instance_evaluation import evaluate_instances
from matteweb.errors import BadInput

Plane = npt.NDArray[np.float32]


def disc(x: float, y: float, radius: float = 8) -> Plane:
    row, column = np.mgrid[:40, :60]
    soft = np.clip((radius - np.hypot(column - x, row - y)) / 3 + 0.5, 0, 1)
    return np.asarray(soft, np.float32)


PEOPLE = [disc(12, 14), disc(30, 20), disc(47, 22)]


def test_equal_mattes_in_any_order_are_all_that_can_be_reached() -> None:
    meter = InstanceMeter()
    for order in permutations(PEOPLE):
        meter.add(order, PEOPLE)
    found = meter.finish()[0.5]
    assert (found.matched, found.extra, found.missed, found.recognition) == (18, 0, 0, 1)
    assert all(value == pytest.approx(1) for value in found.both.values())


def test_one_missed_and_one_extra_cost_half_a_match_each() -> None:
    meter = InstanceMeter()
    meter.add([PEOPLE[0], PEOPLE[1], disc(6, 34, 5)], PEOPLE)
    found = meter.finish()[0.5]
    assert (found.matched, found.extra, found.missed) == (2, 1, 1)
    assert found.recognition == pytest.approx(2 / 3)
    assert found.both["mad"] == pytest.approx(2 / 3) and found.matting["mad"] == pytest.approx(1)


def test_the_best_matching_of_all_is_taken_not_the_first() -> None:
    # The wide one overlaps both; taking it for the first would leave the second without.
    wide, first, second = disc(20, 20, 12), disc(17, 20, 9), disc(24, 20, 12)
    meter = InstanceMeter([0.3])
    meter.add([wide, first], [first, second])
    assert meter.finish()[0.3].matched == 2


def test_likeness_is_what_its_formula_says() -> None:
    alpha, truth = PEOPLE[0], np.asarray(np.roll(PEOPLE[0], 1, 1) * 0.9, np.float32)
    where = (alpha > 0) | (truth > 0)
    count = int(where.sum())
    off = np.abs(alpha.astype(float) - truth)[where]
    expected = {
        "mad": off.sum(),
        "mse": (off**2).sum(),
        "grad": gradient_error(alpha * where, truth * where, where),
        "conn": connectivity_error(alpha, truth, where),
    }
    for kind, value in likeness_of(alpha, truth).items():
        assert value == pytest.approx(1 - min(10 * expected[kind] / (count + 1), 1), abs=1e-5)
    assert likeness_of(alpha, 1 - alpha)["mad"] == 0


def test_nothing_at_all_is_no_figure_and_sizes_must_fit() -> None:
    meter = InstanceMeter()
    meter.add([np.zeros((4, 4), np.float32)], [])
    found = meter.finish()[0.5]
    assert (found.matched, found.extra, found.missed, found.recognition) == (0, 0, 0, None)
    with pytest.raises(BadInput, match="different sizes"):
        meter.add([np.ones((4, 4), np.float32)], [np.ones((4, 5), np.float32)])


def test_all_overlaps_are_measured_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[Plane] = []

    def counted(alpha: Plane, truth: Plane) -> dict[str, float]:
        measured.append(alpha)
        return likeness_of(alpha, truth)

    monkeypatch.setattr(instances, "likeness_of", counted)
    meter = InstanceMeter([0.5, 0.9, 1.0])
    meter.add([PEOPLE[0], np.roll(PEOPLE[1], 1, 1)], PEOPLE[:2])
    matched = {least: found.matched for least, found in meter.finish().items()}
    assert matched == {0.5: 2, 0.9: 1, 1.0: 1} and len(measured) == 2


@pytest.mark.parametrize("overlap", [0.0, -0.5, 1.1, float("nan")])
def test_an_overlap_that_decides_nothing_is_refused(overlap: float) -> None:
    with pytest.raises(BadInput, match="decides nothing"):
        InstanceMeter([0.5, overlap])


def test_mattes_are_read_as_pictures_are_elsewhere(tmp_path: Path) -> None:
    for folder in ("found", "true"):
        (tmp_path / folder).mkdir()
        # 16 bits, of which 8 are dropped.
        deep = np.rint(PEOPLE[0] * 65535).astype(np.uint16)
        cv2.imwrite(str(tmp_path / folder / "0.png"), deep)
    wish: Any = {"predicted": tmp_path / "found", "true": tmp_path / "true", "told": ignore}
    found = evaluate_instances(overlaps=[0.5], **wish)[0.5]
    assert found.matched == 1 and found.both["mse"] == pytest.approx(1)
    (tmp_path / "found" / "0.png").write_text("nothing")
    with pytest.raises(BadInput, match=r"0\.png is not a picture"):
        evaluate_instances(overlaps=[0.5], **wish)


def ignore(line: str) -> None:
    """Hear of a picture that was measured."""


def test_the_command_matches_files_of_two_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, order in (("found", (2, 0)), ("true", (0, 1, 2))):
        (tmp_path / folder / "picture").mkdir(parents=True)
        for number, person in enumerate(order):
            path = tmp_path / folder / "picture" / f"{number:02d}.png"
            cv2.imwrite(str(path), np.rint(PEOPLE[person] * 255).astype(np.uint8))
    call_command("evaluate_instances", tmp_path / "found", tmp_path / "true", "--json")
    told = json.loads(capsys.readouterr().out)["overlaps"]
    assert set(told) == {"0.5", "0.75"}
    assert (told["0.5"]["matched"], told["0.5"]["missed"]) == (2, 1)
    assert told["0.5"]["both"]["conn"] == pytest.approx(2 / 2.5)


def test_the_scaling_of_others_follows_from_the_size() -> None:
    # A mean difference of 0.005 at 1280 x 720: 54.3 in their tables, 5.0 in ours.
    figures: dict[str, list[float | None]] = {
        "mad": [5.0], "mse": [5.0], "sad": [4.6], "mad_foreground": [None], "mad_unknown": [5.0],
        "conn": [2.0], "dtssd": [5.0],
    }  # fmt: skip
    row = published_table("t", {"ours": figures}, [1280 * 720]).rows["ours"]
    means = {name: cell and round(cell.mean, 1) for name, cell in row.items()}
    assert means == {
        "mad": 54.3, "mse": 54.3, "sad": 4.6, "mad_foreground": None, "mad_unknown": 54.3,
        "conn": 2.0, "dtssd": 4.8,
    }  # fmt: skip
