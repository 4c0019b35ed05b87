"""An accepted sample becomes a foreground, once, with the rights and the scene of its sources."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.media.writer import RgbMasterWriter
from datasets_app.models import Asset, Layer, Sample, Video
from datasets_app.services.blobs import blob_path
from datasets_app.services.desk.review import samples_accept
from datasets_app.services.lanes import LANE_KIND
from datasets_app.services.runs.pool import pool_freeze, pool_open
from datasets_app.services.runs.synthesis import PLAN_KIND, run_create
from datasets_app.services.sources.footage import Rights, footage_add
from datasets_app.services.sources.promotion import sample_promote
from matteweb.accounts.models import AuditEntry
from matteweb.errors import BadInput, Conflict
from matteweb.jobs.waiting import wait_for_target
from tests.rendered import Rendered
from tests.scenes import SIZE
from tests.studio import studio_frame

pytestmark = pytest.mark.django_db


@pytest.fixture
def keyed(rendered: Rendered, tmp_path: Path) -> Sample:
    """A clip before a green screen that was brought in and keyed."""
    path = tmp_path / "studio.mkv"
    with RgbMasterWriter(path, SIZE, Fraction(25)) as out:
        for number in range(6):
            out.write(studio_frame(SIZE, number)[0])
    rights = Rights(licence="CC-BY-4.0", attribution="A. Studio")
    video = footage_add(
        project=rendered.project,
        path=path,
        actor=rendered.actor,
        rights=rights,
        source_group="stage one",
    )
    wait_for_target("ingest_footage", video.pk)
    run = run_create(
        project=rendered.project,
        recipe_slug="green_screen",
        params={"clips": "studio"},
        count=1,
        root_seed=1,
        actor=rendered.actor,
    )
    wait_for_target(PLAN_KIND, run.pk)
    wait_for_target(LANE_KIND, run.pk)
    sample = Sample.objects.select_related("project").get(run=run)
    assert sample.state == "ready", sample.error
    return sample


def test_it_becomes_a_foreground_that_recipes_draw(rendered: Rendered, keyed: Sample) -> None:
    samples_accept(samples=[keyed], actor=rendered.actor)
    keyed.refresh_from_db()
    asset = sample_promote(sample=keyed, actor=rendered.actor)
    wait_for_target("ingest_footage", asset.pk)
    asset.refresh_from_db()
    assert (asset.state, asset.kind) == ("ready", Asset.Kind.FOREGROUND_CLIP)
    assert (asset.licence, asset.attribution) == ("CC-BY-4.0", "A. Studio")
    assert asset.source_group == Video.objects.get(name="studio").source_group == "stage one"
    assert (asset.fps_num, asset.fps_den, asset.frames) == (25, 1, 6)
    drawn = pool_open(pool_freeze(rendered.project)).foregrounds
    assert [one.name for one in drawn] == [keyed.name]
    made, kept = Layer.objects.get(sample=keyed, name="alpha"), asset.layers.get(name="alpha")
    assert made.master is not None
    assert kept.master is not None
    pairs = zip(read_gray(blob_path(made.master)), read_gray(blob_path(kept.master)), strict=True)
    assert all(np.array_equal(before, after) for before, after in pairs)
    assert AuditEntry.objects.filter(action="sample.promote", target_id=keyed.pk).exists()
    with pytest.raises(Conflict, match="already"):
        sample_promote(sample=keyed, actor=rendered.actor)


def test_what_nobody_accepted_does_not(rendered: Rendered, keyed: Sample) -> None:
    with pytest.raises(Conflict, match="only an accepted sample"):
        sample_promote(sample=keyed, actor=rendered.actor)


def test_a_sample_without_those_layers_does_not(rendered: Rendered, keyed: Sample) -> None:
    Layer.objects.filter(sample=keyed, name="fgr").delete()
    with pytest.raises(BadInput, match="no layer fgr"):
        sample_promote(sample=keyed, actor=rendered.actor)
