"""Known-bad samples: really made, mixed into the queue, scored, and never exported."""

from __future__ import annotations

import numpy as np
import pytest

from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.quality.faults import FAULTS
from datasets_app.models import CalibrationItem, QualityReport, ReviewPolicy, Sample
from datasets_app.models.sample import ReviewState
from datasets_app.selectors.bundles import SampleFilter, bundle_candidates
from datasets_app.selectors.quality import (
    measuring_suite,
    quality_of_sample,
    samples_to_measure,
    score_shown,
)
from datasets_app.selectors.review_items import review_items
from datasets_app.selectors.review_queue import QueueChoice
from datasets_app.selectors.review_statistics import review_figures
from datasets_app.services.blobs import blob_path
from datasets_app.services.desk.calibration import (
    calibration_make,
    calibration_request,
    calibration_retire,
)
from datasets_app.services.desk.leases import Holder, leases_take
from datasets_app.services.desk.review import verdict_give
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.bundles import bundle_create_frozen
from matteweb.accounts.models import Role, User
from matteweb.errors import BadInput, Conflict
from tests import factories
from tests.rendered import Rendered
from tests.review_desk import samples_by

pytestmark = pytest.mark.django_db


def made(rendered: Rendered, faults: list[str], count: int = 1) -> list[CalibrationItem]:
    """Ask for known-bad samples and do the job's work here."""
    job = calibration_request(
        project=rendered.project, count=count, faults=faults, strength=0.6, actor=rendered.actor
    )
    said = calibration_make(
        project_id=rendered.project.pk,
        params=job.params,
        progress=ignore_progress,
        should_stop=never_stop,
    )
    assert said == []
    items = list(CalibrationItem.objects.order_by("pk"))
    # A second run of the same job, as after a kill, adds nothing.
    calibration_make(
        project_id=rendered.project.pk,
        params=job.params,
        progress=ignore_progress,
        should_stop=never_stop,
    )
    assert CalibrationItem.objects.count() == len(items)
    return items


def frames(sample: Sample, name: str) -> np.ndarray:
    layer = sample.layers.select_related("master").get(name=name)
    assert layer.master is not None
    read = read_gray if name in {"mask", "alpha"} else read_rgb
    return np.stack(list(read(blob_path(layer.master))))


@pytest.mark.parametrize("fault", [fault.info.slug for fault in FAULTS])
def test_each_fault_is_really_in_the_files(rendered: Rendered, fault: str) -> None:
    (item,) = made(rendered, [fault])
    assert item.fault == fault
    assert item.origin is not None
    names = set(item.origin.layers.values_list("name", flat=True))
    assert set(item.sample.layers.values_list("name", flat=True)) == names
    differing = {
        name
        for name in names
        if not np.array_equal(frames(item.sample, name), frames(item.origin, name))
    }
    assert differing


def test_an_item_stores_all_that_remakes_it(rendered: Rendered) -> None:
    first, second = made(rendered, ["halo"], 2)
    assert first.seed != second.seed
    assert first.inputs["rgb_full"]
    assert (first.fault_version, first.params) == (2, {"strength": 0.6, "period": 5})


def test_a_known_bad_sample_never_gets_into_a_bundle(rendered: Rendered) -> None:
    (item,) = made(rendered, ["halo"])
    assert rendered.actor.user is not None
    verdict_give(sample=item.sample, decision="accept", actor=rendered.actor)
    item.sample.refresh_from_db()
    assert item.sample.review == ReviewState.PENDING
    # Even where a row says something else, and even when it is asked for by its id.
    Sample.objects.filter(pk=item.sample.pk).update(review=ReviewState.ACCEPTED)
    everything = bundle_candidates(rendered.project, SampleFilter())
    assert item.sample not in everything
    named = BundleChoice(samples=SampleFilter(ids=(item.sample.pk,)))
    with pytest.raises((BadInput, Conflict)):
        bundle_create_frozen(
            project=rendered.project, name="no", choice=named, actor=rendered.actor
        )


def queue_of(rendered: Rendered, reviewer: User, number: int) -> list[Sample]:
    """Judge ``number`` samples as they are offered, the known-bad ones among them."""
    holder = Holder(reviewer, f"session-{reviewer.pk:06d}")
    given = []
    for _ in range(number):
        taken = leases_take(
            project=rendered.project, holder=holder, chosen=QueueChoice(), held=[], count=1
        )
        given += taken
        for sample in taken:
            actor = factories.actor(reviewer)
            verdict_give(
                sample=sample, decision="reject", reasons=["halo"], seconds=4.0, actor=actor
            )
    return given


