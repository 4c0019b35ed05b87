"""Verdicts: who may give them, what they add up to, and where a rejected sample goes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from datasets_app.models import QualityReport, ReviewCase, ReviewPolicy, Sample, Verdict
from datasets_app.selectors.review_queue import (
    QueueChoice,
    QueueName,
    QueueOrder,
    desk_queue,
    policy_of,
)
from datasets_app.services.desk.review import verdict_give, verdict_undo
from datasets_app.services.desk.review_policy import policy_set
from datasets_app.services.desk.review_returns import sample_assign, sample_resubmit
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project, Role, User
from matteweb.errors import BadInput, Conflict
from tests import factories
from tests.review_desk import samples_by

pytestmark = pytest.mark.django_db


@dataclass
class Desk:
    """A project with an author (lead) and two reviewers, and one sample of the author's."""

    project: Project
    author: User
    anna: User
    ben: User
    sample: Sample

    def said(self, who: User, decision: str, sample: Sample | None = None) -> Verdict:
        reasons = ["halo"] if decision == "reject" else []
        actor = factories.actor(who)
        # As a request finds it: with nothing that an earlier call has left on the object.
        row = Sample.objects.get(pk=(sample or self.sample).pk)
        return verdict_give(sample=row, decision=decision, reasons=reasons, actor=actor)

    def rules(self, **rules: object) -> None:
        ReviewPolicy.objects.update_or_create(project=self.project, defaults=rules)

    @property
    def state(self) -> str:
        return Sample.objects.get(pk=self.sample.pk).review

    @property
    def disputed(self) -> bool:
        return ReviewCase.objects.filter(sample=self.sample, disputed=True).exists()

    def offered(self, who: User, queue: str = QueueName.WAITING) -> list[int]:
        found = desk_queue(
            self.project, who, QueueChoice(queue=queue), policy=policy_of(self.project)
        )
        return [sample.pk for sample in found]


@pytest.fixture
def desk() -> Desk:
    project = factories.project()
    author = factories.member(project, Role.LEAD)
    anna, ben = (factories.member(project, Role.REVIEWER) for _ in range(2))
    return Desk(project, author, anna, ben, samples_by(project, author)[0])


def test_nobody_judges_what_they_made_while_others_can(desk: Desk) -> None:
    with pytest.raises(Conflict, match="somebody else judges"):
        desk.said(desk.author, "accept")
    assert desk.offered(desk.author) == []
    assert desk.offered(desk.anna) == [desk.sample.pk]


def test_whoever_is_alone_may_judge_their_own(desk: Desk) -> None:
    desk.project.memberships.exclude(user=desk.author).delete()
    desk.said(desk.author, "accept")
    assert desk.state == "accepted"


def test_a_project_may_allow_or_forbid_own_work_altogether(desk: Desk) -> None:
    desk.rules(self_review="always")
    assert desk.offered(desk.author) == [desk.sample.pk]
    desk.project.memberships.exclude(user=desk.author).delete()
    desk.rules(self_review="never")
    with pytest.raises(Conflict):
        desk.said(desk.author, "accept")


def test_a_command_accepts_own_work_unless_the_rule_is_never(desk: Desk) -> None:
    by_command = Actor(desk.author, AuditEntry.Channel.COMMAND)
    verdict_give(sample=desk.sample, decision="accept", actor=by_command)
    assert desk.state == "accepted"
    desk.rules(self_review="never")
    with pytest.raises(Conflict):
        verdict_give(sample=desk.sample, decision="skip", actor=by_command)


def test_an_assigned_author_takes_the_place_of_whoever_launched_the_run(desk: Desk) -> None:
    actor = factories.actor(desk.author)
    sample_assign(sample=desk.sample, part="author", username=desk.anna.username, actor=actor)
    with pytest.raises(Conflict):
        desk.said(desk.anna, "accept")
    desk.said(desk.author, "accept")
    assert desk.state == "accepted"


def test_author_and_reviewer_are_never_the_same_person(desk: Desk) -> None:
    actor = factories.actor(desk.author)
    with pytest.raises(BadInput, match="cannot be author and reviewer"):
        sample_assign(
            sample=desk.sample, part="reviewer", username=desk.author.username, actor=actor
        )
    sample_assign(sample=desk.sample, part="reviewer", username=desk.anna.username, actor=actor)
    with pytest.raises(BadInput, match="cannot be author and reviewer"):
        sample_assign(sample=desk.sample, part="author", username=desk.anna.username, actor=actor)


def test_a_verdict_never_changes_who_is_assigned(desk: Desk) -> None:
    actor = factories.actor(desk.author)
    sample_assign(sample=desk.sample, part="reviewer", username=desk.anna.username, actor=actor)
    desk.said(desk.ben, "reject")
    case = ReviewCase.objects.get(sample=desk.sample)
    assert (case.reviewer, case.author) == (desk.anna, None)


def test_an_assigned_sample_is_offered_to_its_reviewer_alone(desk: Desk) -> None:
    actor = factories.actor(desk.author)
    sample_assign(sample=desk.sample, part="reviewer", username=desk.anna.username, actor=actor)
    assert desk.offered(desk.anna, QueueName.MINE) == [desk.sample.pk]
    assert desk.offered(desk.anna) == [desk.sample.pk]
    assert desk.offered(desk.ben) == []


def test_only_somebody_who_may_review_can_be_assigned_as_reviewer(desk: Desk) -> None:
    viewer = factories.member(desk.project, Role.VIEWER)
    actor = factories.actor(desk.author)
    with pytest.raises(BadInput, match="may not review"):
        sample_assign(sample=desk.sample, part="reviewer", username=viewer.username, actor=actor)


