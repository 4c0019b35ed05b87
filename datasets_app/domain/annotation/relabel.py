"""From labels that people drew to classes: what counts as an object, what as the area of a fault,
and which objects are faulty because of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from datasets_app.domain.annotation.tracks import Shape, Track, Tracks
from matteweb.errors import BadInput

Role = Literal["object", "fault", "ignore"]
Match = Literal["overlap", "group", "frames"]

GOOD = "good"
FAULT_WORDS = ("defect", "fault", "anomaly", "crack", "scratch", "damage", "stain")


class LabelRule(BaseModel):
    """What one label means. ``label``: the class of an object as it is, or the class that an object
    turns into where a fault of this label lies on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role
    label: str = Field(default="", max_length=60)

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.role != "ignore" and not self.label.strip():
            raise ValueError("an object or a fault needs the name of a class")
        return self


class Relabelling(BaseModel):
    """The mapping as a person edits it.

    ``labels``: label -> rule; a label without one is ignored. ``match``: a fault belongs to the
    objects that it overlaps, to those of its own group, or to all that are visible with it.
    ``least_overlap``: share of the fault's box that must lie in the object's. ``whole_track``: an
    object that is faulty on one frame is faulty on all. ``overrides``: track number -> class that
    a person decided for the whole track, "" for leaving it out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: Mapping[str, LabelRule]
    match: Match = "overlap"
    least_overlap: float = Field(default=0.1, ge=0, le=1)
    whole_track: bool = False
    overrides: Mapping[int, str] = Field(default_factory=dict)

    @classmethod
    def suggested(cls, labels: Iterable[str]) -> Relabelling:
        """Return a mapping to begin with: labels that speak of faults mark areas, all others are
        objects that are good."""
        return cls(
            labels={
                label: LabelRule(role="fault", label="defective")
                if any(word in label.casefold() for word in FAULT_WORDS)
                else LabelRule(role="object", label=GOOD)
                for label in labels
            }
        )

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Relabelling:
        """Read what a page or a file holds. Raises BadInput."""
        try:
            return cls.model_validate(plain)
        except ValueError as error:
            raise BadInput(f"the mapping of labels cannot be used: {error}") from error


@dataclass(frozen=True, slots=True)
class Change:
    """One track that does not keep the class of its label: proposed, or decided by a person."""

    track: int
    label: str
    becomes: str
    frames: tuple[int, ...]
    because: tuple[int, ...]
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Labelled:
    """An object on one frame, with its class and the faults that lie on it there."""

    track: int
    shape: Shape
    label: str
    faults: tuple[Shape, ...] = ()


def labels_of(tracks: Tracks) -> list[str]:
    """Return every label that is declared or used, in the file's order."""
    return list(dict.fromkeys([*tracks.labels, *(track.label for track in tracks.tracks)]))


def changes(tracks: Tracks, rule: Relabelling) -> list[Change]:
    """Return which objects turn faulty on which frames, and because of which tracks; what a person
    decided comes instead. Sorted by track and class."""
    found: list[Change] = []
    causes = _causes(tracks, rule)
    for track in _objects(tracks, rule):
        if track.number in rule.overrides:
            frames = tuple(shape.frame for shape in track.visible())
            becomes = rule.overrides[track.number]
            found.append(Change(track.number, track.label, becomes, frames, (), by_hand=True))
            continue
        by_class: dict[str, dict[int, set[int]]] = {}
        for fault, frames_hit in causes.get(track.number, {}).items():
            becomes = rule.labels[_track(tracks, fault).label].label
            for frame in frames_hit:
                by_class.setdefault(becomes, {}).setdefault(frame, set()).add(fault)
        for becomes, hit in sorted(by_class.items()):
            frames = tuple(sorted(hit))
            if rule.whole_track:
                frames = tuple(shape.frame for shape in track.visible())
            because = tuple(sorted({fault for faults in hit.values() for fault in faults}))
            found.append(Change(track.number, track.label, becomes, frames, because))
    return found


