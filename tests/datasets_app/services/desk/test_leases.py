"""Leases: one sample, one page, whatever is tried at once."""

from __future__ import annotations

import json
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from datasets_app.models import LeftPage, ReviewLease, Sample, Verdict
from datasets_app.selectors.review_queue import QueueChoice
from datasets_app.services.desk import leases
from datasets_app.services.desk.leases import (
    LEFT_KEPT,
    Holder,
    _taken,
    lease_take,
    leases_release,
    leases_renew,
    leases_take,
    page_left,
)
from datasets_app.services.desk.review import verdict_give
from matteweb.accounts.models import Project, Role, User
from matteweb.errors import BadInput, Conflict
from tests import factories
from tests.processes import Installation
from tests.review_desk import samples_by
from tests.scale import scale


def holder(user: User, page: int = 0) -> Holder:
    return Holder(user, f"page-{user.pk:08d}-{page}")


def take(project: Project, who: Holder, held: list[int] | None = None, count: int = 3) -> list[int]:
    taken = leases_take(
        project=project, holder=who, chosen=QueueChoice(), held=held or [], count=count
    )
    return [sample.pk for sample in taken]


def expire(*samples: int) -> None:
    past = timezone.now() - timedelta(seconds=1)
    ReviewLease.objects.filter(sample_id__in=samples).update(expires_at=past)


@pytest.fixture
def team(db: None) -> tuple[Project, User, User]:
    project = factories.project()
    anna, ben = (factories.member(project, Role.REVIEWER) for _ in range(2))
    samples_by(project, None, 6)
    return project, anna, ben


def test_two_pages_never_hold_the_same_sample(team: tuple[Project, User, User]) -> None:
    project, anna, ben = team
    first, second = take(project, holder(anna)), take(project, holder(ben))
    assert len(first) == len(second) == 3
    assert not set(first) & set(second)
    assert not take(project, holder(ben, 1))


def test_two_pages_of_one_person_hold_different_samples(team: tuple[Project, User, User]) -> None:
    project, anna, _ = team
    assert not set(take(project, holder(anna))) & set(take(project, holder(anna, 1)))


def test_a_lease_that_ran_out_is_free_and_its_holder_learns_of_it(
    team: tuple[Project, User, User],
) -> None:
    project, anna, ben = team
    mine = take(project, holder(anna))
    expire(*mine)
    theirs = take(project, holder(ben), count=3)
    assert theirs == mine
    assert leases_renew(project=project, holder=holder(anna), samples=mine) == []


def test_a_page_that_only_slept_keeps_what_nobody_took(team: tuple[Project, User, User]) -> None:
    project, anna, _ = team
    mine = take(project, holder(anna))
    expire(*mine)
    assert leases_renew(project=project, holder=holder(anna), samples=mine) == mine
    assert ReviewLease.objects.filter(expires_at__gt=timezone.now()).count() == 3


def test_leaving_gives_everything_back_at_once(team: tuple[Project, User, User]) -> None:
    project, anna, ben = team
    mine = take(project, holder(anna))
    leases_release(project=project, holder=holder(anna))
    assert take(project, holder(ben)) == mine


def test_a_page_that_was_left_is_given_nothing_by_a_take_that_arrives_later(
    team: tuple[Project, User, User],
) -> None:
    project, anna, ben = team
    mine = take(project, holder(anna))
    page_left(project=project, holder=holder(anna))
    with pytest.raises(Conflict, match="was left"):
        take(project, holder(anna), mine)
    with pytest.raises(Conflict, match="was left"):
        lease_take(sample=Sample.objects.get(pk=mine[0]), holder=holder(anna))
    assert not ReviewLease.objects.exists()
    assert take(project, holder(ben)) == mine
    assert len(take(project, holder(anna, 1))) == 3, "another page of hers"


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_page_that_is_left_while_it_takes_keeps_nothing(
    team: tuple[Project, User, User], monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """The server hears that the page is gone when the take has ``after`` of its three samples."""
    project, anna, ben = team
    given: list[int] = []

    def taken(sample: Sample, who: Holder) -> bool:
        done = _taken(sample, who)
        given.append(sample.pk)
        if len(given) == after:
            page_left(project=project, holder=who)
        return done

    with monkeypatch.context() as patched:
        patched.setattr(leases, "_taken", taken)
        with pytest.raises(Conflict, match="was left"):
            take(project, holder(anna))
    assert len(given) == 3
    assert take(project, holder(ben)) == given


def test_it_is_forgotten_after_a_while_which_page_was_left(
    team: tuple[Project, User, User],
) -> None:
    project, anna, ben = team
    page_left(project=project, holder=holder(anna))
    page_left(project=project, holder=holder(anna))
    LeftPage.objects.update(left_at=timezone.now() - LEFT_KEPT - timedelta(seconds=1))
    page_left(project=project, holder=holder(ben))
    assert LeftPage.objects.get().reviewer == ben


def test_a_verdict_on_what_somebody_else_has_on_screen_is_refused(
    team: tuple[Project, User, User],
) -> None:
    project, anna, ben = team
    sample = Sample.objects.get(pk=take(project, holder(anna))[0])
    with pytest.raises(Conflict, match=f"is with {anna.username}"):
        verdict_give(sample=sample, decision="accept", actor=factories.actor(ben))
    verdict_give(sample=sample, decision="accept", actor=factories.actor(anna))
    assert not ReviewLease.objects.filter(sample=sample).exists()


def test_a_named_sample_is_taken_only_when_free(team: tuple[Project, User, User]) -> None:
    project, anna, ben = team
    sample = Sample.objects.get(pk=take(project, holder(anna))[0])
    with pytest.raises(Conflict):
        lease_take(sample=sample, holder=holder(ben))
    lease_take(sample=sample, holder=holder(anna))


@pytest.mark.parametrize("session", ["", "short", "x" * 37, "ümlaut-in-it"])
def test_a_session_needs_a_name_that_others_will_not_have(
    team: tuple[Project, User, User], session: str
) -> None:
    with pytest.raises(BadInput):
        Holder(team[1], session)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "renew", "release", "expire", "judge"]),
        st.integers(0, 2),
        st.integers(1, 4),
    ),
    max_size=25,
)


