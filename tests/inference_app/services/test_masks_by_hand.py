from __future__ import annotations

import hashlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.media.writer import RgbMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Mask, Video
from datasets_app.services.blobs import blob_from_file
from inference_app.adapters.engine_socket import (
    EngineAway,
    EngineServer,
    Message,
    ask,
    listen,
    packed,
)
from inference_app.adapters.lanes import Lanes
from inference_app.adapters.mask_frames import MaskFrames, mask_png, png_mask
from inference_app.domain.model_folders import use_weights
from inference_app.models import Interaction, MaskSession
from inference_app.selectors.mask_sessions import frames_of, session_facts
from inference_app.services.masks.live_engine import LiveEngine
from inference_app.services.masks.mask_carrying import carrying_hand_over
from inference_app.services.masks.mask_saving import masks_save, version_write
from inference_app.services.masks.mask_sessions import (
    Mark,
    interaction_add,
    interaction_redo,
    interaction_undo,
    object_add,
    object_edit,
    object_remove,
    object_restore,
    session_start,
)
from inference_app.services.masks.mask_work import Bench, session_carry, session_flow_prepare
from matteweb.errors import BadInput, Cancelled, Conflict, NotFound
from matteweb.jobs.models import Job
from tests import factories
from tests.inference_app.domain.interactive.moving import centre, overlap, pictures, true_mask
from tests.inference_app.tiny_folders import write_sam2
from tests.inference_app.tiny_memory import write_memory_network

FRAMES = 6


@pytest.fixture
def session(db: None, tmp_path: Path, settings: Any) -> MaskSession:
    """A session on a real video of six frames."""
    settings.MASK_DIR, settings.FLOW_DIR = tmp_path / "masks", tmp_path / "flow"
    settings.ENGINE_SOCKET = tmp_path / "engine.sock"
    owner = factories.user()
    clip, path = pictures(FRAMES), tmp_path / "clip.mkv"
    with RgbMasterWriter(path, clip.size, Fraction(25)) as writer:
        for frame in range(FRAMES):
            writer.write(clip[frame])
    video = Video.objects.create(
        project=factories.project(owner=owner),
        name="clip",
        state="ready",
        original=blob_from_file(path),
        frames=FRAMES,
        width=clip.size.width,
        height=clip.size.height,
        fps_num=25,
        fps_den=1,
        created_by=owner,
    )
    return session_start(video=video, actor=factories.actor(owner))


def _stroke(frame: int, number: int = 1) -> Mark:
    x, y = centre(frame, number)
    return Mark(frame=frame, kind="scribble", points=[(x - 6, y), (x, y + 2), (x + 6, y)], radius=2)


def _draw(session: MaskSession, frame: int, number: int = 1, **more: Any) -> Interaction:
    actor = factories.actor(more.pop("who", session.created_by))
    mark = more.pop("mark", None) or _stroke(frame, number)
    return interaction_add(session=session, number=number, mark=mark, actor=actor)


def test_a_session_begins_with_one_object_and_has_the_motion_made(session: MaskSession) -> None:
    assert [one["name"] for one in session_facts(session)["objects"]] == ["Object 1"]
    assert Job.objects.get(kind="mask_flow").target_id == session.pk
    session_flow_prepare(session_id=session.pk, progress=ignore_progress, should_stop=never_stop)


def test_the_mask_of_a_frame_is_made_again_from_what_was_drawn(session: MaskSession) -> None:
    _draw(session, 0)
    made = Bench(session).mask(1, 0)
    assert made is not None and overlap(png_mask(made), true_mask(0)) > 0.8
    frames_of(session).remove(1, 0)  # the disk was lost
    assert Bench(session).mask(1, 0) == made


