"""Leases: one sample is on one page at a time.

1. A page takes a few samples: what it shows and what it decodes ahead. One row per sample, unique
   in the database, so two transactions that want the same sample cannot both have it.
2. It renews while it is open. A lease that has run out stays its holder's until somebody else
   takes the sample, so a page that was only asleep loses nothing.
3. A verdict releases by itself. On leaving, the page's name is noted before its leases are let go,
   and whoever takes looks for that note last: what a page asks for while it is being left is given
   back, whichever of the two the server hears first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from datasets_app.models import LeftPage, ReviewLease, Sample
from datasets_app.selectors.review_queue import (
    BESIDE,
    QueueChoice,
    QueueOrder,
    calibration_queue,
    desk_queue,
    policy_of,
    unleased,
)
from datasets_app.services.desk.calibration_turns import calibration_due, in_their_place
from matteweb.accounts.models import Project, User
from matteweb.errors import BadInput, Conflict

MAX_HELD = 8
"""Samples that one page may hold: the one on screen and a few that are decoded ahead."""

LEFT_KEPT = timedelta(hours=1)
"""How long it is known that a page was left: longer than a request can be under way."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One open page of one reviewer; ``session`` is a name that the page made up for itself."""

    reviewer: User
    session: str

    def __post_init__(self) -> None:
        if not 8 <= len(self.session) <= 36 or not self.session.isascii():
            raise BadInput("a session is named by 8 to 36 characters", hint="send a UUID")


def leases_take(
    *,
    project: Project,
    holder: Holder,
    chosen: QueueChoice,
    held: Sequence[int],
    count: int,
    leave_out: Sequence[int] = (),
) -> list[Sample]:
    """Renew what the page holds of ``held`` and fill up to ``count`` samples; return all of them.

    What somebody else has taken in the meantime is left out, and so is ``leave_out``: what the page
    is done with although it is still in the queue. Raises BadInput for another count than 1 to 8,
    and Conflict when the page was left.
    """
    if not 1 <= count <= MAX_HELD:
        raise BadInput(f"a page holds 1 to {MAX_HELD} samples, not {count}")
    kept = leases_renew(project=project, holder=holder, samples=held)
    policy = policy_of(project)
    queue = desk_queue(project, holder.reviewer, chosen, policy=policy)
    free = unleased(queue.exclude(pk__in={*kept, *leave_out}), holder.session)
    found = {one.pk: one for one in Sample.objects.filter(pk__in=kept).select_related(*BESIDE)}
    held_still = [found[pk] for pk in kept if pk in found]
    taken: list[Sample] = []
    if len(kept) < count and calibration_due(project, holder.reviewer, policy):
        known_bad = calibration_queue(project, holder.reviewer, holder.session, chosen.finding)
        if chosen.order == QueueOrder.WORST:
            known_bad = in_their_place(known_bad, held=held_still, following=free.first())
        taken += _take_from(known_bad.exclude(pk__in={*kept, *leave_out}), holder, 1)
    taken += _take_from(free, holder, count - len(kept) - len(taken))
    _give_back_if_left(project, holder)
    return [*held_still, *taken]


def lease_take(*, sample: Sample, holder: Holder) -> None:
    """Take one named sample. Raises Conflict when somebody else has it on screen, and when the
    page was left."""
    if not _taken(sample, holder):
        refuse_if_held(sample, holder.reviewer, session=holder.session)
        raise Conflict(f"{sample.name} has just been taken", hint="go on with the next one")
    _give_back_if_left(sample.project, holder)


def leases_renew(*, project: Project, holder: Holder, samples: Iterable[int]) -> list[int]:
    """Renew those of ``samples`` that are still this page's; return them in the order given."""
    asked = list(samples)[:MAX_HELD]
    mine = ReviewLease.objects.filter(
        sample__project=project,
        reviewer=holder.reviewer,
        session=holder.session,
        sample_id__in=asked,
    )
    with transaction.atomic():
        mine.update(expires_at=_expiry(timezone.now()))
        kept = set(mine.values_list("sample_id", flat=True))
    return [pk for pk in asked if pk in kept]


def leases_release(*, project: Project, holder: Holder, samples: Iterable[int] = ()) -> None:
    """Give back ``samples``, everything that the page holds when none is named."""
    mine = ReviewLease.objects.filter(
        sample__project=project, reviewer=holder.reviewer, session=holder.session
    )
    named = list(samples)
    (mine.filter(sample_id__in=named) if named else mine).delete()


def page_left(*, project: Project, holder: Holder) -> None:
    """Give back everything that the page holds, and nothing to it from now on.

    The note is committed before the leases go: a take that does not see it has inserted its own
    leases by then, so they go with the others.
    """
    now = timezone.now()
    LeftPage.objects.filter(left_at__lt=now - LEFT_KEPT).delete()
    LeftPage.objects.update_or_create(
        reviewer=holder.reviewer, session=holder.session, defaults={"left_at": now}
    )
    leases_release(project=project, holder=holder)


def refuse_if_held(sample: Sample, reviewer: User, *, session: str = "") -> None:
    """Raise Conflict while somebody else, or another page of the same person, has the sample."""
    live = ReviewLease.objects.filter(sample=sample, expires_at__gt=timezone.now())
    live = live.exclude(session=session) if session else live.exclude(reviewer=reviewer)
    lease = live.select_related("reviewer").first()
    if lease is not None:
        who = "another page of yours" if lease.reviewer == reviewer else lease.reviewer.username
        raise Conflict(
            f"{sample.name} is with {who} right now",
            hint="go on with the next one; it comes back when that page lets go of it",
        )


def _give_back_if_left(project: Project, holder: Holder) -> None:
    if LeftPage.objects.filter(reviewer=holder.reviewer, session=holder.session).exists():
        leases_release(project=project, holder=holder)
        raise Conflict("this page was left", hint="load it again")


def _take_from(queue: QuerySet[Sample], holder: Holder, count: int) -> list[Sample]:
    """Take the first ``count`` that can be had; who loses a race tries the next ones.

    A sample may have been decided between the look and the lease, so it is looked at once more.
    """
    taken: list[Sample] = []
    lost: set[int] = set()
    while len(taken) < count:
        wanted = list(queue.exclude(pk__in=lost | {one.pk for one in taken})[: count - len(taken)])
        if not wanted:
            break
        for sample in wanted:
            if not _taken(sample, holder):
                lost.add(sample.pk)
            elif queue.filter(pk=sample.pk).exists():
                taken.append(sample)
            else:
                ReviewLease.objects.filter(sample=sample, session=holder.session).delete()
                lost.add(sample.pk)
    return taken


def _taken(sample: Sample, holder: Holder) -> bool:
    """Insert the lease, or overwrite one that has run out or is the holder's own.

    1. Compare-and-swap on a row that is there.
    2. Otherwise an insert; the unique column turns away whoever comes second.
    """
    now = timezone.now()
    fields = {
        "reviewer": holder.reviewer,
        "session": holder.session,
        "taken_at": now,
        "expires_at": _expiry(now),
    }
    with transaction.atomic():
        rows = ReviewLease.objects.filter(sample=sample)
        if rows.filter(session=holder.session, reviewer=holder.reviewer).update(**fields):
            return True
        if rows.filter(expires_at__lte=now).update(**fields):
            return True
        if rows.exists():
            return False
        try:
            with transaction.atomic():
                ReviewLease.objects.create(sample=sample, **fields)
        except IntegrityError:
            return False
    return True


def _expiry(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.REVIEW_LEASE_SECONDS)
