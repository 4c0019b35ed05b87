"""What is stored of a finding: frames, layers that the clip has, the place, words and advice."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics import METRICS
from datasets_app.domain.metrics.base import MetricResult, Note, Place, Symptom
from datasets_app.domain.quality.measure import Measured, ObjectPlaces
from datasets_app.domain.quality.report import QualityFacts, facts_of, found_words

SIZE = FrameSize(960, 540)


def places() -> ObjectPlaces:
    """Return an object of 100 x 40 px at (200, 100) that goes 200 px to the right in frame 1."""
    seen = ObjectPlaces(SIZE)
    for left in (100, 200, 100):
        alpha = np.zeros((270, 480), np.uint8)
        alpha[50:70, left : left + 50] = 255
        seen.add(alpha)
    seen.add(np.zeros((270, 480), np.uint8))
    return seen


def facts(*notes: Note, layers: tuple[str, ...] = ("rgb_full", "mask")) -> QualityFacts:
    measured = [Measured(METRICS["flicker"], MetricResult((1.0,) * 4, 1.0, notes))]
    return facts_of(measured, [], 4, layers=layers, places=places())


def note(first: int, last: int, place: Place = "object", strength: float = 0.6) -> Note:
    symptom = Symptom("it flickers", ("alpha", "mask"), "Mend it.", place)
    return Note(first, last, symptom, strength)


@pytest.mark.parametrize(
    ("place", "frames", "box"),
    [
        ("object", (0, 0), [200, 100, 100, 40]),
        ("object", (0, 2), [200, 100, 300, 40]),
        ("around", (0, 0), [150, 80, 200, 80]),
        ("frame", (0, 2), None),
        ("object", (3, 3), None),
    ],
)
def test_a_finding_says_where_it_is(
    place: Place, frames: tuple[int, int], box: list[int] | None
) -> None:
    (found,) = facts(note(*frames, place)).findings
    assert found["box"] == box


def test_a_finding_says_layer_frames_and_what_to_do() -> None:
    (found,) = facts(note(1, 2)).findings
    assert found["layers"] == ["mask"]
    assert (found["words"], found["advice"]) == ("it flickers", "Mend it.")
    assert found["text"] == "frames 1-2, mask: it flickers"


def test_the_worst_finding_is_first_and_names_the_report() -> None:
    found = facts(note(0, 0, strength=0.5), note(2, 2, strength=0.8))
    assert [one["first"] for one in found.findings] == [2, 0]
    assert (found.score, found.finding) == (0.8, "frame 2, mask: it flickers")
    assert found.found == " flicker "
    assert facts().found == ""


def test_names_are_found_whole() -> None:
    assert " flicker " not in found_words({"fill_flicker"})
    assert " flicker " in found_words({"spill", "flicker", "fill_flicker"})


def test_every_metric_that_can_find_something_says_what_to_do() -> None:
    told = [
        symptom
        for metric in METRICS
        for symptom in vars(__import__(type(metric).__module__, fromlist=["x"])).values()
        if isinstance(symptom, Symptom)
    ]
    assert len(told) >= 12
    for symptom in told:
        assert symptom.layers
        assert symptom.advice.endswith(".")
        assert not symptom.words.endswith(".")
