"""Rejected samples come back to somebody: assigned, sent back to review, rolled again."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from datasets_app.models import Reroll, ReviewCase, Sample, Verdict
from datasets_app.models.sample import ReviewState
from datasets_app.selectors.review_queue import author_of, reviewers_of
from datasets_app.services.desk.review_settling import sample_settle
from datasets_app.services.runs.synthesis import sample_reroll
from matteweb.accounts.access import role_in
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project, Role, User
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict

AUTHOR, REVIEWER = "author", "reviewer"


def sample_assign(*, sample: Sample, part: str, username: str, actor: Actor) -> ReviewCase:
    """Make somebody the author or the only reviewer of a sample; "" takes it back to nobody.

    The two are kept apart, whatever verdicts are given. Raises BadInput for somebody who is no
    member or may not review, and for one person as both.
    """
    if part not in (AUTHOR, REVIEWER):
        raise BadInput(f"there is no {part!r} of a sample", hint="author or reviewer")
    person = _member(sample.project, username, part) if username else None
    with transaction.atomic():
        case, _ = ReviewCase.objects.select_for_update().get_or_create(sample=sample)
        setattr(case, part, person)
        sample.case = case
        if case.reviewer is not None and author_of(sample) == case.reviewer:
            raise BadInput(
                f"{case.reviewer.username} cannot be author and reviewer of {sample.name}",
                hint="choose somebody else for one of the two",
            )
        case.save()
        _audit(sample, f"assign_{part}", actor, {part: username})
    return case


def sample_resubmit(*, sample: Sample, actor: Actor) -> Sample:
    """Send a rejected sample to review again: a new round, in which no earlier verdict counts.

    For its author and for leads. Raises Conflict for anybody else and for one that is not rejected.
    """
    _require_author(sample, actor)
    with transaction.atomic():
        row = Sample.objects.select_for_update().get(pk=sample.pk)
        if row.review != ReviewState.REJECTED:
            raise Conflict(f"{sample.name} is {row.review}, so there is nothing to send back")
        newest = Verdict.objects.filter(sample=sample).order_by("-pk").values_list("pk", flat=True)
        case, _ = ReviewCase.objects.get_or_create(sample=sample)
        case.counts_from, case.returned_at = newest.first() or 0, None
        case.save()
        sample_settle(sample)
        _audit(sample, "resubmit", actor, {"round_after_verdict": case.counts_from})
    return sample


def sample_reroll_asked(*, sample: Sample, actor: Actor) -> Reroll:
    """Roll one rejected or failed sample again; for its author and for leads."""
    _require_author(sample, actor)
    return sample_reroll(sample=sample, actor=actor)


def cases_restore(*, before: Iterable[tuple[Sample, dict[str, int | None]]], actor: Actor) -> None:
    """Put back who was assigned before; people who are gone by now are left out."""
    for sample, people in before:
        asked = [pk for pk in people.values() if pk is not None]
        known = set(User.objects.filter(pk__in=asked).values_list("pk", flat=True))
        fields = {f"{part}_id": pk if pk in known else None for part, pk in people.items()}
        ReviewCase.objects.filter(sample=sample).update(**fields)
        _audit(sample, "assign_undo", actor, {})


def _member(project: Project, username: str, part: str) -> User:
    members = project.memberships.select_related("user").filter(user__username=username)
    found = members.first()
    if found is None:
        raise BadInput(f"there is no member {username!r} in {project.name}")
    if part == REVIEWER and not reviewers_of(project).filter(user=found.user).exists():
        raise BadInput(
            f"{username} may not review in {project.name}",
            hint="an owner can give the role of reviewer in the settings",
        )
    return found.user


def _require_author(sample: Sample, actor: Actor) -> None:
    role = role_in(actor.user, sample.project) if actor.user else None
    if role is not None and role.rank >= Role.LEAD.rank:
        return
    author = author_of(sample)
    if actor.user is None or author != actor.user:
        whom = author.username if author else "a lead"
        raise Conflict(f"{sample.name} is with {whom}", hint=f"ask {whom} to mend it")


def _audit(sample: Sample, verb: str, actor: Actor, detail: dict[str, object]) -> None:
    audit(
        actor=actor,
        project=sample.project,
        action=f"sample.{verb}",
        target_kind="sample",
        target_id=sample.pk,
        detail=detail,
    )
