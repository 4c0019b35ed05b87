"""A session's clip on the bench: masks from what was drawn, carried through the clip."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.conf import settings

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Video
from datasets_app.selectors.footage import frames_blob
from datasets_app.services.blobs import blob_path
from inference_app.adapters.lanes import Clip, Lanes, LaneSession
from inference_app.adapters.mask_frames import MaskFrames, mask_png, png_mask
from inference_app.domain.hints import Box, Click, Scribble
from inference_app.domain.interactive import ENGINES
from inference_app.domain.interactive.base import (
    Brush,
    Copied,
    EngineSession,
    FillHoles,
    FrameMasks,
    Outline,
    Prompt,
)
from inference_app.domain.interactive.flow import flow_prepare
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.interactive.scribble import ScribbleEngine
from inference_app.models import Interaction, InteractionKind, MaskSession
from inference_app.selectors.mask_sessions import frames_of, live_interactions, objects_of
from matteweb.errors import BadInput, Conflict


def clip_of(video: Video) -> Clip:
    """Return what the engine reads of a video. Raises Conflict when it is not ready."""
    blob = frames_blob(video)
    if blob is None or not video.frames or not video.width or not video.height:
        raise Conflict(f"{video.name} is {video.state}", hint="wait until it is ready")
    folder = settings.FLOW_DIR / blob.digest
    return Clip(blob_path(blob), video.frames, FrameSize(video.width, video.height), folder)


def session_flow_prepare(*, session_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Make the motion of a session's clip ready; what there is already is not made again."""
    clip = clip_of(MaskSession.objects.get(pk=session_id).video)
    flow_prepare(clip.pictures(), clip.flow_folder, progress, should_stop)


