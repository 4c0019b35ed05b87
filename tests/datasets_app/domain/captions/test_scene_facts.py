"""Captions out of scenes: true, within their lengths, grammatical, varied, always the same."""

from __future__ import annotations

import re

import pytest

from datasets_app.domain.captions import WORD_LIMITS, Captions
from datasets_app.domain.captions.scene_facts import scene_facts
from datasets_app.domain.captions.scene_words import (
    Gaze,
    article,
    camera_way,
    joined,
    plural,
    side_of,
    thing_words,
)
from datasets_app.domain.scenes.description import Scene, Sun, Surface
from datasets_app.domain.scenes.params import EffectRemovalParams
from tests.datasets_app.domain.scenes.test_draw import scenes
from tests.datasets_app.domain.scenes.test_renderer import BALL, CUBE, scene, thing

CROWDED = EffectRemovalParams(frames=81, objects_min=6, objects_max=12, size_max=1.2).rule
SOFT = EffectRemovalParams(frames=81, objects_min=2, fur=0.4, smoke=0.4).rule
RED_BALL = "lacquered red ball"


@pytest.fixture(scope="module")
def told() -> list[tuple[Scene, Captions]]:
    """Scenes as the recipe draws them by default, full ones, and ones with fur and smoke."""
    drawn = (*scenes(120), *scenes(40, CROWDED), *scenes(40, SOFT))
    return [(one, scene_facts(one)) for one in drawn]


def sentences(text: str) -> list[str]:
    return re.findall(r"[^.]+\.", text)


def test_every_length_keeps_its_limit_and_longer_ones_say_more(
    told: list[tuple[Scene, Captions]],
) -> None:
    for _, captions in told:
        for length, limit in WORD_LIMITS.items():
            assert 5 <= len(getattr(captions, length).split()) <= limit
        assert 3 <= len(captions.summary.split()) <= WORD_LIMITS["short"]
        assert len(captions.verbose.split()) > len(captions.prompt.split()) > 10


def test_the_same_scene_gives_the_same_words(told: list[tuple[Scene, Captions]]) -> None:
    for one, captions in told[:20]:
        assert scene_facts(Scene.model_validate_json(one.model_dump_json())) == captions


def test_texts_are_whole_sentences_with_the_right_articles(
    told: list[tuple[Scene, Captions]],
) -> None:
    for _, captions in told:
        for text in (captions.short, captions.prompt, captions.verbose, captions.summary):
            assert "".join(sentences(text)) == text
            assert all(one.strip()[0].isupper() for one in sentences(text))
            assert not re.search(
                r"  | \.|,,|\ba [aeiou]|\ban [^aeiou]|\ba \w+s\b(?<!ss) (are|rest)", text
            )
            assert not re.search(r"\b(an?|one) calm water", text)


def test_what_is_removed_is_not_spoken_of(told: list[tuple[Scene, Captions]]) -> None:
    for one, captions in told:
        kept = {thing_words(t, sized=False) for t in one.objects if not t.removed}
        gone = {thing_words(t, sized=False) for t in one.objects if t.removed} - kept
        for name in gone:
            inside_another = any(name in other for other in kept)
            assert inside_another or not re.search(rf"\b{name}s?\b", captions.verbose)


def test_everything_that_is_left_is_in_the_long_texts(
    told: list[tuple[Scene, Captions]],
) -> None:
    for one, captions in told:
        for name in {thing_words(t, sized=True) for t in one.objects if not t.removed}:
            assert name in captions.verbose
        empty = len(one.removed) == len(one.objects)
        assert ("mpty" in captions.short) == empty
        assert ("dusk" in captions.summary) == one.low_light


def test_verbs_agree_with_what_they_speak_of() -> None:
    one = scene_facts(scene(BALL, CUBE)).prompt
    assert re.match(r"A matte red cube (rests|lies still|sits) on a plain floor\.", one)
    two = scene_facts(scene(CUBE, CUBE.model_copy(update={"name": "object-3"}))).prompt
    assert re.match(r"Two matte red cubes (rest|lie still|sit) on a plain floor\.", two)


def test_no_two_scenes_of_a_run_are_told_alike(told: list[tuple[Scene, Captions]]) -> None:
    """Of captions without colours, shapes and numbers many different ones remain."""
    assert len({captions.prompt for _, captions in told}) > 0.9 * len(told)
    last = {sentences(captions.prompt)[-1] for _, captions in told}
    middle = {re.sub(r"(low|bright|high)", "", sentences(c.prompt)[-2]) for _, c in told}
    assert len(last) > 15
    assert len(middle) > 12


def test_places_and_ways_are_those_of_the_picture() -> None:
    """The camera of these scenes looks along y, so that x is right, where it goes too."""
    left = thing("object-1", "sphere", (-1.5, 0, 1.2))
    here = scene(left, CUBE)
    gaze = Gaze.of(here.camera)
    assert [side_of(gaze, one) for one in here.objects] == ["on the left", "on the right"]
    assert camera_way(here) == "slides to the right"
    said = scene_facts(here).verbose
    assert re.search(r"The matte red ball (starts|is|begins) on the left\.", said)
    west = here.model_copy(update={"sun": here.sun.model_copy(update={"azimuth": 180})})
    assert "from the left" in scene_facts(west).prompt
    flung = thing("object-1", "sphere", (0, 0, 2), rests=False, velocity=(3.0, 0, 0))
    assert "to the right over a plain floor" in scene_facts(scene(flung)).prompt


def test_materials_are_said_as_people_say_them() -> None:
    def named(finish: str, **more: object) -> str:
        surface = Surface(finish=finish, color=(1, 1, 1), **more)
        return thing_words(BALL.model_copy(update={"surface": surface}), sized=False)

    assert named("red lacquered") == RED_BALL
    assert named("red metal") == "red metal ball"
    assert named("orange patterned matte", pattern="stripes") == "matte striped orange ball"


def test_lists_end_with_an_and_before_the_last() -> None:
    assert joined(["a cup"]) == "a cup"
    assert joined(["a cup", "a pot", "two jugs"]) == "a cup, a pot and two jugs"
    assert (article("orange ball"), article("red ball")) == ("an orange ball", "a red ball")


def test_a_night_and_a_noon_are_told_apart() -> None:
    noon = Sun(elevation=75, azimuth=0, angle=1, strength=4, color=(1, 1, 1))
    assert "high sun" in scene_facts(scene(CUBE, sun=noon)).short
    assert (
        "dark" in scene_facts(scene(CUBE, low_light=True)).short
        or "dim" in scene_facts(scene(CUBE, low_light=True)).short
    )


def test_more_than_one_of_a_model_that_a_person_named_is_a_word() -> None:
    assert [plural(name) for name in ("ball", "oak box", "glass", "bench", "chair")] == [
        *("balls", "oak boxes", "glasses", "benches", "chairs")
    ]
