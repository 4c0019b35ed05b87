from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.synthesis.compositing.trimask import KEEP
from datasets_app.models import Blob, Mask, Video
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_path
from datasets_app.services.keeping.deletion import row_archive, row_restore
from datasets_app.services.receiving.ingest_resume import ingest_resume
from datasets_app.services.sources import masks
from datasets_app.services.sources.footage import footage_add, footage_decide
from datasets_app.services.sources.masks import mask_add, mask_ingest, mask_reread
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.context import Again
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_cancel
from tests import factories
from tests.footage import (
    FRAMES,
    add,
    attach,
    clip_file,
    mask_file,
    png,
    read,
    read_mask,
    squares,
    zip_file,
)

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def project() -> Project:
    return factories.project()


@pytest.fixture
def video(project: Project, tmp_path: Path) -> Video:
    return add(project, clip_file(tmp_path))


def stored(mask: Mask) -> list[GrayFrame]:
    return list(read_gray(blob_path(Blob.objects.get(pk=mask.master_id))))


def poster(mask: Mask) -> GrayFrame:
    data = blob_path(Blob.objects.get(pk=mask.poster_id)).read_bytes()
    return np.asarray(Image.open(BytesIO(data)).convert("L"))


def test_a_hard_mask_is_stored_exactly_and_measured(video: Video, tmp_path: Path) -> None:
    mask = attach(video, mask_file(tmp_path, squares()))
    assert (mask.state, mask.kind, mask.error) == (IngestState.READY, MaskKind.HARD, "")
    assert mask.coverage == pytest.approx(0.25)
    assert (mask.reading["polarity"], mask.reading["threshold"]) == ("white", 127)
    assert all((frame == want).all() for frame, want in zip(stored(mask), squares(), strict=True))
    assert mask.planning_id


def test_a_mask_of_other_length_is_refused_in_one_sentence(video: Video, tmp_path: Path) -> None:
    mask = attach(video, mask_file(tmp_path, squares(FRAMES - 1)), name="short")
    assert mask.state == IngestState.FAILED
    assert mask.error == f"mask short has {FRAMES - 1} frames but video clip has {FRAMES}"
    assert "one mask frame per video frame" in mask.hint


def test_a_mask_of_other_size_is_refused_in_one_sentence(video: Video, tmp_path: Path) -> None:
    mask = attach(video, mask_file(tmp_path, squares(size=FrameSize(32, 48))), name="narrow")
    assert mask.state == IngestState.FAILED
    assert mask.error == "mask narrow is 32x48 but video clip is 64x48"


def test_soft_alpha_is_kept_as_it_is(video: Video, tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))
    mask = attach(video, mask_file(tmp_path, [ramp] * FRAMES))
    assert mask.kind == MaskKind.ALPHA
    assert all((frame == ramp).all() for frame in stored(mask))


def test_a_palette_mask_becomes_one_mask_per_object(video: Video, tmp_path: Path) -> None:
    numbers = np.zeros((48, 64), np.uint8)
    numbers[:24, :32], numbers[24:, 32:] = 1, 2
    pictures = {f"{number:05d}.png": palette_png(numbers) for number in range(FRAMES)}
    mask = attach(video, zip_file(tmp_path / "davis.zip", pictures))
    assert mask.kind == MaskKind.INDEX
    assert mask.coverage == pytest.approx(0.5)
    parts = [read_mask(part) for part in Mask.objects.exclude(pk=mask.pk)]
    assert [(part.name, part.kind) for part in parts] == [
        ("davis 1", MaskKind.HARD),
        ("davis 2", MaskKind.HARD),
    ]
    for number, part in enumerate(parts, 1):
        assert all(((frame == 255) == (numbers == number)).all() for frame in stored(part))
    attach(video, zip_file(tmp_path / "again.zip", pictures))
    assert Mask.objects.filter(name__startswith="davis").count() == 3


def palette_png(numbers: GrayFrame) -> bytes:
    picture = Image.fromarray(numbers).convert("P")
    picture.putdata(numbers.ravel().tolist())
    picture.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_a_trimask_has_the_opposite_sense_and_is_read_so(video: Video, tmp_path: Path) -> None:
    trimask = np.full((48, 64), 128, np.uint8)
    trimask[:24, :32], trimask[40:] = 0, KEEP
    mask = attach(video, mask_file(tmp_path, [trimask] * FRAMES))
    assert (mask.reading["polarity"], mask.kind) == ("black", MaskKind.HARD)
    assert all(((frame == 255) == (trimask == 0)).all() for frame in stored(mask))


def test_a_mask_is_read_another_way_and_by_rule_again(video: Video, tmp_path: Path) -> None:
    mask = attach(video, mask_file(tmp_path, squares(value=12)))
    assert mask.coverage == 0
    mask_reread(mask=mask, actor=ACTOR, polarity="white", threshold=9)
    assert read_mask(mask).coverage == pytest.approx(0.25)
    mask_reread(mask=mask, actor=ACTOR, polarity="black", threshold=250)
    assert read_mask(mask).coverage == pytest.approx(0.75)
    mask_reread(mask=mask, actor=ACTOR)
    assert read_mask(mask).reading["threshold"] == 127


def test_a_reading_keeps_what_was_given_instead_of_found_by_rule(
    video: Video, tmp_path: Path
) -> None:
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))
    mask = attach(video, mask_file(tmp_path, [ramp] * FRAMES))
    assert mask.reading["chosen"] == []
    mask_reread(mask=mask, actor=ACTOR, polarity="white", threshold=127)
    assert read_mask(mask).reading["chosen"] == ["polarity", "threshold"]
    assert (mask.kind, mask.reading["threshold"]) == (MaskKind.HARD, 127)
    mask_reread(mask=mask, actor=ACTOR)
    assert (read_mask(mask).kind, mask.reading["chosen"]) == (MaskKind.ALPHA, [])


