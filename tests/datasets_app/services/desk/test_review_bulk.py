"""Acts on many samples: what is left out says why, and all of it is taken back as one."""

from __future__ import annotations

import pytest

from datasets_app.models import ReviewCase, ReviewPolicy, Sample, SynthesisRun, Verdict
from datasets_app.services.desk.review import verdict_give
from datasets_app.services.desk.review_bulk import BulkAct, BulkResult, bulk_do, bulk_undo
from matteweb.accounts.models import Project, Role, User
from matteweb.errors import BadInput, Conflict
from tests import factories
from tests.review_desk import samples_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return factories.project()


@pytest.fixture
def author(project: Project) -> User:
    return factories.member(project, Role.LEAD)


@pytest.fixture
def anna(project: Project) -> User:
    return factories.member(project, Role.REVIEWER)


@pytest.fixture
def samples(project: Project, author: User) -> list[Sample]:
    return samples_by(project, author, 3)


def act(who: User, samples: list[Sample], action: str, **more: object) -> BulkResult:
    return bulk_do(
        project=samples[0].project,
        ids=[sample.pk for sample in samples],
        act=BulkAct(action, **more),  # type: ignore[arg-type]
        actor=factories.actor(who),
    )


def states(samples: list[Sample]) -> list[str]:
    return [Sample.objects.get(pk=sample.pk).review for sample in samples]


def test_many_verdicts_are_taken_back_as_one(samples: list[Sample], anna: User) -> None:
    earlier = verdict_give(sample=samples[0], decision="accept", actor=factories.actor(anna))
    result = act(anna, samples, "reject", reasons=["halo"])
    assert states(samples) == ["rejected"] * 3
    assert bulk_undo(batch=result.batch, actor=factories.actor(anna)) == 3
    assert states(samples) == ["accepted", "pending", "pending"]
    earlier.refresh_from_db()
    assert earlier.undone_at is None
    with pytest.raises(Conflict, match="already"):
        bulk_undo(batch=result.batch, actor=factories.actor(anna))


def test_what_cannot_be_done_is_left_out_with_its_reason(
    samples: list[Sample], author: User, anna: User
) -> None:
    Sample.objects.filter(pk=samples[1].pk).update(state="rendering")
    result = act(anna, samples, "accept")
    assert result.done == 2
    assert result.left_out[0][0] == samples[1].name
    assert act(author, samples, "accept").done == 0


def test_a_rejection_of_many_needs_a_reason_too(samples: list[Sample], anna: User) -> None:
    result = act(anna, samples, "reject")
    assert result.done == 0
    assert Verdict.objects.count() == 0


def test_an_assignment_is_put_back_as_it_was(
    samples: list[Sample], author: User, anna: User
) -> None:
    ben = factories.member(samples[0].project, Role.REVIEWER)
    act(author, samples[:1], "assign_reviewer", username=ben.username)
    result = act(author, samples, "assign_reviewer", username=anna.username)
    assert set(ReviewCase.objects.values_list("reviewer", flat=True)) == {anna.pk}
    bulk_undo(batch=result.batch, actor=factories.actor(author))
    found = dict(ReviewCase.objects.values_list("sample", "reviewer"))
    assert found == {samples[0].pk: ben.pk, samples[1].pk: None, samples[2].pk: None}


def test_weights_given_to_many_are_put_back_where_nobody_gave_another(
    samples: list[Sample], author: User
) -> None:
    first, second, third = samples
    act(author, [first], "weigh", weight=3)
    result = act(author, samples, "weigh", weight=5)
    assert set(Sample.objects.values_list("weight", flat=True)) == {5}
    act(author, [third], "weigh", weight=8)
    assert bulk_undo(batch=result.batch, actor=factories.actor(author)) == 2
    found = dict(Sample.objects.values_list("pk", "weight"))
    assert found == {first.pk: 3, second.pk: 1, third.pk: 8}
    with pytest.raises(BadInput, match="cannot weigh 65"):
        act(author, samples, "weigh", weight=65)


def test_archived_samples_come_back(samples: list[Sample], author: User) -> None:
    result = act(author, samples, "archive")
    assert Sample.objects.filter(archived_at=None).count() == 0
    bulk_undo(batch=result.batch, actor=factories.actor(author))
    assert Sample.objects.filter(archived_at=None).count() == 3


def test_only_who_did_it_takes_it_back(samples: list[Sample], author: User, anna: User) -> None:
    result = act(anna, samples, "accept")
    with pytest.raises(BadInput, match="whoever did it"):
        bulk_undo(batch=result.batch, actor=factories.actor(author))


def test_samples_of_another_project_are_not_touched(samples: list[Sample], anna: User) -> None:
    foreign = samples_by(factories.project(), None)[0]
    act(anna, [*samples, foreign], "accept")
    assert states([foreign]) == ["pending"]


def test_a_rejection_rolls_again_where_the_project_wants_that(
    samples: list[Sample], anna: User
) -> None:
    ReviewPolicy.objects.create(project=samples[0].project, on_reject="reroll")
    act(anna, samples[:2], "reject", reasons=["hole"])
    assert samples[0].run is not None
    assert SynthesisRun.objects.get(pk=samples[0].run.pk).count == 5


def test_an_unknown_act_is_refused_with_those_that_there_are(
    samples: list[Sample], anna: User
) -> None:
    with pytest.raises(BadInput) as refused:
        act(anna, samples, "explode")
    assert "accept" in refused.value.hint