def labelled_frames(tracks: Tracks, rule: Relabelling) -> Iterator[Labelled]:
    """Yield every visible object of every frame with its class. Fault areas disappear: their
    shapes only come along with the objects that they lie on."""
    turned: dict[tuple[int, int], str] = {}
    for change in changes(tracks, rule):
        for frame in change.frames:
            turned.setdefault((change.track, frame), change.becomes)
    areas: dict[int, list[Shape]] = {}
    for track in tracks.tracks:
        if _role(track, rule) == "fault":
            for shape in track.visible():
                areas.setdefault(shape.frame, []).append(shape)
    for track in _objects(tracks, rule):
        usual = rule.labels[track.label].label
        for shape in track.visible():
            label = turned.get((track.number, shape.frame), usual)
            if label:
                on_it = tuple(
                    area for area in areas.get(shape.frame, ()) if area.box.overlap(shape.box) > 0
                )
                yield Labelled(track.number, shape, label, on_it if label != usual else ())


def relabelled(tracks: Tracks, rule: Relabelling) -> Tracks:
    """Return the tracks as a person would have edited the file by hand: each object cut where its
    class changes, faults gone. New pieces are numbered after the last track."""
    pieces: list[Track] = []
    number = max((track.number for track in tracks.tracks), default=-1)
    by_track: dict[int, list[Labelled]] = {}
    for one in labelled_frames(tracks, rule):
        by_track.setdefault(one.track, []).append(one)
    for track in _objects(tracks, rule):
        first = True
        for label, shapes in _runs(by_track.get(track.number, [])):
            if not first:
                number += 1
            own = track.number if first else number
            pieces.append(Track(own, label, shapes, track.group, track.source))
            first = False
    labels = tuple(dict.fromkeys(track.label for track in pieces))
    return Tracks(tuple(pieces), labels, tracks.frames, tracks.size, tracks.task)


def _runs(frames: list[Labelled]) -> Iterator[tuple[str, tuple[Shape, ...]]]:
    run: list[Labelled] = []
    for one in frames:
        if run and (one.label != run[-1].label or one.shape.frame != run[-1].shape.frame + 1):
            yield run[0].label, tuple(piece.shape for piece in run)
            run = []
        run.append(one)
    if run:
        yield run[0].label, tuple(piece.shape for piece in run)


def _causes(tracks: Tracks, rule: Relabelling) -> dict[int, dict[int, set[int]]]:
    """Return object -> fault -> frames on which the fault is the object's. What belongs to a group
    with an object turns with it."""
    found: dict[int, dict[int, set[int]]] = {}
    on_frame: dict[int, list[tuple[Track, Shape]]] = {}
    for track in _objects(tracks, rule):
        for shape in track.visible():
            on_frame.setdefault(shape.frame, []).append((track, shape))
    for fault in tracks.tracks:
        if _role(fault, rule) != "fault":
            continue
        for area in fault.visible():
            for number in _hit(fault, area, on_frame.get(area.frame, []), rule):
                found.setdefault(number, {}).setdefault(fault.number, set()).add(area.frame)
    return found


def _hit(
    fault: Track, area: Shape, beside: list[tuple[Track, Shape]], rule: Relabelling
) -> set[int]:
    """Return the objects of one frame to which a fault belongs, and those of their groups."""
    hit = [track for track, shape in beside if _belongs(fault, area, track, shape, rule)]
    groups = {track.group for track in hit if track.group}
    return {track.number for track in hit} | {
        track.number for track, _ in beside if track.group in groups
    }


def _belongs(fault: Track, area: Shape, track: Track, shape: Shape, rule: Relabelling) -> bool:
    if rule.match == "frames":
        return True
    if rule.match == "group":
        return bool(fault.group) and fault.group == track.group
    whole, shared = area.box.area, area.box.overlap(shape.box)
    return shared > 0 and shared >= rule.least_overlap * whole


def _objects(tracks: Tracks, rule: Relabelling) -> list[Track]:
    return [track for track in tracks.tracks if _role(track, rule) == "object"]


def _role(track: Track, rule: Relabelling) -> Role:
    found = rule.labels.get(track.label)
    return found.role if found else "ignore"


def _track(tracks: Tracks, number: int) -> Track:
    return next(track for track in tracks.tracks if track.number == number)
