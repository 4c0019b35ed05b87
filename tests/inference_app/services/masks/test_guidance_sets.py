"""Guidance of segmenters for a finished sample: layers, what became of whom, and its way out."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from datasets_app.domain.layouts import LAYOUTS
from datasets_app.models import GuidanceSet, Sample
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.bundles import bundle_create_frozen
from datasets_app.services.lanes import LANE_KIND
from datasets_app.services.runs.regeneration import sample_regenerate
from datasets_app.services.runs.synthesis import PLAN_KIND, run_create
from datasets_app.services.sources.assets import asset_add
from datasets_app.services.sources.footage import Rights
from datasets_app.services.trees.layout_exports import bundle_export_layout
from inference_app.services.masks.guidance_sets import guidance_start
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.waiting import wait_for_target
from tests import factories
from tests.subjects import figure, rgba_png

pytestmark = pytest.mark.django_db(transaction=True)
COLOURS = ((200, 40, 30), (30, 160, 60), (40, 60, 210))


@pytest.fixture
def project() -> Project:
    return factories.project(owner=factories.user())


@pytest.fixture
def actor(project: Project) -> Actor:
    owner = project.memberships.get().user
    return factories.actor(owner)


@pytest.fixture
def sample(project: Project, actor: Actor, tmp_path: Path) -> Sample:
    """One picture of two people, with rough masks of its recipe."""
    rights = Rights(licence="CC0-1.0", attribution="A. Person")
    for number, colour in enumerate(COLOURS):
        path = rgba_png(tmp_path / f"person-{number}.png", figure(thin=number == 1), colour)
        made = asset_add(
            project=project, path=path, background=number == 2, actor=actor, rights=rights
        )
        wait_for_target("ingest_footage", made.pk)
    run = run_create(
        project=project,
        recipe_slug="him_image",
        params={"counts": "2:1", "hidden_max": 0.5, "guidance": "rough"},
        count=1,
        root_seed=4,
        actor=actor,
    )
    wait_for_target(PLAN_KIND, run.pk)
    wait_for_target(LANE_KIND, run.pk)
    return Sample.objects.get(run=run)


def command(project: Project, sample: Sample) -> dict[str, object]:
    out = StringIO()
    call_command(
        "make_guidance",
        project=project.slug,
        segmenter="boxed",
        sample=[sample.pk],
        wait=True,
        json=True,
        stdout=out,
        stderr=StringIO(),
        as_user=project.memberships.get().user.username,
    )
    answer: dict[str, object] = json.loads(out.getvalue())
    return answer


def test_masks_of_a_segmenter_stand_beside_those_of_the_recipe_and_leave_with_them(
    project: Project, actor: Actor, sample: Sample, tmp_path: Path
) -> None:
    answer = command(project, sample)
    made = GuidanceSet.objects.get(sample=sample)
    assert answer["made"] == [{"sample": sample.pk, "report": made.report}]
    assert (made.place, made.name, made.maker_version) == (1, "masks_boxed", 1)
    for one in made.report["instances"]:
        assert one["matched"] + one["synthetic"] == 1
        assert (one["iou"] == "") == (one["matched"] == 0)
    names = set(sample.layers.values_list("name", flat=True))
    assert names >= {"mask_00_00", "mask_00_01", "mask_01_00", "mask_01_01", "unmatched_01"}
    assert sample_regenerate(sample=sample).identical, "what came later is no part of the plan"

    assert command(project, sample)["jobs"] == [], "a second time there is nothing to do"
    token = factories.token(project.memberships.get().user)
    client = Client(headers={"Authorization": f"Bearer {token}"})
    listed = client.get(f"/api/projects/{project.slug}/samples/{sample.pk}/guidance").json()
    assert [(one["maker"], one["report"]) for one in listed] == [("boxed", made.report)]
    asked = client.post(
        f"/api/projects/{project.slug}/samples/{sample.pk}/guidance",
        {"segmenter": "boxed"},
        content_type="application/json",
    )
    assert (asked.status_code, asked.json()) == (202, {"job": None})
    segmenters = client.get(f"/api/projects/{project.slug}/segmenters/").json()
    assert {one["slug"] for one in segmenters} >= {"boxed", "carried", "moving"}
    Sample.objects.filter(pk=sample.pk).update(review="accepted")
    bundle = bundle_create_frozen(project=project, name="set", choice=BundleChoice(), actor=actor)
    wait_for_target("bundle_freeze", bundle.pk)
    bundle.refresh_from_db()
    tree = tmp_path / "tree"
    bundle_export_layout(bundle=bundle, layout="maggie_image_train", folder=tree)
    (again,) = LAYOUTS["maggie_image_train"].read(tree).tuples
    assert {one.source: len(one.masks) for one in again.guidance} == {
        "masks_rough": 2,
        "masks_boxed": 2,
    }


def test_what_cannot_be_segmented_is_refused_before_a_job_is_made(
    project: Project, actor: Actor, sample: Sample
) -> None:
    with pytest.raises(Conflict, match="nothing to carry"):
        guidance_start(project=project, samples=[sample], segmenter="carried", actor=actor)
    with pytest.raises(BadInput, match="no segmenter"):
        guidance_start(project=project, samples=[sample], segmenter="nobody", actor=actor)
    with pytest.raises(BadInput, match="0 samples"):
        guidance_start(project=project, samples=[], segmenter="boxed", actor=actor)
    sample.layers.filter(name__startswith="alpha").delete()
    with pytest.raises(Conflict, match="no picture with alphas"):
        guidance_start(project=project, samples=[sample], segmenter="boxed", actor=actor)
    assert not Job.objects.filter(kind="guidance_make").exists()


def test_the_pages_show_every_source_side_by_side_and_start_what_is_missing(
    project: Project, sample: Sample
) -> None:
    browser = Client()
    browser.force_login(project.memberships.get().user)
    home = f"/p/{project.slug}"
    shown = browser.get(f"{home}/samples/{sample.pk}/guidance/").content.decode()
    masks = {layer.name: layer.pk for layer in sample.layers.all() if "mask" in layer.name}
    assert set(masks) == {"mask_00_00", "mask_00_01"}
    assert all(f"/layer/{pk}/" in shown for pk in masks.values())
    assert f"/p/{project.slug}/samples/{sample.pk}/guidance/" in (
        browser.get(f"{home}/samples/{sample.pk}/").content.decode()
    )
    begun = browser.post(f"{home}/runs/{sample.run_id}/guidance/start", {"segmenter": "boxed"})
    assert begun.status_code == 302
    wait_for_target("guidance_make", sample.pk)
    again = browser.get(f"{home}/samples/{sample.pk}/guidance/").content.decode()
    made = GuidanceSet.objects.get(sample=sample)
    for name in ("mask_01_00", "mask_01_01"):
        assert f"/layer/{sample.layers.get(name=name).pk}/" in again
    for person in made.report["instances"]:
        assert (f"IoU {person['iou']}" if person["iou"] else "never matched") in again
    assert "0 switches of identity" in again
    picture = re.search(
        rf'src="([^"]+/layer/{sample.layers.get(name="mask_01_00").pk}/[^"]+)"', again
    )
    assert picture is not None
    assert browser.get(picture[1].replace("&amp;", "&")).headers["Content-Type"] == "image/png"
    over_all = browser.get(f"{home}/runs/{sample.run_id}/guidance/").content.decode()
    assert "boxed" in over_all
    nothing = browser.post(f"{home}/samples/{sample.pk}/guidance/start", {})
    assert nothing.status_code == 400
