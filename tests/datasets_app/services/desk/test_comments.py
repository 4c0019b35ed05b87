"""Comments: where they point, how they are settled, what they outlive."""

from __future__ import annotations

import pytest

from datasets_app.models import Comment, Sample, SynthesisRun
from datasets_app.selectors.comments import comment_of, comments_of
from datasets_app.services.desk.comments import comment_add, comment_resolve
from datasets_app.services.desk.review import verdict_give
from datasets_app.services.runs.synthesis import run_reroll, sample_reroll
from matteweb.accounts.models import Project, Role, User
from matteweb.errors import BadInput, Conflict, NotFound
from matteweb.jobs.models import Job
from tests import factories
from tests.review_desk import samples_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return factories.project()


@pytest.fixture
def anna(project: Project) -> User:
    return factories.member(project, Role.REVIEWER)


@pytest.fixture
def sample(project: Project) -> Sample:
    return samples_by(project, factories.member(project, Role.LEAD), 2)[0]


def said(sample: Sample, who: User, text: str = "the tail jumps") -> Comment:
    return comment_add(
        sample=sample, text=text, actor=factories.actor(who), frames=(2, 5), region=(8, 6, 20, 12)
    )


def test_a_comment_keeps_its_frames_and_region(sample: Sample, anna: User) -> None:
    said(sample, anna)
    found = comments_of(sample).get()
    assert (found.text, found.first_frame, found.last_frame) == ("the tail jumps", 2, 5)
    assert found.region == [8, 6, 20, 12]


@pytest.mark.parametrize(
    ("frames", "region"),
    [((5, 2), None), ((0, 10), None), ((-1, 0), None), (None, (60, 0, 5, 5)), (None, (0, 0, 0, 4))],
)
def test_a_comment_on_a_place_that_is_not_there_is_refused(
    sample: Sample, anna: User, frames: tuple[int, int] | None, region: tuple[int, ...] | None
) -> None:
    with pytest.raises(BadInput):
        comment_add(
            sample=sample, text="x", actor=factories.actor(anna), frames=frames, region=region
        )


def test_a_comment_needs_words(sample: Sample, anna: User) -> None:
    with pytest.raises(BadInput, match="needs words"):
        comment_add(sample=sample, text="  ", actor=factories.actor(anna))


def test_a_comment_is_resolved_once_and_can_be_opened_again(sample: Sample, anna: User) -> None:
    comment = said(sample, anna)
    ben = factories.actor(factories.user())
    comment_resolve(comment=comment, resolved=True, actor=ben)
    assert comment.resolved_by == ben.user
    with pytest.raises(Conflict, match="resolved already"):
        comment_resolve(comment=comment, resolved=True, actor=ben)
    comment_resolve(comment=comment, resolved=False, actor=ben)
    assert (comment.resolved_at, comment.resolved_by) == (None, None)


def test_a_comment_of_another_project_is_not_found(sample: Sample, anna: User) -> None:
    comment = said(sample, anna)
    with pytest.raises(NotFound):
        comment_of(factories.project(), comment.pk)


def rejected(sample: Sample, who: User) -> None:
    verdict_give(sample=sample, decision="reject", reasons=["flicker"], actor=factories.actor(who))


def planned(run: SynthesisRun, index: int) -> Sample:
    """The row that planning will make at a place."""
    return Sample.objects.create(project=run.project, run=run, index=index, name=f"roll {index}")


def test_a_comment_is_shown_beside_what_was_rolled_again(sample: Sample, anna: User) -> None:
    comment = said(sample, anna)
    rejected(sample, anna)
    lead = factories.actor(sample.run.created_by if sample.run else None)
    made = sample_reroll(sample=sample, actor=lead)
    assert made.index == 2
    replacement = planned(made.run, made.index)
    assert list(comments_of(replacement)) == [comment]
    other = planned(made.run, 3)
    assert list(comments_of(other)) == []


def test_a_comment_survives_being_rolled_again_twice(sample: Sample, anna: User) -> None:
    comment = said(sample, anna)
    rejected(sample, anna)
    lead = factories.actor(sample.run.created_by if sample.run else None)
    first = planned(*_place(sample_reroll(sample=sample, actor=lead)))
    Sample.objects.filter(pk=first.pk).update(state="failed")
    first.refresh_from_db()
    second = planned(*_place(sample_reroll(sample=first, actor=lead)))
    assert list(comments_of(second)) == [comment]


def test_a_whole_run_rolled_again_remembers_which_takes_whose_place(
    sample: Sample, anna: User
) -> None:
    comment = said(sample, anna)
    rejected(sample, anna)
    run = sample.run
    assert run is not None
    assert run_reroll(run=run, actor=factories.actor(run.created_by)) == 1
    assert list(comments_of(planned(run, 2))) == [comment]


def test_a_sample_is_rolled_again_once(sample: Sample, anna: User) -> None:
    lead = factories.actor(sample.run.created_by if sample.run else None)
    with pytest.raises(Conflict, match="neither rejected nor failed"):
        sample_reroll(sample=sample, actor=lead)
    rejected(sample, anna)
    sample_reroll(sample=sample, actor=lead)
    with pytest.raises(Conflict, match="already"):
        sample_reroll(sample=sample, actor=lead)
    assert sample.run is not None
    run = SynthesisRun.objects.get(pk=sample.run.pk)
    assert run.count == 3
    with pytest.raises(BadInput, match="no rejected or failed"):
        run_reroll(run=run, actor=lead)
    assert Job.objects.filter(kind="synthesis_plan", target_id=run.pk).count() == 1


def _place(made: object) -> tuple[SynthesisRun, int]:
    return made.run, made.index  # type: ignore[attr-defined]