def test_undo_takes_back_one_drag_and_redo_does_it_again(session: MaskSession) -> None:
    actor = factories.actor(session.created_by)
    _draw(session, 0)
    first = Bench(session).mask(1, 0)
    away = Mark(frame=0, kind="brush", points=[(80, 8)], radius=6)
    _draw(session, 0, mark=away)
    second = Bench(session).mask(1, 0)
    assert first != second
    assert interaction_undo(session=session, actor=actor) is not None
    assert Bench(session).mask(1, 0) == first
    assert interaction_redo(session=session, actor=actor) is not None
    assert Bench(session).mask(1, 0) == second
    assert interaction_redo(session=session, actor=actor) is None


def test_after_something_new_what_was_undone_stays_undone_but_is_kept(session: MaskSession) -> None:
    actor = factories.actor(session.created_by)
    _draw(session, 0)
    interaction_undo(session=session, actor=actor)
    _draw(session, 1)
    assert interaction_redo(session=session, actor=actor) is None
    assert session.interactions.count() == 2


def test_an_object_that_was_removed_comes_back_with_what_was_drawn(session: MaskSession) -> None:
    actor = factories.actor(session.created_by)
    _draw(session, 0)
    object_remove(session=session, number=1, actor=actor)
    assert session_facts(session)["objects"] == [] and session_facts(session)["marks"] == []
    object_restore(session=session, number=1, actor=actor)
    assert len(session_facts(session)["marks"]) == 1
    with pytest.raises(NotFound):
        object_restore(session=session, number=7, actor=actor)


def test_everybody_takes_back_only_what_is_their_own(session: MaskSession) -> None:
    other = factories.user()
    _draw(session, 0)
    theirs = _draw(session, 0, who=other)
    undone = interaction_undo(session=session, actor=factories.actor(session.created_by))
    assert undone is not None and undone.pk != theirs.pk
    (left,) = session_facts(session)["marks"]
    assert (left["id"], left["author"]) == (theirs.pk, other.pk)


