"""Captions of a rendered scene out of its own description: no model, no picture, no doubt.

What is described is the clean video, in which the removed objects never were; that is what a
trainer of effect removal reads. The same scene always gives the same four texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from datasets_app.domain.captions.scene_words import (
    Chooser,
    Gaze,
    article,
    at_rest,
    camera_speed,
    camera_way,
    drifts,
    floor,
    floor_words,
    grouped,
    in_flight,
    joined,
    sentence,
    side_of,
    substance,
    summed,
    sun_height,
    sun_side,
    thing_words,
    wall,
)
from datasets_app.domain.captions.texts import WORD_LIMITS, Captions
from datasets_app.domain.scenes.description import Scene


def scene_facts(scene: Scene) -> Captions:
    """Return the captions of the clean video: at most 25, 75 and 125 words, and a summary."""
    facts = _Facts(scene)
    return Captions(
        short=_longest(facts.short_candidates(), WORD_LIMITS["short"]),
        prompt=_filled((facts.things(), *facts.around()), WORD_LIMITS["prompt"]),
        verbose=_filled(
            (facts.things(), *facts.places(), *facts.around(), *facts.details()),
            WORD_LIMITS["verbose"],
        ),
        summary=facts.summary(),
    )


class _Facts:
    """The sentences that a scene gives, each said once."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._chooser = Chooser(scene)
        self._gaze = Gaze.of(scene.camera)
        kept = [thing for thing in scene.objects if not thing.removed]
        self._kept = kept
        self._resting = [thing for thing in kept if thing.rests]
        self._smoke = [thing for thing in kept if thing.shape.kind == "smoke"]
        self._flying = [thing for thing in kept if not thing.rests and thing not in self._smoke]
        self._rest = at_rest(self._chooser, self._resting)
        self._fly = in_flight(self._chooser, self._gaze, self._flying)
        self._light = self._light_words()
        self._camera = self._camera_words()
        self._drift = drifts(self._chooser, self._smoke) if self._smoke else ""

    def short_candidates(self) -> Iterable[str]:
        """Yield one-sentence captions, each shorter than the one before."""
        under = f" under {self._sky()}"
        for things in (self._told(sized=True), self._told(sized=False), self._told_briefly()):
            yield sentence(f"{things}{self._before()}{under}{self._while()}")
            yield sentence(f"{things}{self._before()}{under}")
        yield sentence(f"{self._told_briefly()}{under}")

    def things(self) -> str:
        """Return what is there and what it does, before what."""
        return sentence(self._told(sized=True) + self._before())

    def around(self) -> tuple[str, ...]:
        """Return the sentences on light and camera."""
        return sentence(self._light), sentence(self._camera)

    def places(self) -> tuple[str, ...]:
        """Return on which side the things start that have a name of their own: a sentence for each
        side, none where all start on one."""
        names = [thing_words(thing, sized=False) for thing in self._kept]
        sides: dict[str, list[str]] = {}
        for name, thing in zip(names, self._kept, strict=True):
            if names.count(name) == 1:
                sides.setdefault(side_of(self._gaze, thing), []).append(f"the {name}")
        if len(sides) < 2:
            return ()
        starts = self._chooser.one((("starts", "start"), ("is", "are"), ("begins", "begin")))
        return tuple(
            sentence(f"{joined(told)} {starts[len(told) > 1]} {side}")
            for side, told in sides.items()
        )

    def details(self) -> tuple[str, ...]:
        """Return what the eye finds last: mirrors, glass, shadows, what stays as it is."""
        found = []
        ground = floor_words(self._scene)
        if ground.startswith("polished"):
            mirrored = "whatever stands or moves above it" if self._kept else "the sky"
            found.append(f"the {ground} mirrors {mirrored}")
        elif ground.endswith("water"):
            found.append("soft ripples run over the water and break its reflections")
        made = {substance(thing) for thing in self._kept}
        if "glass" in made:
            found.append("light shines through the glass and bends what lies behind it")
        if "metal" in made:
            found.append("the metal reflects its surroundings")
        if self._resting + self._flying and not ground.endswith("water"):
            length = {"low": "long", "high": "short"}.get(sun_height(self._scene), "clear")
            found.append(f"{length} shadows fall on the {ground}")
        found.append("nothing else enters the picture, and the light does not change")
        return tuple(sentence(words) for words in found)

    def summary(self) -> str:
        """Return the least that tells this scene from another."""
        when = "at dusk" if self._scene.low_light else "in daylight"
        if not self._kept:
            return sentence(f"{floor(self._scene, 'empty')} {when}")
        return sentence(f"{summed(self._kept)} on {floor(self._scene)} {when}")

    def _told(self, *, sized: bool) -> str:
        on = f"on {floor(self._scene)}"
        if not self._kept:
            empty = ("lies empty", "stretches away empty", "is empty")
            return f"{floor(self._scene)} {self._chooser_of(empty)}"
        told: list[str] = []
        for things, verb in (
            (self._resting, self._rest),
            (self._flying, self._fly),
            (self._smoke, self._drift),
        ):
            if things:
                place = (
                    "" if told else on if things is self._resting else f"over {floor(self._scene)}"
                )
                told.append(f"{grouped(things, sized=sized)} {verb} {place}".strip())
        first = told[0] if len(told) == 1 else f"{told[0]} while {told[1]}"
        return first if len(told) < 3 else f"{first} and {told[2]}"

    def _told_briefly(self) -> str:
        if not self._kept:
            return self._told(sized=False)
        one = len(self._kept) == 1
        all_rest = len(self._resting) == len(self._kept)
        verb = "rest" if all_rest else "move" if not self._resting else "rest and move"
        return f"{summed(self._kept)} {verb}{'s' if one else ''} on {floor(self._scene)}"

    def _chooser_of(self, phrases: Sequence[str]) -> str:
        """Choose by the scene, the same at every call."""
        return phrases[self._scene.seed % len(phrases)]

    def _before(self) -> str:
        behind = wall(self._scene)
        return f"{self._chooser_of((' before ', ' in front of '))}{behind}" if behind else ""

    def _sky(self) -> str:
        if self._scene.low_light:
            return self._chooser_of(("a dim evening sky", "a dark sky with a low sun"))
        return article(f"{sun_height(self._scene)} sun")

    def _while(self) -> str:
        way = camera_way(self._scene)
        return f" while the camera {way}" if way else " in a still shot"

    def _light_words(self) -> str:
        height, side = sun_height(self._scene), sun_side(self._scene, self._gaze)
        if self._scene.low_light:
            phrases = (
                f"it is nearly dark, and a faint low sun shines {side}",
                f"the last light of a low sun comes {side} under a dim sky",
                f"dusk: a weak sun just above the horizon shines {side}",
            )
        else:
            phrases = (
                f"{article(height)} sun shines {side}",
                f"sunlight falls {side}, from {article(height)} sun",
                f"the scene is lit {side} by {article(height)} sun",
            )
        return self._chooser.one(phrases)

    def _camera_words(self) -> str:
        way, speed = camera_way(self._scene), camera_speed(self._scene)
        if not way:
            return self._chooser.one(
                ("the camera stands still", "the shot is fixed", "the camera does not move")
            )
        return self._chooser.one(
            (
                f"the camera {way} {speed}",
                f"{speed}, the camera {way}",
                f"the camera {speed} {way}",
            )
        )


def _longest(candidates: Iterable[str], limit: int) -> str:
    """Return the first that has at most ``limit`` words, else the last."""
    last = ""
    for last in candidates:
        if len(last.split()) <= limit:
            break
    return last


def _filled(sentences: Iterable[str], limit: int) -> str:
    """Return the sentences, in order, without those for which there is no room."""
    found: list[str] = []
    room = limit
    for one in sentences:
        words = len(one.split())
        if words <= room:
            found.append(one)
            room -= words
    return " ".join(found)
