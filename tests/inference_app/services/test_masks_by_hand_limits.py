"""Masks by hand at their limits: one frame and thousands, 4K, twenty objects, people at once, a
process that dies."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.media.writer import RgbMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Mask, Video
from datasets_app.services.blobs import blob_from_file, blob_path
from inference_app.adapters.engine_socket import Message
from inference_app.adapters.lanes import Lanes
from inference_app.adapters.mask_frames import png_mask
from inference_app.models import MaskSession
from inference_app.selectors.mask_sessions import frames_of, session_facts
from inference_app.services.masks.live_engine import LiveEngine
from inference_app.services.masks.mask_saving import masks_save, version_write
from inference_app.services.masks.mask_sessions import (
    Mark,
    interaction_add,
    object_add,
    session_start,
)
from inference_app.services.masks.mask_work import Bench, session_carry
from matteweb.errors import MatteError
from tests import factories
from tests.footage import read_mask
from tests.scale import scale

SIDE = 10
SMALL = FrameSize(48, 32)
LONG = scale(40, 10_000)
WIDE = scale(1, 8)
CROWDED = scale(3, 60)
EACH = scale(6, 100)
KILLED = scale(12, 300)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.MASK_DIR, settings.FLOW_DIR = tmp_path / "masks", tmp_path / "flow"
    settings.BLOB_DIR, settings.WORK_DIR = tmp_path / "blobs", tmp_path / "work"
    settings.ENGINE_SOCKET = tmp_path / "engine.sock"


def _left(frame: int, width: int) -> int:
    """Return where the square begins: it goes to and fro."""
    way = width - SIDE - 4
    return 2 + abs((frame + way) % (2 * way) - way)


def _frames(frames: int, size: FrameSize) -> Iterator[RgbFrame]:
    ground = np.random.default_rng(4).integers(90, 150, (size.height, size.width, 3), np.uint8)
    for frame in range(frames):
        picture = ground.copy()
        left = _left(frame, size.width)
        picture[8 : 8 + SIDE, left : left + SIDE] = (210, 40, 40)
        yield picture


def _session(folder: Path, frames: int, size: FrameSize = SMALL) -> MaskSession:
    path = folder / "clip.mkv"
    with RgbMasterWriter(path, size, Fraction(25)) as writer:
        for picture in _frames(frames, size):
            writer.write(picture)
    owner = factories.user()
    video = Video.objects.create(
        project=factories.project(owner=owner), name="clip", state="ready",
        original=blob_from_file(path), frames=frames, width=size.width, height=size.height,
        fps_num=25, fps_den=1, created_by=owner,
    )  # fmt: skip
    return session_start(video=video, actor=factories.actor(owner))


def _draw(session: MaskSession, frame: int, number: int = 1, who: Any = None) -> None:
    width = session.video.width or 1
    x, y = _left(frame, width) + SIDE / 2, 8 + SIDE / 2
    mark = Mark(frame=frame, kind="scribble", points=[(x - 3, y), (x + 3, y)], radius=2)
    actor = factories.actor(who or session.created_by)
    interaction_add(session=session, number=number, mark=mark, actor=actor)


def _carried(session: MaskSession, frame: int) -> None:
    session_carry(
        session_id=session.pk, frame=frame, progress=ignore_progress, should_stop=never_stop
    )


@pytest.mark.django_db
def test_a_still_is_marked_carried_nowhere_and_saved(tmp_path: Path) -> None:
    session = _session(tmp_path, 1)
    _draw(session, 0)
    _carried(session, 0)
    version = masks_save(session=session, actor=factories.actor(session.created_by))
    version_write(version_id=version.pk, progress=ignore_progress, should_stop=never_stop)
    mask = read_mask(Mask.objects.get(video=session.video))
    assert (mask.state, mask.frames) == ("ready", 1)
    assert mask.coverage == pytest.approx(SIDE * SIDE / (48 * 32), rel=0.4)


@pytest.mark.django_db
def test_a_long_clip_is_carried_whole_in_memory_that_does_not_grow(tmp_path: Path) -> None:
    session = _session(tmp_path, LONG)
    _draw(session, LONG // 2)
    tracemalloc.start()
    _carried(session, LONG // 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = frames_of(session).kept(1)
    assert sorted(kept) == list(range(LONG))
    # 48 small frames, the motion kept of six pairs, the trees; a clip of 10,000 would be 46 MB.
    assert peak < 24 * 2**20
    found = png_mask(kept[LONG // 2 + 10].path.read_bytes())
    left = _left(LONG // 2 + 10, 48)
    assert found[12, left + 2 : left + SIDE - 2].min() > 0.5


@pytest.mark.django_db
def test_a_4k_frame_is_marked_small_and_saved_at_its_own_size(tmp_path: Path) -> None:
    session = _session(tmp_path, WIDE, FrameSize(3840, 2160))
    box = Mark(frame=0, kind="box", points=[(900, 400), (1900, 1500)])
    interaction_add(session=session, number=1, mark=box, actor=factories.actor(session.created_by))
    small = Bench(session).mask(1, 0)
    assert small is not None and png_mask(small).shape == (480, 854)
    _carried(session, 0)
    assert sorted(frames_of(session).kept(1)) == list(range(WIDE))
    version = masks_save(session=session, actor=factories.actor(session.created_by))
    version_write(version_id=version.pk, progress=ignore_progress, should_stop=never_stop)
    original = Mask.objects.get(video=session.video).original
    assert original is not None
    assert [f.shape for f in read_gray(blob_path(original))] == [(2160, 3840)] * WIDE


@pytest.mark.django_db
def test_twenty_objects_travel_together_and_stay_apart(tmp_path: Path) -> None:
    session = _session(tmp_path, CROWDED)
    actor = factories.actor(session.created_by)
    while len(session_facts(session)["objects"]) < 20:
        object_add(session=session, actor=actor)
    for number in range(1, 21):
        x, y = 3 + 4.5 * ((number - 1) % 10), 22 + 5 * ((number - 1) // 10)
        mark = Mark(frame=0, kind="brush", points=[(x, y)], radius=2)
        interaction_add(session=session, number=number, mark=mark, actor=actor)
    _carried(session, 0)
    frames = frames_of(session)
    every = list(range(CROWDED))
    assert all(sorted(frames.kept(number)) == every for number in range(1, 21))
    masks = [png_mask(frames.kept(n)[CROWDED - 1].path.read_bytes()) for n in range(1, 21)]
    assert (np.sum([mask > 0.5 for mask in masks], axis=0) <= 1).all()


@pytest.mark.django_db(transaction=True)
def test_two_people_draw_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    session = _session(tmp_path, 2 * EACH)
    people = [session.created_by, factories.user()]
    failed: list[BaseException] = []

    def draw(place: int) -> None:
        try:
            for frame in range(EACH):
                _draw(session, EACH * place + frame, who=people[place])
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=draw, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    marks = session.interactions.order_by("frame").values_list("frame", "author")
    owed = [(f, people[f // EACH].pk) for f in range(2 * EACH)]  # type: ignore[union-attr]
    assert list(marks) == owed


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_while_carrying_costs_nothing_that_was_finished(
    tmp_path: Path,
) -> None:
    session, lanes, middle = _session(tmp_path, KILLED), Lanes(), KILLED // 2
    _draw(session, middle)
    try:
        engine = LiveEngine(lanes)
        head = {"do": "carry", "session": session.pk, "frame": middle}
        answers = engine.answer(Message(head))
        next(answers)
        for process, _ in lanes._lanes:
            process.kill()
        with pytest.raises(MatteError, match="died"):
            list(answers)
        finished = frames_of(session).kept(1)
        assert middle in finished and len(finished) >= 2
        assert list(engine.answer(Message(head)))[-1].head == {"done": True}
        assert sorted(frames_of(session).kept(1)) == list(range(KILLED))
    finally:
        lanes.close()


@pytest.mark.django_db(transaction=True)
def test_a_session_that_rests_is_put_away_and_comes_back_the_same(tmp_path: Path) -> None:
    session, now = _session(tmp_path, 3), [0.0]
    (tmp_path / "other").mkdir()
    other = _session(tmp_path / "other", 3)
    engine = LiveEngine(Lanes(), clock=lambda: now[0])
    _draw(session, 1)
    _draw(other, 1)

    def asked(one: MaskSession) -> bytes:
        head = {"do": "mask", "session": one.pk, "object": 1, "frame": 1}
        return list(engine.answer(Message(head)))[-1].body

    first = asked(session)
    now[0] = 3600.0
    asked(other)
    assert list(engine._places) == [other.pk]
    frames_of(session).remove(1, 1)
    assert asked(session) == first
