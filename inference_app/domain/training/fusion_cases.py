"""What the engine really makes between two true masks, kept as something to learn fusion from.

A set is a folder: one gray PNG per case, its planes one below the other in the order of ``ROWS``,
and a JSON file per finished clip, so that a killed process costs one clip; both are called by the
`file_key` of the clip. A case is one object on one frame between two references: what was carried
from either, how far it can be trusted, what a correction of the reference on one side says, and
the truth.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.progress import Progress, ShouldStop
from inference_app.domain.evaluation.protocols import truth_masks
from inference_app.domain.evaluation.sequences import LabelStack, file_key, require_one_of_each
from inference_app.domain.evaluation.sequences import Sequence as Clip
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.meetings import Meeting, meeting_at, nearness
from inference_app.domain.interactive.pictures import PictureList
from inference_app.domain.interactive.planes import Floats, SoftMask
from inference_app.domain.interactive.scribble import ScribbleEngine, plus_and_minus
from inference_app.domain.interactive.spans import Leg, References, run_leg
from inference_app.domain.training.painted import bank_of, painted_clip
from matteweb.errors import BadInput

ROWS: Final = (
    "red", "green", "blue", "old", "new", "old_weight", "new_weight", "plus", "minus", "truth",
)  # fmt: skip
PAINTED_SIZE: Final = FrameSize(240, 160)
_LEAST_PIXELS: Final = 100
_APART: Final = 0.1

Planes = npt.NDArray[np.uint8]
"""(10, H, W) uint8 in the order of ``ROWS``."""

Unopened: TypeAlias = tuple[str, Callable[[], Clip]]
"""The name of a clip, and what opens or paints it."""


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
    clips: Sequence[Unopened],
    folder: Path,
    *,
    every: int,
    flow_folder: Path | None,
    progress: Progress,
    should_stop: ShouldStop,
) -> FusionSet:
    """Carry masks between true ones ``every`` so many frames and keep what comes out.

    A clip that is finished, by this engine and with this ``every``, is not even opened again.
    Raises Cancelled, BadInput when two clips have one name or nothing came out.
    """
    require_one_of_each(name for name, _ in clips)
    folder.mkdir(parents=True, exist_ok=True)
    engine = ScribbleEngine.info
    facts = {"engine": engine.slug, "version": engine.version, "every": every}
    for done, (name, opened) in enumerate(clips, 1):
        listed = folder / f"{file_key(name)}.json"
        if not _is_made(listed, facts):
            clip = opened()
            flow = FlowSource(clip.pictures, flow_folder and flow_folder / file_key(name))
            cases = cases_of(clip, flow, every=every, should_stop=should_stop)
            _keep(listed, {"clip": name, **facts}, cases)
        progress(done, len(clips))
    return read_fusion_set(folder)


def read_fusion_set(folder: Path) -> FusionSet:
    """Return the set that lies in ``folder``. Raises BadInput when there is none."""
    cases: list[CaseFile] = []
    hashed = hashlib.sha256()
    for listed in sorted(folder.glob("*.json")):
        hashed.update(listed.read_bytes())
        cases += _listed(listed)[1]
    if not cases:
        raise BadInput(
            f"{folder.name} holds no cases for fusion",
            hint="make them with `manage.py make_fusion_data`",
        )
    return FusionSet(folder, tuple(cases), hashed.hexdigest())


def _keep(listed: Path, facts: Mapping[str, Any], cases: Iterator[Case]) -> None:
    """Store the cases of a clip, then the file that lists them."""
    # Cases that were made otherwise have other names, so all go; first what lists them.
    listed.unlink(missing_ok=True)
    folder = listed.with_suffix("")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    rows = [asdict(_kept(folder, facts["clip"], case)) for case in cases]
    draft = listed.with_suffix(".partial")
    draft.write_text(json.dumps({**facts, "cases": rows}))
    draft.replace(listed)


def _is_made(listed: Path, facts: Mapping[str, Any]) -> bool:
    """Whether the cases of a clip are there, and made as ``facts`` say."""
    if not listed.exists():
        return False
    known, _ = _listed(listed)
    return all(known.get(name) == value for name, value in facts.items())


def _listed(path: Path) -> tuple[Mapping[str, Any], list[CaseFile]]:
    """Return what is said of a clip, and its cases. Raises BadInput."""
    try:
        found = json.loads(path.read_bytes())
        return found, [CaseFile(**row) for row in found["cases"]]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path.name} lists no cases for fusion: {error}") from error


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
        words = []
        for place, number in enumerate(self.objects):
            change = self.references[changed][number] - _soft(old[changed][place])
            words.append(plus_and_minus(self.flow, changed, change))
        # Frames outside, objects inside: a frame is read once, and so is the motion to the next.
        for frame in way:
            picture, truth = self.clip.pictures[frame], truth_masks(self.clip, frame)
            near = nearness(self.left, self.right, frame, changed)
            one, two = _soft(old[frame]), _soft(new[frame])
            for place, number in enumerate(self.objects):
                plus, minus = (word.at(frame) for word in words[place])
                masks, trusts = (one[place], two[place]), (one[-1], two[-1])
                met = meeting_at(picture, masks, trusts, near, plus, minus)
                case = Case(number, self.left, self.right, frame, met, truth[number])
                yield from _worth(case)

    def _carried(self, leg: Leg, should_stop: ShouldStop) -> dict[int, Planes]:
        """Return the masks of all objects and the trust by frame, as bytes."""
        found = {}
        for one in run_leg(
            self.clip.pictures, self.flow, self.references, self.objects, leg, should_stop
        ):
            planes = np.concatenate([one.masks, one.trust[None]])
            found[one.frame] = np.round(planes * 255).astype(np.uint8)
        return found


class PaintedClips:
    """Clips that the program paints: one object each that moves, seen by a moving camera."""

    def __init__(
        self, count: int, seed: int, *, frames: int = 21, size: FrameSize = PAINTED_SIZE
    ) -> None:
        self._count, self._seed, self._frames, self._size = count, seed, frames, size

    def __iter__(self) -> Iterator[Unopened]:
        """Yield clips called ``painted-<seed>-<number>``, not painted yet."""
        for number in range(self._count):
            name = f"painted-{self._seed}-{number:04d}"
            yield name, partial(self._painted, name, number)

    def _painted(self, name: str, number: int) -> Clip:
        made = painted_clip(
            bank_of(self._seed, 60, 60), self._seed, number, frames=self._frames,
            height=self._size.height, width=self._size.width,
        )  # fmt: skip
        labels = [(alpha > 127).astype(np.uint8) for alpha in made.alpha]
        return Clip(name, PictureList(list(made.rgb)), LabelStack(labels), 1)


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
    path = folder / name
    column = planes.reshape(-1, planes.shape[2])
    if not cv2.imwrite(str(path), column, [cv2.IMWRITE_PNG_COMPRESSION, 3]):
        raise BadInput(f"{path} cannot be written", hint="see whether the disk is full")
    apart = int((np.abs(meeting.old - meeting.new) > _APART).sum())
    return CaseFile(f"{folder.name}/{name}", clip, apart)


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
