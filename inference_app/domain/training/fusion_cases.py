"""What the engine really makes between two true masks, kept as something to learn fusion from.

A set is a folder: one gray PNG per case, its planes one below the other in the order of ``ROWS``,
and ``<clip>.json`` per finished clip, so that a killed process costs one clip. A case is one object
on one frame between two references: what was carried from either, how far it can be trusted, what
a correction of the reference on one side says, and the truth.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.evaluation.protocols import truth_masks
from inference_app.domain.evaluation.sequences import LabelStack
from inference_app.domain.evaluation.sequences import Sequence as Clip
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.meetings import Meeting
from inference_app.domain.interactive.pictures import PictureList
from inference_app.domain.interactive.planes import Floats, SoftMask
from inference_app.domain.interactive.scribble import ScribbleEngine, Words
from inference_app.domain.interactive.spans import Leg, References, run_leg
from inference_app.domain.training.painted import bank_of, painted_clip
from matteweb.errors import BadInput

ROWS: Final = (
    "red", "green", "blue", "old", "new", "old_weight", "new_weight", "plus", "minus", "truth",
)  # fmt: skip
_LEAST_PIXELS: Final = 100
_APART: Final = 0.1

Planes = npt.NDArray[np.uint8]
"""(10, H, W) uint8 in the order of ``ROWS``."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case on disk. ``apart``: pixels on which old and new differ; ``path``: below the set."""

    path: str
    clip: str
    apart: int


@dataclass(frozen=True, slots=True, eq=False)
class FusionSet:
    """What there is to learn from, in the order of clips and cases."""

    folder: Path
    cases: tuple[CaseFile, ...]
    digest: str

    def planes(self, number: int) -> Planes:
        """Read one case. Raises BadInput when its file is not what was written."""
        path = self.folder / self.cases[number].path
        column = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if column is None or column.shape[0] % len(ROWS):
            raise BadInput(f"{path.name} is no case for fusion", hint="make the set anew")
        return np.asarray(column.reshape(len(ROWS), -1, column.shape[1]), np.uint8)


def meeting_of(planes: Planes) -> tuple[Meeting, SoftMask]:
    """Return a case as the engine would meet it, with the truth."""
    rest = planes[3:].astype(np.float32) / 255
    return Meeting(planes[:3].transpose(1, 2, 0), *rest[:6]), rest[6]


def fusion_set_make(
    clips: Iterable[Clip],
    folder: Path,
    *,
    every: int,
    flow_folder: Path | None,
    progress: Progress,
    should_stop: ShouldStop,
) -> FusionSet:
    """Carry masks between true ones ``every`` so many frames and keep what comes out.

    What is finished is not made again. Raises Cancelled, BadInput when nothing came out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for done, clip in enumerate(clips, 1):
        listed = folder / f"{clip.name}.json"
        if not listed.exists():
            flow = FlowSource(clip.pictures, flow_folder and flow_folder / clip.name)
            rows = [
                _kept(folder, clip.name, case)
                for case in cases_of(clip, flow, every=every, should_stop=should_stop)
            ]
            engine = ScribbleEngine.info
            facts = {"engine": engine.slug, "version": engine.version, "every": every}
            draft = listed.with_suffix(".partial")
            draft.write_text(json.dumps(facts | {"cases": [asdict(row) for row in rows]}))
            draft.replace(listed)
        progress(done, None)
    return read_fusion_set(folder)


def read_fusion_set(folder: Path) -> FusionSet:
    """Return the set that lies in ``folder``. Raises BadInput when there is none."""
    cases: list[CaseFile] = []
    hashed = hashlib.sha256()
    for listed in sorted(folder.glob("*.json")):
        text = listed.read_bytes()
        hashed.update(text)
        try:
            cases += [CaseFile(**row) for row in json.loads(text)["cases"]]
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{listed.name} lists no cases for fusion: {error}") from error
    if not cases:
        raise BadInput(
            f"{folder.name} holds no cases for fusion",
            hint="make them with `manage.py make_fusion_data`",
        )
    return FusionSet(folder, tuple(cases), hashed.hexdigest())


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A case before it is stored."""

    object: int
    left: int
    right: int
    frame: int
    meeting: Meeting
    truth: SoftMask


def cases_of(
    clip: Clip, flow: FlowSource, *, every: int, should_stop: ShouldStop
) -> Iterator[Case]:
    """Yield the cases of one clip, span by span; the changed side is right and left in turn.

    Memory: one span of ``every`` frames. Raises Cancelled.
    """
    last = clip.pictures.frames - 1
    given = sorted({*range(0, last + 1, every), last})
    for place, (left, right) in enumerate(pairwise(given)):
        references = {frame: truth_masks(clip, frame) for frame in (left, right)}
        shown = [n for n in references[left] if any(m[n].any() for m in references.values())]
        if shown and right - left > 1:
            span = _Span(clip, flow, references, shown, left, right)
            yield from span.cases(place % 2 == 0, should_stop)


