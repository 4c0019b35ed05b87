"""Trainings of a project: exact resumption, sources, what is stored, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Bundle
from datasets_app.services.blobs import blob_path
from inference_app.domain.networks.tensor_file import read_tensors
from inference_app.domain.training.held_out import HeldOut
from inference_app.domain.training.memory import stepped_down
from inference_app.domain.training.plan import Stage, TrainingPlan
from inference_app.domain.training.stored import Stored, StoredClip
from inference_app.models import RunState, Training
from inference_app.services.learning import trainings
from inference_app.services.learning.trainings import (
    training_create,
    training_folder,
    training_make,
)
from inference_app.services.runs.model_runs import run_create, run_make
from matteweb.accounts.models import AuditEntry, Project, Role
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.models import Job
from tests import factories
from tests.footage import FPS, add, attach, clip_file, mask_file, squares
from tests.inference_app.short_memory import Greedy

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()
TINY = {"batch": 1, "frames": 2, "side": 32}
VALUES: dict[str, Any] = {
    "steps": 4, "warmup": 0, "sprites": 3, "textures": 3, "main": TINY, "last": TINY,
    "validate_every": 2, "save_every": 1, "dtype": "float32",
}  # fmt: skip
HELD = HeldOut("tiny", 501, 502, 3, 3, 2, 2, 32, 32)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"
    settings.WEIGHTS_DIR = tmp_path / "weights"
    monkeypatch.setattr(trainings, "VALIDATED_ON", HELD)


@pytest.fixture
def project() -> Project:
    return factories.project()


def created(project: Project, **changes: Any) -> Training:
    given: dict[str, Any] = {
        "project": project, "name": "one", "preset": "light", "values": VALUES, "painted": 1.0,
        "bundles": [], "actor": ACTOR,
    }  # fmt: skip
    return training_create(**(given | changes))


def make(training: Training, stop_after: int | None = None) -> Training:
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return stop_after is not None and len(asked) > stop_after

    training_make(
        training_id=training.pk,
        progress=ignore_progress,
        should_stop=should_stop,
        log=lambda line: None,
    )
    training.refresh_from_db()
    return training


def test_a_training_leaves_weights_a_card_a_curve_and_a_picture(
    project: Project, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    training = created(project)
    with django_capture_on_commit_callbacks(execute=True):
        make(training)
    assert (training.state, training.step) == (RunState.READY, 4)
    assert [entry["step"] for entry in training.curve] == [2, 4]
    assert training.best == min(entry["band"] for entry in training.curve)
    assert training.weights is not None and training.sheet is not None
    assert training.card["sha256"] == training.weights.digest
    assert training.card["learned_from"].startswith("painted clips")
    assert blob_path(training.sheet).read_bytes()[:4] == b"\x89PNG"
    assert not training_folder(training.pk).exists()
    assert AuditEntry.objects.filter(action="training.create").exists()
    video = add(project, clip_file(tmp_path, frames=2))
    mask = attach(video, mask_file(tmp_path, squares(2)))
    run = run_create(
        video=video, mask=mask, predictor_slug="wavelet_refiner", training=training, actor=ACTOR
    )
    assert run.weights == {"one.safetensors": training.weights.digest}
    run_make(run_id=run.pk, progress=ignore_progress, should_stop=never_stop)
    run.refresh_from_db()
    assert run.state == RunState.READY
    with pytest.raises(BadInput, match="cannot use"):
        run_create(
            video=video, mask=mask, predictor_slug="guided_filter", training=training, actor=ACTOR
        )


def test_a_stopped_training_goes_on_to_the_same_weights(project: Project) -> None:
    whole = make(created(project))
    training = created(project, name="two")
    with pytest.raises(Cancelled):
        make(training, stop_after=3)
    training.refresh_from_db()
    assert training.state == RunState.RUNNING and training.step == 2
    make(training)
    mine, theirs = (read_tensors(weights_of(one))[0] for one in (training, whole))
    assert all(bool((mine[name] == theirs[name]).all()) for name in mine)
    assert training.curve == whole.curve


def weights_of(training: Training) -> Path:
    assert training.weights is not None
    return blob_path(training.weights)


def test_a_training_steps_down_when_memory_runs_out_and_says_so(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = TINY | {"batch": 5}
    training = created(project, values=VALUES | {"main": TINY, "last": large})
    monkeypatch.setattr(trainings, "source_of", lambda *rest: Greedy())
    make(training)
    assert training.state == RunState.READY and training.step == 4
    assert training.plan["last"]["batch"] == 2 and training.plan["main"]["batch"] == 1
    [note] = training.notes
    assert "at step 3" in note and "clips per step lowered from 1 and 5 to 1 and 2" in note


def test_the_sizes_go_down_one_after_the_other_to_an_end() -> None:
    plan, seen = TrainingPlan(main=Stage(batch=2, frames=4, side=128), last=Stage(**TINY)), []
    while (less := stepped_down(plan)) is not None:
        plan = less[0]
        seen.append((plan.main.batch, plan.main.frames, plan.main.side))
    assert seen == [(1, 4, 128), (1, 2, 128), (1, 2, 96), (1, 2, 64)]
    assert plan.last == Stage(**TINY)


def test_stored_clips_give_the_same_crop_for_the_same_number(tmp_path: Path) -> None:
    stored = Stored((stored_clip(tmp_path, 3),))
    one, again = (stored.clip(5, 7, 4, 32) for _ in range(2))
    other = stored.clip(5, 8, 4, 32)
    assert one.rgb.shape == (4, 32, 32, 3) and one.alpha.shape == one.mask.shape == (4, 32, 32)
    assert one.rgb.tobytes() == again.rgb.tobytes() and one.mask.tobytes() == again.mask.tobytes()
    assert one.rgb.tobytes() != other.rgb.tobytes()
    # Picture and alpha are cut at the same place: the picture was painted from the alpha.
    assert np.abs(one.rgb[..., 0].astype(int) - one.alpha.astype(int)).max() <= 2


def test_a_damaged_stored_clip_is_named(tmp_path: Path) -> None:
    clip = stored_clip(tmp_path, 3)
    longer = StoredClip(clip.rgb, clip.alpha, clip.digest, 9)
    with pytest.raises(BadInput, match="has no frames"):
        for number in range(20):
            Stored((longer,)).clip(1, number, 2, 32)


def stored_clip(folder: Path, frames: int) -> StoredClip:
    """Write a clip whose red channel is its alpha."""
    size = FrameSize(64, 48)
    with (
        RgbMasterWriter(folder / "rgb.mkv", size, FPS) as colours,
        GrayMasterWriter(folder / "alpha.mkv", size, FPS) as alphas,
    ):
        for number in range(frames):
            alpha = np.zeros((48, 64), np.uint8)
            alpha[10:40, 10 + 4 * number : 40 + 4 * number] = 255
            alpha[9, 10:40] = 128
            alphas.write(alpha)
            colours.write(np.stack((alpha, alpha // 2, 255 - alpha), 2))
    return StoredClip(str(folder / "rgb.mkv"), str(folder / "alpha.mkv"), "abc", frames)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "needs a name"),
        ({"painted": 0.0}, "something to learn from"),
        ({"preset": "huge"}, "no preset 'huge'"),
        ({"values": {"steps": 0}}, "steps"),
        ({"values": {"network": "nobody"}}, "network: Input should be"),
    ],
)
def test_a_training_that_cannot_be_is_refused_before_a_job_is_made(
    project: Project, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        created(project, **changes)
    assert not Job.objects.exists()


def test_a_draft_bundle_is_nothing_to_learn_from(project: Project) -> None:
    draft = Bundle.objects.create(project=project, name="draft")
    with pytest.raises(Conflict, match="not frozen"):
        created(project, bundles=[(draft, 1.0)])


def test_the_pages_start_watch_stop_and_resume_a_training(project: Project) -> None:
    browser = Client()
    browser.force_login(factories.member(project, Role.LEAD))

    def url(name: str, **parts: object) -> str:
        return reverse(name, kwargs={"project": project.slug, **parts})

    assert b"First try" in browser.get(url("trainings")).content
    given = {"name": "mine", "preset": "first_try", "painted": "1", "steps": "20", "patience": ""}
    assert browser.post(url("training-start"), given).status_code == 302
    training = Training.objects.get()
    assert training.plan["steps"] == 20
    page = browser.get(url("training", pk=training.pk)).content
    assert b"0 of 20 steps" in page and b"Stop" in page
    assert b"Go on" in browser.post(url("training-stop", pk=training.pk)).content
    assert b"Stop" in browser.post(url("training-resume", pk=training.pk)).content
    Training.objects.filter(pk=training.pk).update(
        curve=[
            {"step": 10.0, "loss": 1.0, "band": 200.0, "dtssd": 9.0},
            {"step": 20.0, "loss": 0.5, "band": 150.0, "dtssd": 8.0},
        ]
    )
    part = browser.get(url("training-part", pk=training.pk)).content
    assert b'points="300.0,4.0 600.0,116.0"' in part
    assert browser.post(url("training-delete", pk=training.pk)).status_code == 409
    wrong = browser.post(url("training-start"), given | {"steps": "many"})
    assert wrong.status_code == 400 and b"not a number" in wrong.content


def test_the_api_starts_a_training_and_hands_out_its_weights(project: Project) -> None:
    user = factories.member(project, Role.LEAD)
    client = Client(headers={"Authorization": f"Bearer {factories.token(user)}"})

    def url(name: str, **parts: object) -> str:
        return reverse(name, kwargs={"project": project.slug, **parts})

    given = {"name": "api", "preset": "light", "values": VALUES}
    answer = client.post(url("api-trainings"), given, content_type="application/json")
    assert answer.status_code == 201
    pk = answer.json()["id"]
    assert client.get(url("api-training-weights", pk=pk)).status_code == 404
    make(Training.objects.get(pk=pk))
    told = client.get(url("api-training", pk=pk)).json()
    assert told["state"] == "ready" and len(told["curve"]) == 2
    data = client.head(url("api-training-weights", pk=pk))
    assert int(data["Content-Length"]) == told["card"]["bytes"]
