"""Everything in one terminal: database, first owner, web server, workers."""

from __future__ import annotations

import http.client
import logging
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.module_loading import import_string

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, User
from matteweb.accounts.services import first_owner_ensure
from matteweb.commands import MatteCommand
from matteweb.database import database_ensure
from matteweb.jobs.listening import address_of, listen
from matteweb.jobs.supervisor import Child, Supervisor, only_supervisor, own_command

logger = logging.getLogger(__name__)

NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "glusterfs", "ceph")

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Command(MatteCommand):
    """``manage.py up``"""

    help = (
        "Prepare the data folder, then run the web server and the workers in this terminal until "
        "Ctrl-C. What dies is started again. With --json the answer is printed when it is ready."
    )
    needs_database = False

    def add_options(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("--host", default=settings.WEB_HOST)
        parser.add_argument("--port", type=int, default=settings.WEB_PORT)

    def act(self, options: dict[str, Any]) -> None:
        """Prepare, then supervise until stopped."""
        with only_supervisor(settings.DATA_DIR):
            self._warn(options["host"])
            listener = listen(options["host"], options["port"])
            if database_ensure():
                self.say("Database created or migrated.")
            owner = self._first_run()
            self._address = address_of(listener)
            self._facts = {"address": self._address, "data": str(settings.DATA_DIR), **owner}
            self._ready = False
            serve = own_command("serve", "--fd", str(listener.fileno()))
            children = [
                Child("web server", serve, pass_fds=(listener.fileno(),)),
                Child("worker pool", own_command("work")),
            ]
            Supervisor(children, self.say).run(self._announce)
            self.say("Stopped. What was running goes on at the next start.")

    def _first_run(self) -> dict[str, str]:
        """Make the first owner and the demo project on a new installation; return the login."""
        made = first_owner_ensure()
        if made is None:
            return {}
        username, password = made
        owner = User.objects.get(username=username)
        # Said before anything else can go wrong: it is stored nowhere.
        self.say(f"First start: made {username} with the one-time password {password}")
        self._welcome(Actor(owner, AuditEntry.Channel.COMMAND))
        return {"user": username, "password": password}

    def _welcome(self, actor: Actor) -> None:
        if not settings.FIRST_RUN_HOOK:
            return
        try:
            import_string(settings.FIRST_RUN_HOOK)(actor=actor)
        except Exception as error:
            logger.warning("the first-run hook failed", exc_info=True)
            self.say(f"The demo project could not be made ({error}); everything else works.")

    def _announce(self) -> None:
        """Print the answer once, as soon as the web server replies."""
        if self._ready or not _replies(self._address):
            return
        self._ready = True
        lines = [f"MatteWeb {settings.VERSION} is at {self._address}"]
        if "password" in self._facts:
            lines.append(f"Log in as {self._facts['user']} with the one-time password above.")
        lines.append(f"Data folder: {self._facts['data']}. Ctrl-C stops everything.")
        self.answer(self._facts, "\n".join(lines))
        self.stdout.flush()

    def _warn(self, host: str) -> None:
        kind = _file_system(settings.DATA_DIR)
        if kind.startswith(NETWORK_FILE_SYSTEMS):
            self.say(
                f"The data folder {settings.DATA_DIR} is on a network file system ({kind}), where "
                "the database can be damaged. Choose a local disk by MATTEWEB_DATA."
            )
        if not _is_local(host) and LOCAL_NAMES.issuperset(settings.ALLOWED_HOSTS):
            self.say(
                "Other machines get an answer only under names in MATTEWEB_HOSTS, for example "
                "MATTEWEB_HOSTS=localhost,192.168.1.20."
            )


def _replies(address: str) -> bool:
    host, _, port = address.removeprefix("http://").rpartition(":")
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=0.5)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _file_system(folder: Path) -> str:
    """Return the type of the file system that holds ``folder``, e.g. ``ext4``."""
    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounts[at] for at in (folder, *folder.parents) if at in mounts), "")


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
