"""Everything in one terminal: database, first owner, web server, workers."""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.module_loading import import_string

from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, User
from matteweb.accounts.services import first_owner_ensure
from matteweb.commands import MatteCommand
from matteweb.database import database_ensure
from matteweb.jobs.certificates import Certificate, certificate_ensure, lan_address
from matteweb.jobs.listening import address_of, listen
from matteweb.jobs.supervisor import Child, Supervisor, only_supervisor, own_command

logger = logging.getLogger(__name__)

NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "glusterfs", "ceph")

EVERYWHERE = "0.0.0.0"  # noqa: S104 - asked for by name

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
        parser.add_argument("--host", help="address to listen on; with --https every one")
        parser.add_argument("--port", type=int, default=settings.WEB_PORT)
        parser.add_argument(
            "--https",
            action="store_true",
            help="serve https to the local network, with a certificate authority of this "
            "installation: browsers decode exact frames at no plain http address",
        )

    def act(self, options: dict[str, Any]) -> None:
        """Prepare, then supervise until stopped."""
        with only_supervisor(settings.DATA_DIR):
            host = options["host"] or (EVERYWHERE if options["https"] else settings.WEB_HOST)
            certificate = self._certificate() if options["https"] else None
            self._warn(host)
            listener = listen(host, options["port"])
            if database_ensure():
                self.say("Database created or migrated.")
            owner = self._first_run()
            self._facts = {"data": str(settings.DATA_DIR), **owner}
            self._certificate_of = certificate
            self._name(listener)
            self._ready = False
            serve = own_command("serve", "--fd", str(listener.fileno()))
            if certificate is not None:
                serve += ["--certificate", str(certificate.certificate)]
                serve += ["--key", str(certificate.key)]
                for name in self._names:
                    serve += ["--name", name]
            children = [
                Child("web server", serve, pass_fds=(listener.fileno(),)),
                Child("worker pool", own_command("work")),
                *(Child(name, own_command(*words)) for name, words in settings.COMPANIONS),
            ]
            Supervisor(children, self.say).run(self._announce)
            self.say("Stopped. What was running goes on at the next start.")

    def _certificate(self) -> Certificate:
        """Make or read the certificate, and let the web server answer under its names.

        Names that MATTEWEB_HOSTS already has stay as they are.
        """
        own = tuple(name for name in settings.ALLOWED_HOSTS if not name.startswith((".", "*", "[")))
        certificate = certificate_ensure(settings.DATA_DIR / "tls", own)
        names = [f"[{name}]" if ":" in name else name for name in certificate.names]
        self._names = [name for name in names if name not in settings.ALLOWED_HOSTS]
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, *self._names]
        return certificate

    def _name(self, listener: socket.socket) -> None:
        """Remember what to open, and what to ask whether it replies."""
        certificate = self._certificate_of
        if certificate is None:
            self._address = self._asked = address_of(listener)
        else:
            self._address = address_of(listener, scheme="https", everywhere=lan_address())
            self._asked = address_of(listener, scheme="https")
            self._facts |= {
                "authority": str(certificate.authority),
                "fingerprint": certificate.fingerprint,
            }
        self._facts["address"] = self._address

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
        authority = self._certificate_of.authority if self._certificate_of else None
        if self._ready or not _replies(self._asked, authority):
            return
        self._ready = True
        lines = [f"MatteWeb {settings.VERSION} is at {self._address}"]
        if "password" in self._facts:
            lines.append(f"Log in as {self._facts['user']} with the one-time password above.")
        if self._certificate_of is not None:
            lines.append(
                f"Other machines trust it once they have imported {self._facts['authority']}.\n"
                f"Its SHA-256 fingerprint, to compare there: {self._facts['fingerprint']}"
            )
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


def _replies(address: str, authority: Path | None) -> bool:
    """Whether the web server answers; at https only with a certificate of ``authority``."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port
    if authority is None:
        connection = http.client.HTTPConnection(host, port, timeout=0.5)
    else:
        trusted = ssl.create_default_context(cafile=str(authority))
        connection = http.client.HTTPSConnection(host, port, timeout=0.5, context=trusted)
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
