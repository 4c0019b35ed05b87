"""The socket: who is let in, and what it tells."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection
from django.test import Client

from matteweb.accounts.models import Membership, Role, User
from matteweb.jobs import consumers, context, feed
from matteweb.jobs.models import Job, JobSequence
from matteweb.jobs.runner import run_here
from tests import factories
from tests.matteweb.jobs.conftest import MakeJob
from tests.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)

OURS = "http://localhost"


def in_thread(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    return sync_to_async(function, thread_sensitive=True)


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def socket_of(slug: str, cookie: str = "", origin: str = OURS, host: str = "localhost") -> Socket:
    headers = {"host": host, "cookie": cookie}
    if origin:
        headers["origin"] = origin
    return Socket(f"/ws/projects/{slug}/", headers)


@asynccontextmanager
async def opened(job: Job, user: User) -> AsyncIterator[Socket]:
    socket = socket_of(job.project.slug, await in_thread(cookie_of)(user))
    assert await socket.connect()
    assert (await socket.receive_json())["kind"] == "hello"
    try:
        yield socket
    finally:
        await socket.disconnect()


@pytest.fixture
def job(make_job: MakeJob) -> Job:
    return make_job(n=4)


@pytest.fixture
def viewer(job: Job) -> User:
    return factories.member(job.project, Role.VIEWER)


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://localhost:9999", "http://localhost.evil.example", "null", ""],
)
async def test_a_foreign_page_is_refused(job: Job, viewer: User, origin: str) -> None:
    cookie = await in_thread(cookie_of)(viewer)
    assert not await socket_of(job.project.slug, cookie, origin).connect()


async def test_a_host_that_is_not_ours_is_refused(job: Job, viewer: User) -> None:
    """A page at a name that an attacker points to this server has an equal origin and host."""
    cookie = await in_thread(cookie_of)(viewer)
    rebound = socket_of(job.project.slug, cookie, "http://rebound.example", "rebound.example")
    assert not await rebound.connect()


async def test_strangers_and_other_members_are_refused(job: Job) -> None:
    assert not await socket_of(job.project.slug).connect()
    elsewhere = await in_thread(factories.user)()
    cookie = await in_thread(cookie_of)(elsewhere)
    assert not await socket_of(job.project.slug, cookie).connect()


def test_progress_is_written_and_looked_for_within_a_second() -> None:
    assert context.WRITES_APART_SECONDS + feed.LOOKS_APART_SECONDS < 1


async def test_each_step_of_another_thread_is_told_before_the_next(
    job: Job, viewer: User, allowed: threading.Semaphore
) -> None:
    steps = {"kind": "count_as_allowed", "params": {"n": 5}}
    await in_thread(lambda: Job.objects.filter(pk=job.pk).update(**steps))()
    async with opened(job, viewer) as socket:
        worker = threading.Thread(target=_run, args=[job.pk])
        worker.start()
        told: dict[str, Any] = {"done": 0}
        for done in range(1, 6):
            allowed.release()
            while told["done"] < done:
                told = (await socket.receive_json())["job"]
        while told["state"] != "done":
            told = (await socket.receive_json())["job"]
        await asyncio.to_thread(worker.join)
    assert told["done"] == 5


async def test_news_come_with_rising_numbers_and_of_this_project_only(
    job: Job, viewer: User, make_job: MakeJob
) -> None:
    other = await in_thread(make_job)(n=3)
    async with opened(job, viewer) as socket:
        await in_thread(run_here)(other.pk)
        await in_thread(run_here)(job.pk)
        seen = [await socket.receive_json()]
        while seen[-1]["job"]["state"] != "done":
            seen.append(await socket.receive_json())
    assert {news["job"]["id"] for news in seen} == {job.pk}
    numbers = [news["seq"] for news in seen]
    assert numbers == sorted(set(numbers))


async def test_who_is_no_longer_a_member_hears_no_more(
    job: Job, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "ACCESS_LOOKS_APART_SECONDS", 0)
    async with opened(job, viewer) as socket:
        await in_thread(lambda: Membership.objects.filter(user=viewer).delete())()
        await in_thread(run_here)(job.pk)
        message = await socket.receive()
    assert (message["type"], message["code"]) == ("websocket.close", consumers.NOT_A_MEMBER)


async def test_a_slow_socket_gets_the_newest_of_each_job() -> None:
    subscription = feed.Subscription()
    for number in range(1000):
        news: Any = {"seq": number, "kind": "job", "job": {"id": number % 3}}
        subscription.put(number % 3, news)
    told = subscription.news()
    assert [(await anext(told))["seq"] for _ in range(3)] == [997, 998, 999]


async def test_nobody_polls_when_nobody_listens(job: Job, viewer: User) -> None:
    async with opened(job, viewer):
        assert feed.feed()._poller is not None
    await asyncio.sleep(0)
    assert feed.feed()._poller is None


async def test_a_restored_database_does_not_silence_the_feed(job: Job, viewer: User) -> None:
    def restore() -> None:
        JobSequence.objects.update(value=3)
        Job.objects.filter(pk=job.pk).update(seq=3, title="from the backup")

    async with opened(job, viewer) as socket:
        await in_thread(lambda: JobSequence.objects.update(value=1000))()
        while feed.feed()._last < 1000:
            await asyncio.sleep(0.01)
        await in_thread(restore)()
        news = await socket.receive_json()
    assert news["job"]["title"] == "from the backup"


def _run(job_id: int) -> None:
    run_here(job_id)
    connection.close()
