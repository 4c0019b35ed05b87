"""The socket of a project: says hello, then tells of every job that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from matteweb.accounts.access import project_for
from matteweb.accounts.models import Project, Role, User
from matteweb.errors import MatteError
from matteweb.jobs.events import Hello
from matteweb.jobs.feed import feed
from matteweb.jobs.selectors import sequence_now

ACCESS_LOOKS_APART_SECONDS = 15.0
# Close codes of our own, as RFC 6455 section 7.4.2 leaves them to applications.
NOT_A_MEMBER = 4404


class ProjectConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """``/ws/projects/<slug>/`` for members, from our own pages only. Says nothing to others."""

    async def connect(self) -> None:
        """Let members in and begin to tell."""
        self._teller: asyncio.Task[None] | None = None
        project = await self._project() if same_origin(self.scope) else None
        if project is None:
            await self.close()
            return
        await self.accept()
        self._teller = asyncio.create_task(self._tell(project))

    async def disconnect(self, code: int) -> None:
        """Stop telling."""
        if self._teller is not None:
            self._teller.cancel()

    async def receive(self, text_data: Any = None, bytes_data: Any = None, **_: Any) -> None:
        """Ignore what browsers say: acts go through the API, which checks and records them."""

    async def _tell(self, project: Project) -> None:
        seq = await database_sync_to_async(sequence_now)()
        with feed().subscribe(project.pk, seq) as subscription:
            hello: Hello = {"seq": seq, "kind": "hello"}
            await self.send_json(hello)
            looked_at = monotonic()
            async for news in subscription.news():
                if monotonic() - looked_at > ACCESS_LOOKS_APART_SECONDS:
                    looked_at = monotonic()
                    if await self._project() is None:
                        await self.close(NOT_A_MEMBER)
                        return
                await self.send_json(news)

    async def _project(self) -> Project | None:
        user, slug = self.scope["user"], self.scope["url_route"]["kwargs"]["project"]
        look: Callable[[int | None, str], Awaitable[Project | None]]
        look = database_sync_to_async(_project_of)
        return await look(user.pk, slug)


def _project_of(user_id: int | None, slug: str) -> Project | None:
    """Return the project as long as the user may see it."""
    user = User.objects.filter(pk=user_id or 0, is_active=True).first()
    if user is None:
        return None
    try:
        return project_for(user, slug, Role.VIEWER)
    except MatteError:
        return None


def same_origin(scope: dict[str, Any]) -> bool:
    """Whether a page of ours opened the socket.

    Browsers send cookies along with a socket that a foreign page opens, and no CSRF token guards
    it; they do not let a page lie about its origin.
    """
    headers = {name: value.decode("latin1") for name, value in scope["headers"]}
    origin, host = headers.get(b"origin", ""), headers.get(b"host", "")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    domain, _ = split_domain_port(host)
    known = bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
    return known and urlsplit(origin).netloc == host
