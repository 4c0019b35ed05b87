"""Measuring: what waits, what is stored, in which order reviewers get it, what it gives way to."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from datasets_app.domain.metrics import METRICS
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.quality.report import found_words
from datasets_app.models import Mask, QualityReport, Sample
from datasets_app.selectors.quality import (
    masks_to_measure,
    measuring_suite,
    metrics_that_found,
    samples_to_measure,
    worst_first,
)
from datasets_app.selectors.review_queue import QueueChoice, desk_queue, policy_of
from datasets_app.services.blobs import blob_path
from datasets_app.services.lanes import others_wait
from datasets_app.services.quality import (
    LANE_KIND,
    mask_measure,
    measuring_catch_up,
    measuring_run,
    measuring_start,
    report_forget,
)
from matteweb.accounts.models import Role
from matteweb.errors import Cancelled
from matteweb.jobs.context import Again
from matteweb.jobs.models import Job
from matteweb.jobs.states import JobState
from tests import factories
from tests.rendered import FRAMES, SIZE, Rendered

pytestmark = pytest.mark.django_db


def run_lane(made: Rendered, should_stop: Any = never_stop) -> None:
    """Measure everything of the project that waits."""
    measuring_run(project_id=made.project.pk, progress=ignore_progress, should_stop=should_stop)


def test_rendering_and_reading_a_mask_queue_one_lane_for_the_project(rendered: Rendered) -> None:
    assert Job.objects.filter(kind=LANE_KIND, project=rendered.project).count() == 1
    assert not measuring_start(project=rendered.project)


def test_a_run_does_not_give_up_its_turn_to_measuring(rendered: Rendered) -> None:
    assert list(Job.objects.filter(state=JobState.QUEUED).values_list("kind", flat=True)) == [
        LANE_KIND
    ]
    assert not others_wait(rendered.run.pk)


def test_the_lane_measures_every_sample_and_mask_once(rendered: Rendered) -> None:
    run_lane(rendered)
    reports = QualityReport.objects.filter(project=rendered.project)
    assert reports.filter(sample__isnull=False).count() == 2
    assert reports.filter(mask__isnull=False).count() == 2
    before = list(reports.values_list("pk", "measured_at").order_by("pk"))
    run_lane(rendered)
    assert list(reports.values_list("pk", "measured_at").order_by("pk")) == before
    Job.objects.filter(kind=LANE_KIND).delete()
    assert not measuring_start(project=rendered.project)


def test_a_report_holds_numbers_per_frame_versions_and_inputs(rendered: Rendered) -> None:
    run_lane(rendered)
    sample = rendered.samples[0]
    report = QualityReport.objects.get(sample=sample)
    assert report.error == ""
    assert report.tracks is not None
    stored = json.loads(blob_path(report.tracks).read_bytes())
    tracks = {track["metric"]: track for track in stored["tracks"]}
    frames = sample.frames
    assert frames is not None and frames <= FRAMES
    assert {len(track["values"]) for track in tracks.values()} == {frames} == {stored["frames"]}
    assert {"coverage", "recomposition", "flicker", "timing", "effect_left"} <= set(tracks)
    assert "dtssd" not in tracks
    assert report.versions == {slug: METRICS[slug].info.version for slug in tracks}
    assert report.inputs == {layer.name: layer.master_id for layer in sample.layers.all()}
    assert max(value for value in tracks["recomposition"]["values"] if value is not None) < 1
    assert 1 <= len(report.crops) <= 6
    for crop in report.crops:
        left, top, width, height = crop["box"]
        assert 0 <= left <= SIZE.width - width and 0 <= top <= SIZE.height - height


def test_another_version_of_a_metric_measures_anew(
    rendered: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_lane(rendered)
    assert not samples_to_measure(rendered.project).exists()
    coverage = METRICS["coverage"]
    newer = type(coverage.info)("coverage", "Coverage", "The same, counted differently", 99)
    monkeypatch.setattr(type(coverage), "info", newer)
    assert samples_to_measure(rendered.project).count() == 2
    Job.objects.filter(kind=LANE_KIND).delete()
    measuring_catch_up()
    assert Job.objects.filter(kind=LANE_KIND, project=rendered.project).count() == 1
    run_lane(rendered)
    report = QualityReport.objects.get(sample=rendered.samples[0])
    assert report.versions["coverage"] == 99


def test_a_mask_that_is_read_anew_is_measured_anew(rendered: Rendered) -> None:
    run_lane(rendered)
    mask = Mask.objects.get(video=rendered.videos[0])
    report_forget(mask=mask)
    assert list(masks_to_measure(rendered.project)) == [mask]


def test_a_clip_that_cannot_be_read_keeps_the_cause_and_stops_nobody(rendered: Rendered) -> None:
    sample = Sample.objects.get(pk=rendered.samples[0].pk)
    Sample.objects.filter(pk=sample.pk).update(frames=sample.frames + 5)  # type: ignore[operator]
    run_lane(rendered)
    report = QualityReport.objects.get(sample=sample)
    assert f"after {sample.frames} of" in report.error
    assert QualityReport.objects.filter(project=rendered.project, error="").count() == 3


def test_a_mask_that_is_deleted_while_it_is_measured_leaves_no_report(rendered: Rendered) -> None:
    mask = Mask.objects.get(video=rendered.videos[0])
    gone = Mask.objects.select_related("video__project", "master").get(pk=mask.pk)
    mask.delete()
    assert mask_measure(mask=gone, should_stop=never_stop) is None
    assert not QualityReport.objects.exists()


def test_a_cancelled_lane_keeps_what_is_finished_and_goes_on_from_there(rendered: Rendered) -> None:
    looks = 0

    def stop_in_the_second() -> bool:
        nonlocal looks
        looks += 1
        return looks > FRAMES + 5

    with pytest.raises(Cancelled):
        run_lane(rendered, stop_in_the_second)
    assert QualityReport.objects.filter(project=rendered.project).count() == 1
    run_lane(rendered)
    assert QualityReport.objects.filter(project=rendered.project).count() == 4


def test_the_lane_gives_way_to_any_other_job_after_each_clip(rendered: Rendered) -> None:
    other = Job.objects.create(project=rendered.project, kind="synthesis_plan", title="a person's")
    with pytest.raises(Again):
        run_lane(rendered)
    assert QualityReport.objects.filter(project=rendered.project).count() == 1
    other.delete()
    run_lane(rendered)


def test_the_worst_comes_first_and_the_unmeasured_with_the_clean(rendered: Rendered) -> None:
    first, second = rendered.samples
    samples = Sample.objects.filter(project=rendered.project)
    QualityReport.objects.create(project=rendered.project, sample=second, score=0.7, suite="x")
    assert list(worst_first(samples)) == [second, first]
    QualityReport.objects.filter(sample=second).update(score=0)
    assert list(worst_first(samples)) == [first, second]


def test_the_api_tells_findings_crops_and_numbers(rendered: Rendered, client: Client) -> None:
    assert rendered.actor.user is not None
    client.force_login(rendered.actor.user)
    address = {"project": rendered.project.slug, "pk": rendered.samples[0].pk}
    waiting = client.get(reverse("api-sample-quality", kwargs=address)).json()
    assert (waiting["state"], waiting["tracks"]) == ("waiting", [])
    run_lane(rendered)
    body = client.get(reverse("api-sample-quality", kwargs=address)).json()
    assert body["state"] == "measured"
    assert body["frames"] == rendered.samples[0].frames
    assert len(body["tracks"]) == len(body["versions"])
    assert "tracks_digest" not in body
    address["pk"] = rendered.videos[0].pk
    video = client.get(reverse("api-video-quality", kwargs=address)).json()
    assert [one["kind"] for one in video["masks"]] == ["mask"]
    assert {"flicker", "coverage"} <= {one["metric"] for one in video["masks"][0]["tracks"]}


def found_in(sample: Sample, *metrics: str) -> None:
    findings = [
        {
            "metric": metric,
            "title": METRICS[metric].info.label,
            "first": 3,
            "last": 5,
            "layers": ["mask", "alpha"],
            "box": [10, 20, 30, 40],
            "words": "=it shows",
            "advice": "Mend it.",
            "text": "frames 3-5, mask, alpha: =it shows",
            "strength": 0.7,
        }
        for metric in metrics
    ]
    QualityReport.objects.update_or_create(
        sample=sample,
        defaults={
            "project": sample.project,
            "suite": measuring_suite(),
            "score": 0.7 if metrics else 0,
            "found": found_words(metrics),
            "findings": findings,
        },
    )


def test_the_queue_is_narrowed_to_what_a_metric_found(rendered: Rendered) -> None:
    flickers, spills = rendered.samples[:2]
    found_in(flickers, "fill_flicker", "spill")
    found_in(spills, "spill")
    reviewer = factories.member(rendered.project, Role.REVIEWER)

    def queue(finding: str) -> set[Sample]:
        chosen = QueueChoice(queue="all", finding=finding)
        policy = policy_of(rendered.project)
        return set(desk_queue(rendered.project, reviewer, chosen, policy=policy))

    assert queue("fill_flicker") == {flickers}
    assert queue("flicker") == set()
    assert queue("spill") == queue("any") == {flickers, spills}
    found_in(spills)
    assert queue("any") == {flickers}
    assert queue("") >= {flickers, spills}
    samples = Sample.objects.filter(project=rendered.project)
    assert [one.info.slug for one in metrics_that_found(samples)] == ["fill_flicker", "spill"]


def test_findings_are_listed_and_taken_away_as_a_table(rendered: Rendered, client: Client) -> None:
    sample = rendered.samples[0]
    found_in(sample, "flicker", "spill")
    assert rendered.actor.user is not None
    client.force_login(rendered.actor.user)
    address = reverse("api-findings", kwargs={"project": rendered.project.slug})
    lines = client.get(address).json()
    assert [(one["sample"], one["metric"]) for one in lines] == [
        (sample.pk, "flicker"),
        (sample.pk, "spill"),
    ]
    assert lines[0]["box"] == [10, 20, 30, 40]
    assert [one["metric"] for one in client.get(address, {"metric": "spill"}).json()] == ["spill"]
    text = client.get(address, {"form": "csv"}).content.decode()
    rows = list(csv.DictReader(StringIO(text)))
    assert (rows[0]["name"], rows[0]["layers"]) == (sample.name, "mask alpha")
    assert [rows[0][name] for name in ("x", "y", "width", "height")] == ["10", "20", "30", "40"]
    assert rows[0]["words"] == "'=it shows"
    assert client.get(address, {"form": "xml"}).status_code == 404
    assert client.get(address, {"metric": "beauty"}).status_code == 404


def test_a_measured_sample_says_layer_place_and_advice_of_what_was_found(
    rendered: Rendered,
) -> None:
    run_lane(rendered)
    for report in QualityReport.objects.exclude(found=""):
        for one in report.findings:
            assert one["layers"] and one["advice"]
            assert one["box"] is None or len(one["box"]) == 4
            assert f" {one['metric']} " in report.found


def test_the_page_offers_what_was_found_as_a_filter_and_a_table(
    rendered: Rendered, client: Client
) -> None:
    assert rendered.actor.user is not None
    client.force_login(rendered.actor.user)
    address = reverse("review-list", kwargs={"project": rendered.project.slug})
    assert "f-finding" not in client.get(address, {"queue": "all"}).content.decode()
    found_in(rendered.samples[0], "spill")
    page = client.get(address, {"queue": "all", "finding": "spill"}).content.decode()
    assert '<option value="spill" selected>' in page
    assert "form=csv&amp;metric=spill" in page
    assert rendered.samples[0].name in page
    assert rendered.samples[1].name not in page