def test_known_bad_samples_come_between_the_others_once_each(rendered: Rendered) -> None:
    items = made(rendered, ["halo", "flicker"], 2)
    samples_by(rendered.project, None, 20)
    ReviewPolicy.objects.create(project=rendered.project, calibration_every=4)
    reviewer = factories.member(rendered.project, Role.REVIEWER)
    given = queue_of(rendered, reviewer, 14)
    places = [place for place, sample in enumerate(given) if hasattr(sample, "calibration")]
    assert len(places) == len(items)
    assert places[0] >= 2
    assert len({given[place].pk for place in places}) == len(items)


def measured(sample: Sample, score: float) -> None:
    QualityReport.objects.update_or_create(
        sample=sample,
        defaults={
            "project": sample.project,
            "suite": measuring_suite(),
            "score": score,
            "finding": f"found {score}",
        },
    )


def test_a_known_bad_sample_shows_what_was_measured_of_the_good_one(rendered: Rendered) -> None:
    (item,) = made(rendered, ["flicker"])
    assert item.origin is not None
    assert item.sample not in samples_to_measure(rendered.project)
    # Not even a report that an earlier release has made is shown.
    measured(item.sample, 0.9)
    measured(item.origin, 0.25)
    sample = Sample.objects.get(pk=item.sample.pk)
    assert quality_of_sample(sample)["finding"] == "found 0.25"
    (row,) = review_items([sample], rendered.project.slug)
    assert (row["score"], row["finding"]) == (0.25, "found 0.25")


def test_worst_first_gives_a_known_bad_sample_where_its_score_stands(rendered: Rendered) -> None:
    (item,) = made(rendered, ["halo"])
    assert item.origin is not None
    measured(item.origin, 0.4)
    for number, sample in enumerate(samples_by(rendered.project, None, 10)):
        measured(sample, number / 10)
    ReviewPolicy.objects.create(project=rendered.project, calibration_every=1)
    reviewer = factories.member(rendered.project, Role.REVIEWER)
    given = queue_of(rendered, reviewer, 11)
    assert item.sample in given
    scores = [score_shown(Sample.objects.get(pk=sample.pk)) for sample in given]
    assert scores == sorted(scores, reverse=True)


def test_who_made_known_bad_samples_is_not_measured_by_them(rendered: Rendered) -> None:
    made(rendered, ["halo"])
    samples_by(rendered.project, None, 8)
    ReviewPolicy.objects.create(project=rendered.project, calibration_every=1, self_review="always")
    assert rendered.actor.user is not None
    assert not any(
        hasattr(sample, "calibration") for sample in queue_of(rendered, rendered.actor.user, 6)
    )


def test_a_reviewer_is_scored_by_what_they_find_and_name(rendered: Rendered) -> None:
    halo, shift = made(rendered, ["halo", "frame_shift"], 2)
    reviewer = factories.member(rendered.project, Role.REVIEWER)
    actor = factories.actor(reviewer)
    verdict_give(sample=halo.sample, decision="reject", reasons=["halo"], actor=actor)
    verdict_give(sample=shift.sample, decision="accept", actor=actor)
    figures = review_figures(rendered.project)
    score = next(one for one in figures.reviewers if one.user == reviewer).calibration
    assert (score.seen, score.found, score.named) == (2, 1, 1)
    assert score.percent == 50
    assert dict(score.missed) == {"frame_shift": 1}
    assert figures.agreement.samples == 0


def test_a_retired_item_is_offered_to_nobody(rendered: Rendered) -> None:
    (item,) = made(rendered, ["halo"])
    calibration_retire(item=item, actor=rendered.actor)
    ReviewPolicy.objects.create(project=rendered.project, calibration_every=1)
    samples_by(rendered.project, None, 3)
    reviewer = factories.member(rendered.project, Role.REVIEWER)
    assert item.sample not in queue_of(rendered, reviewer, 3)
    with pytest.raises(Conflict):
        calibration_retire(item=item, actor=rendered.actor)


def test_without_an_accepted_sample_there_is_nothing_to_spoil(db: None) -> None:
    project = factories.project()
    with pytest.raises(Conflict, match="accepted"):
        calibration_request(
            project=project, count=1, faults=[], strength=0.5, actor=factories.actor()
        )