class AnyOrderOfActs(TestCase):
    """What three pages believe to hold after any acts, against the rows."""

    @settings(max_examples=scale(25, 400), suppress_health_check=[HealthCheck.too_slow])
    @given(STEPS)
    def test_what_pages_hold_is_disjoint_after_any_acts(
        self, steps: list[tuple[str, int, int]]
    ) -> None:
        project = factories.project()
        people = [factories.member(project, Role.REVIEWER) for _ in range(3)]
        samples = {sample.pk for sample in samples_by(project, None, 7)}
        pages = [holder(person) for person in people]
        held: list[list[int]] = [[], [], []]
        judged: list[int] = []
        for act, who, count in steps:
            page = pages[who]
            if act == "take":
                held[who] = take(project, page, held[who], max(count, len(held[who])))
            elif act == "renew":
                held[who] = leases_renew(project=project, holder=page, samples=held[who])
            elif act == "release":
                leases_release(project=project, holder=page)
                held[who] = []
            elif act == "expire":
                expire(*held[who])
                held[who] = []
            elif held[who]:
                chosen = held[who].pop(0)
                row = Sample.objects.get(pk=chosen)
                actor = factories.actor(page.reviewer)
                verdict_give(sample=row, decision="accept", actor=actor)
                judged.append(chosen)
            believed = [pk for page_held in held for pk in page_held]
            assert len(believed) == len(set(believed))
            assert not set(believed) & set(judged)
            assert set(believed) <= samples
        assert len(judged) == len(set(judged))


@pytest.mark.django_db(transaction=True)
def test_threads_that_grab_at_once_share_the_queue_without_overlap() -> None:
    project = factories.project()
    people = [factories.member(project, Role.REVIEWER) for _ in range(4)]
    samples = {sample.pk for sample in samples_by(project, None, scale(24, 400))}
    start = threading.Barrier(len(people))
    judged: list[int] = []
    problems: list[Exception] = []

    def work(person: User) -> None:
        try:
            start.wait()
            while held := take(project, holder(person), count=2):
                for pk in held:
                    row = Sample.objects.get(pk=pk)
                    verdict_give(sample=row, decision="accept", actor=factories.actor(person))
                    judged.append(pk)
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert problems == []
    assert len(judged) == len(samples)
    assert set(judged) == samples
    assert Verdict.objects.count() == len(samples)


_PREPARE = """
from tests import factories
from tests.review_desk import samples_by
project = factories.project("desk")
for name in ("anna", "ben", "carla"):
    factories.member(project, "reviewer", name)
samples_by(project, None, {count})
"""
_WORK = """
import json, time
from datasets_app.models import Sample
from datasets_app.selectors.review_queue import QueueChoice
from datasets_app.services.desk.leases import Holder, leases_take
from datasets_app.services.desk.review import verdict_give
from matteweb.accounts.models import Project, User
from tests import factories
user = User.objects.get(username="{name}")
project, page = Project.objects.get(slug="desk"), Holder(user, "page-of-{name}")
while True:
    began = time.time()
    held = leases_take(project=project, holder=page, chosen=QueueChoice(), held=[], count=2)
    if not held:
        break
    for sample in held:
        time.sleep(0.005)
        verdict_give(sample=sample, decision="accept", actor=factories.actor(user))
        print(json.dumps([sample.pk, began, time.time()]))
"""


@pytest.mark.processes
def test_processes_that_review_one_queue_never_have_the_same_sample(tmp_path: Path) -> None:
    count = scale(30, 500)
    desk = Installation.migrated(tmp_path / "data", "tests.settings")
    desk.python(_PREPARE.format(count=count))
    running = [_started(desk, _WORK.format(name=name)) for name in ("anna", "ben", "carla")]
    judged: list[Any] = []
    for process in running:
        out, err = process.communicate(timeout=scale(120, 600))
        assert process.returncode == 0, err
        judged.append([json.loads(line) for line in out.splitlines()])
    samples = [sample for own in judged for sample, _, _ in own]
    assert len(samples) == len(set(samples)) == count
    assert sum(bool(own) for own in judged) >= 2, "only one process had anything to do"


def _started(desk: Installation, code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        desk.command("shell", "--verbosity", "0", "-c", code),
        env=desk.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
