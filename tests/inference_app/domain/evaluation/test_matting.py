"""Tables say what was measured, with intervals over clips."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from datasets_app.domain.progress import never_stop
from inference_app.domain.device import Device
from inference_app.domain.evaluation.matting import (
    FIGURES,
    every_mask,
    first_mask,
    mask_itself,
    measure_methods,
    predictor_method,
    true_trimap,
)
from inference_app.domain.evaluation.tables import Interval, Table, interval_of
from inference_app.domain.predictors.guided_filter import GuidedFilter
from inference_app.domain.training.painted import MattingClip, bank_of, painted_clip
from matteweb.errors import Cancelled


@pytest.fixture(scope="module")
def clips() -> list[MattingClip]:
    bank = bank_of(5, 6, 6)
    return [painted_clip(bank, 3, index, frames=3, height=48, width=64) for index in range(4)]


def test_the_truth_has_no_error_and_the_mask_has_some(clips: list[MattingClip]) -> None:
    found = measure_methods(clips, {"mask": mask_itself, "truth": lambda clip: clip.alpha})
    table = found.table("all")
    for name in FIGURES:
        truth, mask = table.rows["truth"][name], table.rows["mask"][name]
        assert truth is not None and truth.mean == 0
        assert mask is not None and mask.low <= mask.mean <= mask.high
        # In such small frames little is solid, and there the mask is right.
        assert mask.mean > 0 or name == "mad_foreground"


def test_a_predictor_is_a_method_that_is_told_what_it_may_know(clips: list[MattingClip]) -> None:
    method = predictor_method(GuidedFilter().load({}, Device()), every_mask)
    alphas = list(method(clips[0]))
    assert len(alphas) == 3 and alphas[0].dtype == np.uint8
    assert first_mask(clips[0], 1) is None
    assert set(np.unique(true_trimap(clips[0], 0))) <= {0, 128, 255}


def test_thin_strands_are_counted_apart(clips: list[MattingClip]) -> None:
    found = measure_methods(clips, {"mask": mask_itself})
    found.stranded = [True, False, False, False]
    apart = found.table("strands", stranded_only=True).rows["mask"]["mad"]
    assert apart is not None and apart.mean == found.values["mask"]["mad"][0]


def test_an_evaluation_stops_between_two_methods(clips: list[MattingClip]) -> None:
    with pytest.raises(Cancelled):
        measure_methods(clips, {"mask": mask_itself}, should_stop=lambda: True)
    assert measure_methods(clips[:1], {"mask": mask_itself}, should_stop=never_stop).stranded


def test_an_interval_holds_the_mean_and_narrows_with_more_clips() -> None:
    rng = np.random.default_rng(1)
    few, many = (interval_of(list(rng.normal(5, 1, count))) for count in (8, 800))
    assert few is not None and many is not None
    assert few.low < few.mean < few.high
    assert many.high - many.low < (few.high - few.low) / 4
    assert interval_of([None, None]) is None
    assert interval_of([2.0, None]) == Interval(2.0, 2.0, 2.0)


def test_a_table_reads_back_from_csv_and_marks_the_best_in_latex() -> None:
    rows: dict[str, dict[str, Interval | None]] = {
        "a_b": {"mad": Interval(2, 1, 3)},
        "c": {"mad": Interval(1, 0, 2)},
        "d": {"mad": None},
    }
    table = Table("t", ("mad",), rows)
    read = list(csv.DictReader(io.StringIO(table.as_csv())))
    assert [row["method"] for row in read] == ["a_b", "c", "d"]
    assert float(read[1]["mad"]) == 1 and float(read[0]["mad_high"]) == 3 and read[2]["mad"] == ""
    latex = table.as_latex()
    assert r"a\_b & 2.00 \\" in latex and r"\textbf{1.00}" in latex and "d & --" in latex
    assert "-" in table.as_text().splitlines()[-1]
