"""A training that learns from a bundle of really rendered samples, from frames to a run."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Blob, Bundle, Mask
from datasets_app.services.blobs import blob_path
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.export import bundle_export_folder, bundle_manifest
from inference_app.domain.training.held_out import HeldOut
from inference_app.models import RunState
from inference_app.services.learning import evaluations, folder_training, trainings
from inference_app.services.learning.folder_training import folder_train
from inference_app.services.learning.held_out_evaluation import evaluate_files
from inference_app.services.learning.training_sources import clips_of_bundle, rows_of_folders
from inference_app.services.runs.model_runs import run_create, run_make
from matteweb.errors import BadInput
from tests.rendered import FRAMES, frozen, rendered_project

pytestmark = pytest.mark.django_db(transaction=True)

TINY = {"batch": 1, "frames": 2, "side": 32}
VALUES: dict[str, Any] = {
    "network": "flow_unet", "steps": 3, "warmup": 0, "main": TINY, "last": TINY,
    "validate_every": 3, "save_every": 3, "dtype": "float32",
}  # fmt: skip
WORK: dict[str, Any] = {"progress": ignore_progress, "should_stop": never_stop}


def from_its_folder(bundle: Bundle, place: Path) -> None:
    """Learn by command from the bundle as `pull` leaves it, and measure on it."""
    folder = place / "pulled"
    bundle_export_folder(bundle=bundle, folder=folder)
    with pytest.raises(BadInput, match="no sample with rgb_full and alpha in its split train"):
        rows_of_folders(0.0, [(folder, 1.0)])
    for sample in bundle_manifest(bundle).samples:
        (alpha,) = (one.sha256 for one in sample.masters if one.layer == "alpha")
        master = blob_path(Blob.objects.get(pk=alpha))
        (folder / sample.folder / "alpha.mkv").symlink_to(master)
    done = folder_train(
        values=VALUES, painted=0.0, bundles=[(folder, 2.0)], folder=place / "by-command",
        device="cpu", threads=1, processes=0, should_stop=never_stop, report=lambda entry: None,
        say=print, ship=place / "ours.safetensors",
    )  # fmt: skip
    shipped = json.loads(Path(done["card"]).read_text())
    assert shipped["licence"] == "CC0-1.0" and bundle.manifest_id[:16] in shipped["learned_from"]
    with pytest.raises(BadInput, match="learned from other clips"):
        folder_train(
            values=shipped["plan"], painted=1.0, bundles=[], folder=place / "other",
            device="cpu", threads=1, processes=0, should_stop=never_stop, report=lambda entry: None,
            say=print,
        )  # fmt: skip
    tables = evaluate_files(
        held=None, bundles=[folder], split="train", predictors=["guided_filter"],
        checkpoints=[place / "ours.safetensors"], clips=1, progress=ignore_progress,
    )  # fmt: skip
    assert set(tables[0].rows) == {"mask", "guided_filter", f"{place.name}/ours"}


def test_a_frozen_bundle_becomes_weights_with_its_licences_that_run_and_are_measured(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BLOB_DIR, settings.WORK_DIR = tmp_path / "blobs", tmp_path / "work"
    settings.WEIGHTS_DIR = tmp_path / "weights"
    tiny = HeldOut("tiny", 501, 502, 3, 3, 2, 2, 32, 32)
    monkeypatch.setattr(trainings, "VALIDATED_ON", tiny)
    monkeypatch.setattr(folder_training, "VALIDATED_ON", tiny)
    made = rendered_project(tmp_path)
    bundle = frozen(made, choice=BundleChoice(splits={"train": Fraction(100)}))
    assert len(clips_of_bundle(bundle)) == 2
    training = trainings.training_create(
        project=made.project, name="ours", preset="light", values=VALUES, painted=0.0,
        bundles=[(bundle, 1.0)], actor=made.actor,
    )  # fmt: skip
    trainings.training_make(training_id=training.pk, log=lambda line: None, **WORK)
    training.refresh_from_db()
    assert training.state == RunState.READY
    card = training.card
    assert card["network"] == "flow_unet" and card["licence"] == "CC0-1.0"
    assert card["sources"][0]["manifest"] == bundle.manifest_id
    assert card["learned_from"].startswith(f"bundle {bundle.name}")

    mask = Mask.objects.filter(video=made.videos[0]).get()
    run = run_create(
        video=made.videos[0], mask=mask, predictor_slug="flow_unet", training=training,
        actor=made.actor,
    )  # fmt: skip
    run_make(run_id=run.pk, **WORK)
    run.refresh_from_db()
    assert (run.state, run.done) == (RunState.READY, FRAMES)

    from_its_folder(bundle, tmp_path)
    evaluation = evaluations.evaluation_create(
        project=made.project, name="on its own bundle", predictors=["guided_filter"],
        trainings=[training], held_out=[], bundles=[(bundle, "train")], clips=1, actor=made.actor,
    )  # fmt: skip
    evaluations.evaluation_make(evaluation_id=evaluation.pk, **WORK)
    (measured,) = evaluation.measured.all()
    assert set(measured.tables[0]["rows"]) == {"mask", "guided_filter", f"ours ({training.pk})"}