def test_a_threshold_out_of_range_is_told_on_the_mask(video: Video, tmp_path: Path) -> None:
    mask = attach(video, mask_file(tmp_path, squares()))
    mask_reread(mask=mask, actor=ACTOR, threshold=255)
    assert read_mask(mask).error == "255 is no threshold"


def test_the_poster_holds_the_values_of_the_file_not_of_the_reading(
    video: Video, tmp_path: Path
) -> None:
    given = squares(value=100)
    mask = attach(video, mask_file(tmp_path, given), threshold=90)
    assert (poster(mask) == given[0]).all()
    assert stored(mask)[0].max() == 255


def test_two_masks_of_one_name_are_refused(video: Video, tmp_path: Path) -> None:
    attach(video, mask_file(tmp_path, squares()), name="person")
    with pytest.raises(Conflict, match="has a mask called person already"):
        mask_add(video=video, path=mask_file(tmp_path, squares()), actor=ACTOR, name="person")


def test_a_folder_cannot_be_attached(video: Video, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a folder"):
        mask_add(video=video, path=tmp_path, actor=ACTOR)


def test_pictures_with_a_gap_are_taken_in_order(video: Video, tmp_path: Path) -> None:
    pictures = {f"m{number}.png": png(squares()[0]) for number in (1, 2, 3, 9, 10, 11)}
    assert attach(video, zip_file(tmp_path / "m.zip", pictures)).state == IngestState.READY


def test_a_mask_waits_for_its_video(project: Project, tmp_path: Path) -> None:
    row = footage_add(project=project, path=clip_file(tmp_path), actor=ACTOR)
    assert isinstance(row, Video)
    mask = mask_add(video=row, path=mask_file(tmp_path, squares()), actor=ACTOR)
    with pytest.raises(Again):
        mask_ingest(mask_id=mask.pk, progress=ignore_progress, should_stop=never_stop)


def test_a_mask_whose_video_waits_for_an_answer_is_read_when_it_is_given(
    project: Project, tmp_path: Path
) -> None:
    add(project, clip_file(tmp_path))
    copy = add(project, clip_file(tmp_path))
    assert copy.state == IngestState.NEEDS_DECISION
    mask = mask_add(video=copy, path=mask_file(tmp_path, squares()), actor=ACTOR)
    assert read_mask(mask).state == IngestState.NEEDS_DECISION
    mask.refresh_from_db()
    assert "waits for an answer" in mask.error
    footage_decide(footage=copy, code="duplicate", choice="keep", actor=ACTOR)
    assert read(copy).state == IngestState.READY
    mask.refresh_from_db()
    assert read_mask(mask).state == IngestState.READY
    assert Mask.objects.get(pk=mask.pk).error == ""
    assert Job.objects.filter(kind="ingest_mask", target_id=mask.pk).count() == 2


def test_a_mask_that_is_archived_while_it_waits_is_queued_all_the_same(
    project: Project, tmp_path: Path
) -> None:
    add(project, clip_file(tmp_path))
    copy = add(project, clip_file(tmp_path))
    mask = mask_add(video=copy, path=mask_file(tmp_path, squares()), actor=ACTOR)
    row_archive(row=read_mask(mask), actor=ACTOR)
    footage_decide(footage=copy, code="duplicate", choice="keep", actor=ACTOR)
    row_restore(row=mask, actor=ACTOR)
    mask.refresh_from_db()
    assert mask.state == IngestState.ARRIVING
    assert Job.objects.filter(kind="ingest_mask", target_id=mask.pk).count() == 2


def test_nobody_answers_between_the_look_at_a_video_and_the_waiting_of_its_mask(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has one writer; what other databases are asked to lock stands in a comment here."""
    add(project, clip_file(tmp_path))
    copy = add(project, clip_file(tmp_path))
    mask = mask_add(video=copy, path=mask_file(tmp_path, squares()), actor=ACTOR)
    monkeypatch.setattr(connection.features, "has_select_for_update", True)
    monkeypatch.setattr(connection.ops, "for_update_sql", lambda **_: "/* locked */")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert read_mask(mask).state == IngestState.NEEDS_DECISION
    told = [one["sql"] for one in seen]
    locked = next(at for at, sql in enumerate(told) if "locked" in sql and "_video" in sql)
    begins = max(at for at, sql in enumerate(told[:locked]) if sql.startswith("SAVEPOINT"))
    waits = next(at for at, sql in enumerate(told) if sql.startswith("UPDATE") and "_mask" in sql)
    assert begins < locked < waits
    assert not any(sql.startswith("RELEASE") for sql in told[begins:waits])


def test_a_kill_is_healed_by_reading_again(
    video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mask = mask_add(video=video, path=mask_file(tmp_path, squares()), actor=ACTOR)

    def killed(*_: Any, **__: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(masks, "state_move", killed)
        with pytest.raises(SystemExit):
            mask_ingest(mask_id=mask.pk, progress=ignore_progress, should_stop=never_stop)
    assert read_mask(mask).state == IngestState.READY
    assert read_mask(mask).state == IngestState.READY, "a second run of the job changes nothing"


def test_a_stopped_mask_is_resumed(video: Video, tmp_path: Path) -> None:
    mask = mask_add(video=video, path=mask_file(tmp_path, squares()), actor=ACTOR)
    job_cancel(job=Job.objects.get(kind="ingest_mask"), actor=ACTOR)
    with pytest.raises(Cancelled):
        mask_ingest(mask_id=mask.pk, progress=ignore_progress, should_stop=lambda: True)
    assert ingest_resume(row=mask, actor=ACTOR).state == "queued"
    assert read_mask(mask).state == IngestState.READY