def test_two_verdicts_of_one_mind_decide_where_two_are_needed(desk: Desk) -> None:
    desk.rules(verdicts_needed=2)
    desk.said(desk.anna, "accept")
    assert desk.state == "pending"
    assert desk.offered(desk.anna) == []
    assert desk.offered(desk.ben) == [desk.sample.pk]
    desk.said(desk.ben, "accept")
    assert (desk.state, desk.disputed) == ("accepted", False)


def test_different_minds_go_to_the_disagreements_until_somebody_rules(desk: Desk) -> None:
    desk.rules(verdicts_needed=2)
    desk.said(desk.anna, "accept")
    desk.said(desk.ben, "reject")
    assert (desk.state, desk.disputed) == ("pending", True)
    carla = factories.member(desk.project, Role.REVIEWER)
    assert desk.offered(carla) == []
    assert desk.offered(carla, QueueName.DISPUTED) == [desk.sample.pk]
    assert desk.said(carla, "reject").ruling
    assert (desk.state, desk.disputed) == ("rejected", False)


def test_whoever_disagrees_may_give_way_but_not_rule(desk: Desk) -> None:
    desk.rules(verdicts_needed=2)
    desk.said(desk.anna, "accept")
    desk.said(desk.ben, "reject")
    assert not desk.said(desk.ben, "accept").ruling
    assert (desk.state, desk.disputed) == ("accepted", False)


def test_taking_a_ruling_back_opens_the_disagreement_again(desk: Desk) -> None:
    desk.rules(verdicts_needed=2)
    desk.said(desk.anna, "accept")
    desk.said(desk.ben, "reject")
    carla = factories.member(desk.project, Role.REVIEWER)
    ruling = desk.said(carla, "accept")
    verdict_undo(verdict=ruling, actor=factories.actor(carla))
    assert (desk.state, desk.disputed) == ("pending", True)


def test_a_rejected_sample_is_on_its_authors_list_until_sent_back(desk: Desk) -> None:
    desk.said(desk.anna, "reject")
    assert desk.offered(desk.author, QueueName.RETURNED) == [desk.sample.pk]
    assert desk.offered(desk.anna, QueueName.RETURNED) == []
    sample_resubmit(sample=desk.sample, actor=factories.actor(desk.author))
    assert desk.state == "pending"
    assert desk.offered(desk.author, QueueName.RETURNED) == []
    assert desk.offered(desk.anna) == [desk.sample.pk]


def test_after_sending_back_no_earlier_verdict_counts(desk: Desk) -> None:
    earlier = desk.said(desk.anna, "reject")
    sample_resubmit(sample=desk.sample, actor=factories.actor(desk.author))
    desk.said(desk.ben, "accept")
    assert desk.state == "accepted"
    verdict_undo(verdict=earlier, actor=factories.actor(desk.anna))
    assert desk.state == "accepted"


def test_nobody_but_its_author_and_leads_sends_a_sample_back(desk: Desk) -> None:
    desk.said(desk.anna, "reject")
    with pytest.raises(Conflict, match=f"is with {desk.author.username}"):
        sample_resubmit(sample=desk.sample, actor=factories.actor(desk.ben))


def test_an_undone_rejection_leaves_the_authors_list(desk: Desk) -> None:
    verdict = desk.said(desk.anna, "reject")
    verdict_undo(verdict=verdict, actor=factories.actor(desk.anna))
    assert desk.offered(desk.author, QueueName.RETURNED) == []


def test_fewer_verdicts_settle_what_was_waiting_and_more_undecide_nothing(desk: Desk) -> None:
    lead = factories.actor(desk.author)
    rest = {"self_review": "alone", "on_reject": "return", "calibration_every": 0}
    policy_set(project=desk.project, verdicts_needed=2, actor=lead, **rest)  # type: ignore[arg-type]
    desk.said(desk.anna, "accept")
    assert desk.state == "pending"
    policy_set(project=desk.project, verdicts_needed=1, actor=lead, **rest)  # type: ignore[arg-type]
    assert desk.state == "accepted"
    policy_set(project=desk.project, verdicts_needed=3, actor=lead, **rest)  # type: ignore[arg-type]
    assert desk.state == "accepted"


def test_every_act_of_review_is_in_the_audit_log(desk: Desk) -> None:
    verdict = desk.said(desk.anna, "reject")
    sample_resubmit(sample=desk.sample, actor=factories.actor(desk.author))
    verdict_undo(verdict=verdict, actor=factories.actor(desk.anna))
    found = AuditEntry.objects.filter(project=desk.project).order_by("pk")
    assert [entry.action for entry in found] == ["sample.reject", "sample.resubmit", "sample.undo"]


def test_the_worst_finding_comes_first_and_what_was_skipped_last(desk: Desk) -> None:
    worse, skipped, bad = samples_by(desk.project, desk.author, 3)
    for sample, score in ((worse, 0.9), (skipped, 1.0), (bad, 0.3)):
        QualityReport.objects.create(
            project=desk.project, sample=sample, score=score, finding="flicker", suite="s"
        )
    desk.said(desk.anna, "skip", skipped)
    assert desk.offered(desk.anna) == [worse.pk, bad.pk, desk.sample.pk, skipped.pk]
    choice = QueueChoice(order=QueueOrder.OLDEST)
    found = desk_queue(desk.project, desk.anna, choice, policy=policy_of(desk.project))
    assert [sample.pk for sample in found] == [desk.sample.pk, worse.pk, bad.pk, skipped.pk]