class Bench:
    """One session being worked on in this process. Not safe for two threads at once."""

    def __init__(self, session: MaskSession) -> None:
        self.session = session
        self.clip = clip_of(session.video)
        self.frames: MaskFrames = frames_of(session)
        self._pictures = self.clip.pictures()

    @cached_property
    def _engine(self) -> EngineSession:
        """Opened when it is first asked: a large network takes a while to read."""
        engine = ENGINES[self.session.engine]
        return engine.open(self._pictures, self.clip.flow(self._pictures))

    def mask(self, number: int, frame: int) -> bytes | None:
        """Return the PNG of what the live interactions of a frame say; None when there are none.

        It is kept on disk and made again only when the interactions are others.
        """
        place = live_interactions(self.session).filter(object__number=number, frame=frame)
        return self._made(number, frame, list(place))

    def _made(self, number: int, frame: int, marks: Sequence[Interaction]) -> bytes | None:
        if not marks:
            self._give_back(number, frame)
            return None
        digest = _digest(self.session.engine, marks)
        kept = self.frames.one(number, frame)
        if kept is not None and kept.digest == digest:
            return kept.path.read_bytes()
        before = bytes(marks[0].before)
        previous = png_mask(before) if before else None
        prompts = [self._prompt(mark, number) for mark in marks]
        png = mask_png(self._engine.interact(frame, number, prompts, previous))
        self.frames.write(number, frame, png, origin="hand", sure=1, digest=digest)
        return png

    def _give_back(self, number: int, frame: int) -> None:
        """After everything was undone: what the engine had made, if anything."""
        kept = self.frames.one(number, frame)
        if kept is None or kept.origin != "hand":
            return
        place = self.session.interactions.filter(object__number=number, frame=frame)
        first = place.order_by("id").first()
        if first is not None and first.before:
            self.frames.write(number, frame, bytes(first.before), origin="engine", sure=0.5)
        else:
            self.frames.remove(number, frame)

    def references(self) -> dict[int, dict[int, SoftMask]]:
        """Return every mask by hand, by frame and object; what is not on disk is made again."""
        places: dict[tuple[int, int], list[Interaction]] = {}
        for mark in live_interactions(self.session):
            places.setdefault((mark.frame, mark.object.number), []).append(mark)
        found: dict[int, dict[int, SoftMask]] = {}
        for (frame, number), marks in sorted(places.items()):
            png = self._made(number, frame, marks)
            if png is not None:
                found.setdefault(frame, {})[number] = png_mask(png)
        return found

    def before_of(self, frame: int) -> dict[int, SoftMask]:
        """Return what the engine had made of a frame before it was drawn on, by object."""
        found = {}
        for number in objects_of(self.session).values_list("number", flat=True):
            place = self.session.interactions.filter(object__number=number, frame=frame)
            first = place.order_by("id").first()
            if first is not None and first.before:
                found[number] = png_mask(bytes(first.before))
        return found

    def _prompt(self, mark: Interaction, number: int) -> Prompt:
        video, size = self.session.video, self._pictures.size
        across, down = size.width / (video.width or 1), size.height / (video.height or 1)
        points = tuple(((x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5) for x, y in mark.points)
        radius = max(0.5, mark.radius * across)
        match mark.kind:
            case InteractionKind.CLICK:
                return Click(*points[0], mark.positive)
            case InteractionKind.SCRIBBLE:
                return Scribble(points, mark.positive, radius)
            case InteractionKind.BOX:
                (x0, y0), (x1, y1) = points[0], points[-1]
                return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
            case InteractionKind.OUTLINE:
                return Outline(points, mark.positive)
            case InteractionKind.BRUSH:
                return Brush(points, radius * _pressed(mark.pressure), mark.positive, mark.soft)
            case InteractionKind.FILL:
                return FillHoles()
        return Copied(self._copied(mark, number))

    def _copied(self, mark: Interaction, number: int) -> SoftMask:
        kept = self.frames.one(number, mark.source_frame or 0)
        if kept is None:
            raise BadInput(
                f"frame {mark.source_frame} has no mask of {mark.object.name} to copy",
                hint="mark it there first, or carry masks to it",
            )
        return png_mask(kept.path.read_bytes())


class Before(Mapping[int, Mapping[int, SoftMask]]):
    """The masks of the round before, read when they are asked for."""

    def __init__(
        self, frames: MaskFrames, objects: Sequence[int], changed: int, first: Any
    ) -> None:
        self._kept = {number: frames.kept(number) for number in objects}
        self._changed, self._first = changed, first

    def __getitem__(self, frame: int) -> Mapping[int, SoftMask]:
        if frame == self._changed:
            return dict(self._first)
        return {
            number: png_mask(kept[frame].path.read_bytes())
            for number, kept in self._kept.items()
            if frame in kept and kept[frame].path.exists()
        }

    def __iter__(self) -> Iterator[int]:
        return iter(sorted({frame for kept in self._kept.values() for frame in kept}))

    def __len__(self) -> int:
        return len(list(iter(self)))


def carry(
    *,
    session: MaskSession,
    references: Mapping[int, Mapping[int, SoftMask]],
    before: Before | None,
    frame: int,
    objects: Sequence[int],
    should_stop: ShouldStop,
    lanes: Lanes | None = None,
) -> Iterator[FrameMasks]:
    """Carry the masks of ``frame`` to its neighbours and keep them as they are made.

    A frame that somebody draws on meanwhile keeps what was drawn. With ``lanes`` several directions
    run at once. Raises Cancelled between two frames; what is finished is kept.
    """
    clip, frames = clip_of(session.video), frames_of(session)
    work = _work_of(session, clip, lanes)
    for number, masks in references.items():
        for object_, mask in masks.items():
            work.refer(number, object_, mask)
    for done in work.propagate(frame, objects, should_stop, before):
        for object_, mask in done.masks.items():
            kept = frames.one(object_, done.frame)
            if done.final and (kept is None or kept.origin == "engine"):
                sure = done.sure[object_]
                frames.write(object_, done.frame, mask_png(mask), origin="engine", sure=sure)
        yield done


def session_carry(
    *, session_id: int, frame: int, progress: Progress, should_stop: ShouldStop
) -> None:
    """Carry the masks of a frame in this process, for a job; safe to repeat after a kill."""
    session = MaskSession.objects.select_related("video__project").get(pk=session_id)
    bench = Bench(session)
    references = bench.references()
    if frame not in references:
        return  # undone since
    objects = sorted(references[frame])
    before = Before(bench.frames, objects, frame, bench.before_of(frame))
    total = (session.video.frames or 1) - 1
    done: set[int] = set()
    for found in carry(
        session=session,
        references=references,
        before=before if bench.before_of(frame) else None,
        frame=frame,
        objects=objects,
        should_stop=should_stop,
    ):
        done.add(found.frame)
        progress(len(done), total)


def _work_of(session: MaskSession, clip: Clip, lanes: Lanes | None) -> EngineSession:
    """Return what carries masks: the built-in engine in lanes, a network in this process."""
    if session.engine == ScribbleEngine.info.slug:
        return LaneSession(clip, lanes)
    pictures = clip.pictures()
    return ENGINES[session.engine].open(pictures, clip.flow(pictures))


def _digest(engine: str, marks: Sequence[Interaction]) -> str:
    rows = [
        [m.kind, m.positive, m.points, m.pressure, m.radius, m.soft, m.source_frame] for m in marks
    ]
    version = ENGINES[engine].info.version
    text = json.dumps([engine, version, rows, hashlib.sha256(bytes(marks[0].before)).hexdigest()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _pressed(pressure: Sequence[float]) -> float:
    """Return the mean pressure as a factor; a pen that tells none, or a mouse, counts fully."""
    return max(0.1, sum(pressure) / len(pressure)) if pressure else 1.0
