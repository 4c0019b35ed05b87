"""What every command shares: its answer, its exit code, in whose name it acts.

Exit codes, the same for all commands:

====  ============================================================================
0     done
1     a fault of the program; the traceback is on stderr, with --json its name on stdout
2     the command line itself is wrong
3     refused: bad input, an unsupported form, or not allowed for this user
4     no such object
5     conflict: the state of the object forbids it
6     findings: a check ran to its end and something did not pass, or bytes are corrupt
7     cancelled, also by Ctrl-C
8     no room on the disk or in the quota
====  ============================================================================
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from matteweb.accounts.access import membership_for
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project, Role, User
from matteweb.accounts.services import (
    LOCAL_USERNAME,
    local_owner_ensure,
    local_user_ensure,
    project_create,
)
from matteweb.database import database_ensure
from matteweb.errors import BadInput, Cancelled, MatteError, NoSpace, NotFound


class Exit(IntEnum):
    """Exit codes; the table in the module's docstring explains them."""

    OK = 0
    FAULT = 1
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    CONFLICT = 5
    FINDINGS = 6
    CANCELLED = 7
    NO_SPACE = 8


EXIT_OF_ERROR: dict[str, Exit] = {
    "bad_input": Exit.REFUSED,
    "unsupported": Exit.REFUSED,
    "not_allowed": Exit.REFUSED,
    "not_found": Exit.NOT_FOUND,
    "conflict": Exit.CONFLICT,
    "corrupt": Exit.FINDINGS,
    "cancelled": Exit.CANCELLED,
    "no_space": Exit.NO_SPACE,
    "weights_missing": Exit.REFUSED,
    "unsuitable": Exit.REFUSED,
    "out_of_memory": Exit.REFUSED,
    "fault": Exit.FAULT,
}

UNUSABLE_PATH = frozenset(
    {errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EROFS}
)
FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT})


class MatteCommand(BaseCommand):
    """Base of all commands. A command writes ``add_options`` and ``act`` and calls ``answer``.

    A MatteError that reaches the shell becomes message and hint on stderr and an exit code;
    ``call_command`` sees the error itself.
    """

    requires_system_checks = ()
    needs_database: ClassVar[bool] = True
    actor: Actor

    def add_options(self, parser: CommandParser) -> None:
        """Add the command's own arguments."""

    def act(self, options: dict[str, Any]) -> None:
        """Do the work as ``self.actor``, by calling services."""
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments that all commands have."""
        parser.add_argument(
            "--json", action="store_true", help="answer with one JSON object on stdout"
        )
        if self.needs_database:
            parser.add_argument(
                "--as",
                dest="as_user",
                metavar="USER",
                default="",
                help=f'act in the name of this user (default: "{LOCAL_USERNAME}")',
            )
        self.add_options(parser)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return a parser whose complaints are an answer too; it leaves with ``Exit.USAGE``."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        complain = parser.error

        def error(message: str) -> None:
            if parser.called_from_command_line:
                hint = f"See: manage.py {subcommand} --help"
                self._tell_refusal("usage", f"The command line is wrong: {message}.", hint)
            complain(message)

        parser.error = error  # type: ignore[method-assign]
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the database ready, find out who acts, act."""
        self._json = bool(options["json"])
        self._exit = Exit.OK
        if self.needs_database:
            if database_ensure():
                self.say("Database created or migrated.")
            self.actor = command_actor(options["as_user"])
        self.act(options)

    def run_from_argv(self, argv: list[str]) -> None:
        """Run from the shell: errors become words and exit codes."""
        self._json = "--json" in argv
        try:
            super().run_from_argv(argv)
        except MatteError as error:
            self._fail(error)
        except KeyboardInterrupt:
            self._fail(Cancelled("Interrupted.", hint="What was finished is kept."))
        except Exception as error:
            if (refusal := _refusal_by_the_system(error)) is not None:
                self._fail(refusal)
            facts = f"{type(error).__name__}: {error}"
            self._tell_refusal("fault", facts, "The traceback on stderr says where.")
            raise
        if self._exit:
            sys.exit(self._exit)

    def answer(self, facts: dict[str, Any], text: str = "", *, code: Exit = Exit.OK) -> None:
        """Print the command's answer: ``facts`` as JSON, or ``text`` for people.

        Called once per command. Without ``text`` people see one "key: value" line per fact.
        ``code`` is the exit code, ``Exit.FINDINGS`` where a check did not pass.
        """
        self._exit = code
        if self._json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False, default=str))
        else:
            self.stdout.write(text or "\n".join(f"{key}: {val}" for key, val in facts.items()))

    def say(self, text: str) -> None:
        """Tell a person how it goes, on stderr: stdout belongs to the answer."""
        self.stderr.write(text, style_func=str)

    def project(self, slug: str, role: Role, *, create: bool = False) -> Project:
        """Return the project at ``slug`` in which the actor is at least ``role``.

        The local user becomes an owner of any project that it names. With ``create`` a missing
        project is made.
        """
        user = self.actor.user
        known = Project.objects.filter(slug=slug).first()
        if known is None and create:
            return project_create(slug=slug, actor=self.actor)
        if known and user and user.username == LOCAL_USERNAME:
            local_owner_ensure(project=known, actor=self.actor)
        if user is None:
            raise NotFound(f'There is no project "{slug}".')
        return membership_for(user, slug, role).project

    def _fail(self, error: MatteError) -> NoReturn:
        self.say(error.message)
        if error.hint:
            self.say(error.hint)
        self._tell_refusal(error.code, error.message, error.hint)
        sys.exit(EXIT_OF_ERROR.get(error.code, Exit.REFUSED))

    def _tell_refusal(self, code: str, message: str, hint: str) -> None:
        """Give a program that asked for JSON its one object, whatever went wrong."""
        if self._json:
            facts = {"code": code, "message": message, "hint": hint}
            self.stdout.write(json.dumps({"error": facts}, ensure_ascii=False))


def _refusal_by_the_system(error: Exception) -> MatteError | None:
    """Return words for a path that cannot be used and for a full disk, None for anything else."""
    if not isinstance(error, OSError) or error.errno is None:
        return None
    reason = os.strerror(error.errno)
    if error.errno in FULL_DISK:
        return NoSpace(f"{error.filename or 'A file'}: {reason}.", hint="Free some space.")
    if error.errno in UNUSABLE_PATH and error.filename is not None:
        return BadInput(
            f"{error.filename}: {reason}.", hint="Check the path, and who may read and write it."
        )
    return None


def require_paths(paths: Iterable[Path]) -> None:
    """Raise BadInput unless every path is there: nothing, not even a project, is made for one that
    is mistyped."""
    for path in paths:
        if not path.exists():
            raise BadInput(f"there is no file or folder {path}", hint="check the path")


def command_actor(username: str = "") -> Actor:
    """Return the actor of a command: the named user, or the local one."""
    return Actor(command_user(username), AuditEntry.Channel.COMMAND)


def command_user(username: str) -> User:
    """Return the active user of this name, the local user for an empty one; raises NotFound."""
    if not username or username == LOCAL_USERNAME:
        return local_user_ensure()
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(f'There is no user "{username}".', hint="Check how the name is written.")
    return user


def assignments(texts: Sequence[str]) -> dict[str, Any]:
    """Read what ``--set key=value`` gave, in order; a value is JSON when it is JSON, else the text
    itself. Raises BadInput."""
    found: dict[str, Any] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise BadInput(f"--set {text!r} is not key=value")
        try:
            found[key.strip()] = json.loads(value)
        except ValueError:
            found[key.strip()] = value
    return found
