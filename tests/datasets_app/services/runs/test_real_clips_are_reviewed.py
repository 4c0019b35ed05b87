"""Real footage from files to accepted samples: composite, defocus, people cut out by masks."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets_app.domain.media.frames import frame_size
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import QualityReport, Sample, Video
from datasets_app.services.blobs import blob_path
from datasets_app.services.desk.review import samples_accept
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.bundles import bundle_create_frozen
from datasets_app.services.lanes import LANE_KIND
from datasets_app.services.quality import measuring_run
from datasets_app.services.runs.regeneration import sample_regenerate
from datasets_app.services.runs.synthesis import PLAN_KIND, run_create
from datasets_app.services.sources.footage import Rights, footage_add
from datasets_app.services.sources.masks import mask_add
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.jobs.waiting import wait_for_target
from tests import clips, factories

pytestmark = [pytest.mark.django_db(transaction=True), clips.needs_clips]

NAMES, FRAMES = ("davis_camel", "davis_kite-walk", "boys-beach"), 8
RUNS: list[tuple[str, dict[str, Any]]] = [
    ("composite", {"max_frames": 4, "colour_match": 0.5}),
    ("defocus", {"max_frames": 4, "scene": "as filmed", "depth": "layers"}),
    ("defocus", {"max_frames": 4, "scene": "composited", "focus": "pull"}),
    ("him_video", {"frames": 4, "level": "easy", "counts": "2:1", "guidance": "rough"}),
]


def shortened(folder: Path, name: str) -> tuple[Path, Path]:
    """Return the first frames of a clip and of its mask, which is cut at its threshold."""
    clip, mask = folder / f"{name}.mkv", folder / f"{name}_mask.mkv"
    pictures = list(islice(read_rgb(clips.clip(name)), FRAMES))
    masks = list(islice(read_gray(clips.mask(name)), FRAMES))
    size, rate = frame_size(pictures[0]), Fraction(16)
    with RgbMasterWriter(clip, size, rate) as rgb, GrayMasterWriter(mask, size, rate) as gray:
        for picture, one in zip(pictures, masks, strict=True):
            rgb.write(picture)
            gray.write(np.where(one > 127, 255, 0).astype(np.uint8))
    return clip, mask


def bring(folder: Path, project: Project, actor: Actor, name: str) -> None:
    clip, mask = shortened(folder, name)
    rights = Rights(licence="CC-BY-4.0", attribution="see the licence beside the clips")
    video = footage_add(project=project, path=clip, actor=actor, rights=rights)
    wait_for_target("ingest_footage", video.pk)
    made = mask_add(video=Video.objects.get(pk=video.pk), path=mask, actor=actor)
    wait_for_target("ingest_mask", made.pk)


def test_real_clips_become_accepted_samples_of_every_recipe(tmp_path: Path) -> None:
    owner = factories.user()
    project, actor = factories.project(owner=owner), factories.actor(owner)
    for name in NAMES:
        bring(tmp_path, project, actor, name)
    for slug, params in RUNS:
        run = run_create(
            project=project, recipe_slug=slug, params=params, count=1, root_seed=2, actor=actor
        )
        wait_for_target(PLAN_KIND, run.pk)
        wait_for_target(LANE_KIND, run.pk)
    samples = list(Sample.objects.filter(project=project).order_by("pk"))
    assert [(one.state, one.error) for one in samples] == [("ready", "")] * len(RUNS)
    for sample in samples:
        alphas = [layer for layer in sample.layers.all() if layer.name.startswith("alpha")]
        assert alphas
        for layer in alphas:
            assert layer.master is not None
            assert max(frame.max() for frame in read_gray(blob_path(layer.master))) > 200
        assert sample_regenerate(sample=sample).identical
    measuring_run(project_id=project.pk, progress=ignore_progress, should_stop=never_stop)
    for report in QualityReport.objects.filter(sample__in=samples):
        assert report.error == ""
        assert "recomposition" not in report.found
    assert QualityReport.objects.filter(sample__in=samples).count() == len(RUNS)
    samples_accept(samples=tuple(samples), actor=actor)
    bundle = bundle_create_frozen(project=project, name="real", choice=BundleChoice(), actor=actor)
    wait_for_target("bundle_freeze", bundle.pk)
    bundle.refresh_from_db()
    assert bundle.state == "frozen", bundle.problems
    assert bundle.entries.count() == len(RUNS)