def test_when_all_is_undone_the_engines_own_mask_is_back(session: MaskSession) -> None:
    frames, engine = frames_of(session), mask_png(true_mask(2))
    frames.write(1, 2, engine, origin="engine", sure=0.7)
    _draw(session, 2)
    assert Bench(session).mask(1, 2) != engine
    interaction_undo(session=session, actor=factories.actor(session.created_by))
    assert Bench(session).mask(1, 2) is None
    kept = frames.one(1, 2)
    assert kept is not None and (kept.origin, kept.path.read_bytes()) == ("engine", engine)


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (Mark(frame=6, kind="click", points=[(1, 1)]), "no frame 6"),
        (Mark(frame=0, kind="stamp"), "no mark of kind"),
        (Mark(frame=0, kind="box", points=[(1, 1)]), "1 points"),
        (Mark(frame=0, kind="click", points=[(float("nan"), 1)]), "pairs of numbers"),
        (Mark(frame=0, kind="brush", points=[(1, 1)], radius=0), "radius of 0"),
        (Mark(frame=0, kind="copy"), "needs the frame"),
    ],
)
def test_marks_that_make_no_sense_are_refused(session: MaskSession, mark: Mark, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        _draw(session, 0, mark=mark)


def test_objects_are_named_locked_and_removed_and_their_numbers_never_return(
    session: MaskSession,
) -> None:
    actor = factories.actor(session.created_by)
    second = object_add(session=session, actor=actor, name="kite")
    object_edit(session=session, number=second.number, actor=actor, locked=True)
    with pytest.raises(Conflict, match="locked"):
        _draw(session, 0, number=2)
    object_remove(session=session, number=2, actor=actor)
    assert object_add(session=session, actor=actor).number == 3


def test_a_job_carries_on_what_nobody_watches_and_is_queued_once(session: MaskSession) -> None:
    _draw(session, 2)
    user = session.created_by
    assert user is not None
    job = carrying_hand_over(session=session, frame=2, user=user.pk)
    assert carrying_hand_over(session=session, frame=2, user=user.pk).pk == job.pk
    session_carry(session_id=session.pk, frame=2, progress=ignore_progress, should_stop=never_stop)
    kept = frames_of(session).kept(1)
    assert sorted(kept) == list(range(FRAMES))
    worst = min(overlap(png_mask(kept[f].path.read_bytes()), true_mask(f)) for f in kept)
    assert worst > 0.7
    assert [kept[f].origin for f in sorted(kept)].count("hand") == 1


def test_stopping_keeps_what_is_finished(session: MaskSession) -> None:
    _draw(session, 0)
    with pytest.raises(Cancelled):
        session_carry(
            session_id=session.pk,
            frame=0,
            progress=ignore_progress,
            should_stop=lambda: len(frames_of(session).kept(1)) >= 3,
        )
    assert sorted(frames_of(session).kept(1)) == [0, 1, 2]


def test_saving_makes_a_new_version_each_time_and_writes_it_once(session: MaskSession) -> None:
    actor = factories.actor(session.created_by)
    with pytest.raises(Conflict, match="no mask yet"):
        masks_save(session=session, actor=actor)
    _draw(session, 0)
    Bench(session).mask(1, 0)
    first, second = (masks_save(session=session, actor=actor) for _ in range(2))
    assert (first.number, second.number) == (1, 2)
    for _ in range(2):  # a killed worker repeats it
        version_write(version_id=first.pk, progress=ignore_progress, should_stop=never_stop)
    mask = Mask.objects.get(video=session.video)
    assert mask.name == f"Object 1 s{session.pk} v1"
    assert list(first.masks.all()) == [mask]


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    made = Lanes()
    yield made
    made.close()


@pytest.mark.django_db(transaction=True)
def test_masks_travel_through_two_processes_as_through_one(
    session: MaskSession, lanes: Lanes
) -> None:
    _draw(session, 2)
    answers = list(
        LiveEngine(lanes).answer(Message({"do": "carry", "session": session.pk, "frame": 2}))
    )
    assert answers[-1].head == {"done": True}
    live = {f: k.path.read_bytes() for f, k in frames_of(session).kept(1).items()}
    session_carry(session_id=session.pk, frame=2, progress=ignore_progress, should_stop=never_stop)
    again = {f: k.path.read_bytes() for f, k in frames_of(session).kept(1).items()}
    assert sorted(live) == list(range(FRAMES))
    for frame in live:  # what crosses between processes is rounded to 1/255
        apart = np.abs(png_mask(live[frame]) - png_mask(again[frame]))
        assert apart.max() <= 1.5 / 255


@pytest.mark.django_db(transaction=True)
def test_whoever_goes_away_in_the_middle_finds_a_job_that_goes_on(
    session: MaskSession, lanes: Lanes
) -> None:
    _draw(session, 2)
    head = {"do": "carry", "session": session.pk, "frame": 2, "user": session.created_by_id}
    answers = LiveEngine(lanes).answer(Message(head))
    next(answers)
    answers.close()  # type: ignore[attr-defined]  # the socket is gone
    assert Job.objects.get(kind="mask_carry").params == {"frame": 2}


def test_the_newest_click_wins(session: MaskSession, lanes: Lanes) -> None:
    """A request that waited while a newer one of the same frame came does no work."""
    _draw(session, 0)
    engine = LiveEngine(lanes)
    place = engine._place(session.pk)
    place.tickets[(1, 0)] = 7
    real = place.lock

    class Overtaken:
        def __enter__(self) -> None:
            real.acquire()
            place.tickets[(1, 0)] += 1  # a newer click takes its ticket while this one waits

        def __exit__(self, *_: object) -> None:
            real.release()

    place.lock = Overtaken()  # type: ignore[assignment]
    head = {"do": "mask", "session": session.pk, "object": 1, "frame": 0}
    assert next(engine.answer(Message(head))).head["superseded"] is True


def test_messages_cross_the_socket_and_errors_come_back_as_they_were(tmp_path: Path) -> None:
    def handle(message: Message) -> Iterator[Message]:
        if message.head["do"] == "fail":
            raise BadInput("no such thing", hint="try another")
        yield Message({"echo": message.head["do"], "done": True}, b"\x00\x01")

    path = tmp_path / "engine.sock"
    with pytest.raises(EngineAway):
        ask(path, {"do": "ping"})
    with EngineServer(path, handle) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            answer = ask(path, {"do": "hello"})
            assert (answer.head["echo"], answer.body) == ("hello", b"\x00\x01")
            with pytest.raises(BadInput, match="no such thing"):
                ask(path, {"do": "fail"})
            with socket.socket(socket.AF_UNIX) as rude:
                rude.connect(str(path))
                rude.sendall(b"\xff\xff\xff\xff nonsense")
            assert ask(path, {"do": "still"}).head["echo"] == "still"
        finally:
            server.shutdown()
            thread.join()


async def test_an_engine_that_dies_in_the_middle_is_told_from_one_that_is_done(
    tmp_path: Path,
) -> None:
    path = tmp_path / "engine.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def half() -> None:
        pipe, _ = listener.accept()
        pipe.recv(1000)
        pipe.sendall(packed(Message({"frame": 1}, b"abc")) + packed(Message({"frame": 2}))[:7])
        pipe.close()

    thread = threading.Thread(target=half)
    thread.start()
    seen = []
    with pytest.raises(EngineAway):
        async for message in listen(path, {"do": "carry"}):
            seen.append((message.head["frame"], message.body))
    thread.join()
    listener.close()
    assert seen == [(1, b"abc")]


def test_of_a_frame_only_the_newest_mask_is_kept(tmp_path: Path) -> None:
    frames = MaskFrames(tmp_path)
    frames.write(1, 3, b"one", origin="engine", sure=0.5)
    frames.write(1, 3, b"two", origin="hand", sure=1, digest="ab")
    kept = frames.one(1, 3)
    assert kept is not None
    assert (kept.origin, kept.digest, kept.path.read_bytes()) == ("hand", "ab", b"two")
    assert len(list(tmp_path.rglob("*.png"))) == 1
    frames.remove(1, 3)
    assert frames.kept(1) == {}


@pytest.mark.parametrize(
    ("engine", "folder", "file", "write"),
    [
        ("sam2", "sam2", "model.safetensors", write_sam2),
        ("memory_network", "memory-network", "network.pt", write_memory_network),
    ],
)
def test_a_session_of_a_large_engine_is_refused_without_its_files_and_works_with_them(
    session: MaskSession,
    tmp_path: Path,
    engine: str,
    folder: str,
    file: str,
    write: Callable[[Path], None],
) -> None:
    video, actor = session.video, factories.actor(session.created_by)
    use_weights(tmp_path)
    with pytest.raises(Conflict, match=re.escape(file)):
        session_start(video=video, actor=actor, engine=engine)
    write(tmp_path / folder)
    large = session_start(video=video, actor=actor, engine=engine)
    interaction_add(session=large, number=1, mark=_stroke(2), actor=actor)
    png = Bench(large).mask(1, 2)
    assert png is not None and png_mask(png).any()
    # What another process makes of the stored marks is the same.
    frames_of(large).remove(1, 2)
    assert Bench(large).mask(1, 2) == png
    session_carry(session_id=large.pk, frame=2, progress=ignore_progress, should_stop=never_stop)
    assert sorted(frames_of(large).kept(1)) == list(range(FRAMES))
    assert frames_of(large).one(1, 5) is not None
    version = masks_save(session=large, actor=actor)
    version_write(version_id=version.pk, progress=ignore_progress, should_stop=never_stop)
    version.refresh_from_db()
    digest = hashlib.sha256((tmp_path / folder / file).read_bytes()).hexdigest()
    assert version.provenance["weights"] == {folder: digest}