@dataclass(frozen=True, slots=True, eq=False)
class _Span:
    clip: Clip
    flow: FlowSource
    references: References
    objects: Sequence[int]
    left: int
    right: int

    def cases(self, right_changed: bool, should_stop: ShouldStop) -> Iterator[Case]:
        """Yield the cases of all objects, from the changed side on."""
        ahead = self._carried(Leg(self.left, self.right, False), should_stop)
        back = self._carried(Leg(self.right, self.left, False), should_stop)
        old, new = (ahead, back) if right_changed else (back, ahead)
        changed = self.right if right_changed else self.left
        way = range(self.right - 1, self.left, -1) if right_changed else range(
            self.left + 1, self.right
        )  # fmt: skip
        for place, number in enumerate(self.objects):
            said = self.references[changed][number] - _soft(old[changed][place])
            words = [Words(self.flow, changed, np.maximum(sign * said, 0)) for sign in (1, -1)]
            for frame in way:
                plus, minus = (np.clip(word.at(frame), 0, 1) for word in words)
                meeting = self._meeting(frame, place, old[frame], new[frame], changed)
                meeting = Meeting(
                    meeting.picture, meeting.old, meeting.new, meeting.old_weight,
                    meeting.new_weight, _spread(plus, meeting.old), _spread(minus, meeting.old),
                )  # fmt: skip
                truth = truth_masks(self.clip, frame)[number]
                yield from _worth(Case(number, self.left, self.right, frame, meeting, truth))

    def _carried(self, leg: Leg, should_stop: ShouldStop) -> dict[int, Planes]:
        """Return the masks of all objects and the trust by frame, as bytes."""
        found = {}
        for one in run_leg(
            self.clip.pictures, self.flow, self.references, self.objects, leg, should_stop
        ):
            planes = np.concatenate([one.masks, one.trust[None]])
            found[one.frame] = np.round(planes * 255).astype(np.uint8)
        return found

    def _meeting(self, frame: int, place: int, old: Planes, new: Planes, changed: int) -> Meeting:
        share = (frame - self.left) / (self.right - self.left)
        near = share if changed == self.right else 1 - share
        nothing = np.zeros(old.shape[1:], np.float32)
        return Meeting(
            self.clip.pictures[frame],
            _soft(old[place]),
            _soft(new[place]),
            (1 - near) * _soft(old[-1]),
            near * _soft(new[-1]),
            nothing,
            nothing,
        )


class PaintedClips:
    """Clips that the program paints: one object each that moves, seen by a moving camera."""

    def __init__(self, count: int, seed: int, *, frames: int = 21, side: int = 160) -> None:
        self._count, self._seed, self._frames, self._side = count, seed, frames, side

    def __iter__(self) -> Iterator[Clip]:
        """Yield clips called ``painted-<seed>-<number>``."""
        bank = bank_of(self._seed, 60, 60)
        for number in range(self._count):
            made = painted_clip(
                bank, self._seed, number, frames=self._frames, height=self._side,
                width=self._side * 3 // 2,
            )  # fmt: skip
            labels = [(alpha > 127).astype(np.uint8) for alpha in made.alpha]
            name = f"painted-{self._seed}-{number:04d}"
            yield Clip(name, PictureList(list(made.rgb)), LabelStack(labels), 1)


def _worth(case: Case) -> Iterator[Case]:
    """Yield the case, cut to where anything is, unless nothing is there to be learned."""
    window = case.meeting.window()
    if window is None:
        return
    part = case.meeting.cut(window)
    truth = case.truth[window.slices]
    yield Case(case.object, case.left, case.right, case.frame, part, truth)


def _kept(folder: Path, clip: str, case: Case) -> CaseFile:
    meeting = case.meeting
    own = [
        meeting.old, meeting.new, meeting.old_weight, meeting.new_weight, meeting.plus,
        meeting.minus, case.truth,
    ]  # fmt: skip
    planes = np.concatenate(
        [meeting.picture.transpose(2, 0, 1), np.round(np.stack(own) * 255).astype(np.uint8)]
    )
    name = f"{case.object}-{case.left:06d}-{case.right:06d}-{case.frame:06d}.png"
    path = folder / clip / name
    path.parent.mkdir(exist_ok=True)
    column = planes.reshape(-1, planes.shape[2])
    if not cv2.imwrite(str(path), column, [cv2.IMWRITE_PNG_COMPRESSION, 3]):
        raise BadInput(f"{path} cannot be written", hint="see whether the disk is full")
    apart = int((np.abs(meeting.old - meeting.new) > _APART).sum())
    return CaseFile(f"{clip}/{name}", clip, apart)


def weights_of(cases: Sequence[CaseFile]) -> Floats:
    """Return how often each case is drawn: those where the directions disagree mostly."""
    apart = np.array([case.apart for case in cases], np.float32)
    chances = np.minimum(apart, 4000) + _LEAST_PIXELS
    return np.asarray(chances / chances.sum())


def facts_of(found: FusionSet) -> Mapping[str, Any]:
    """Return what is said of a set."""
    clips = dict.fromkeys(case.clip for case in found.cases)
    return {"cases": len(found.cases), "clips": list(clips), "digest": found.digest}


def _soft(plane: Planes) -> SoftMask:
    return np.asarray(plane, np.float32) / 255


def _spread(plane: SoftMask, like: SoftMask) -> SoftMask:
    return np.asarray(np.broadcast_to(plane, like.shape), np.float32)
