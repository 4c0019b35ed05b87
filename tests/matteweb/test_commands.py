"""What all commands share: answer on stdout, words on stderr, an exit code that means something."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from matteweb import errors
from matteweb.accounts.models import Membership, Role, User
from matteweb.accounts.services import token_check
from matteweb.commands import EXIT_OF_ERROR, Exit, MatteCommand
from tests import factories

ROOT = Path(__file__).parents[2]

# A command run from the shell closes the connection, and with it a test's own transaction.
pytestmark = pytest.mark.django_db(transaction=True)


class Refusing(MatteCommand):
    """Raises what it was given."""

    error: BaseException = errors.BadInput("Clip 12 is text.", hint="Give a video.")

    def act(self, options: dict[str, Any]) -> None:
        self.say("half way")
        raise self.error


class Finding(MatteCommand):
    """Ends with findings."""

    def act(self, options: dict[str, Any]) -> None:
        self.answer({"findings": ["a", "b"]}, "2 findings", code=Exit.FINDINGS)


def shell(command: MatteCommand, *arguments: str) -> tuple[int, str, str]:
    """Run a command as the shell does; return exit code, stdout, stderr."""
    out, err = StringIO(), StringIO()
    command.stdout._out, command.stderr._out = out, err  # type: ignore[attr-defined]
    try:
        command.run_from_argv(["manage.py", "command", *arguments])
    except SystemExit as left:
        return int(left.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def kinds_of_error() -> list[type[errors.MatteError]]:
    return errors.MatteError.__subclasses__()


@pytest.mark.parametrize("kind", kinds_of_error())
def test_every_kind_of_error_has_its_exit_code_and_says_what_to_do(
    kind: type[errors.MatteError],
) -> None:
    command = Refusing()
    command.error = kind("Clip 12 is text.", hint="Give a video.")
    code, out, err = shell(command)
    assert code == EXIT_OF_ERROR[kind.code] not in (Exit.OK, Exit.USAGE)
    assert (code == Exit.FAULT) == (kind is errors.Fault)
    assert out == ""
    assert err == "half way\nClip 12 is text.\nGive a video.\n"


def test_with_json_stdout_is_one_object_also_when_refused() -> None:
    _, out, _ = shell(Refusing(), "--json")
    assert json.loads(out) == {
        "error": {"code": "bad_input", "message": "Clip 12 is text.", "hint": "Give a video."}
    }


def test_findings_are_an_answer_with_an_exit_code_of_their_own() -> None:
    assert shell(Finding(), "--json") == (6, '{"findings": ["a", "b"]}\n', "")
    assert shell(Finding()) == (6, "2 findings\n", "")


def test_ctrl_c_is_a_cancelled_command() -> None:
    command = Refusing()
    command.error = KeyboardInterrupt()
    code, _, err = shell(command)
    assert code == Exit.CANCELLED
    assert "What was finished is kept." in err


def test_a_fault_of_the_program_is_not_hidden() -> None:
    command = Refusing()
    command.error = KeyError("x")
    with pytest.raises(KeyError):
        shell(command)


def test_with_json_a_fault_is_one_object_too() -> None:
    command = Refusing()
    command.error = KeyError("x")
    out = StringIO()
    command.stdout._out = out  # type: ignore[attr-defined]
    with pytest.raises(KeyError):
        command.run_from_argv(["manage.py", "command", "--json"])
    assert json.loads(out.getvalue())["error"]["code"] == "fault"


@pytest.mark.parametrize(
    ("number", "left_with"),
    [(errno.ENOENT, Exit.REFUSED), (errno.EACCES, Exit.REFUSED), (errno.ENOSPC, Exit.NO_SPACE)],
)
def test_a_path_that_cannot_be_used_and_a_full_disk_are_no_faults(
    number: int, left_with: Exit
) -> None:
    command = Refusing()
    command.error = OSError(number, os.strerror(number), "/srv/out/first.zip")
    code, out, err = shell(command, "--json")
    assert code == left_with
    assert "/srv/out/first.zip" in json.loads(out)["error"]["message"]
    assert "Traceback" not in err


def test_code_that_calls_a_command_sees_the_error_itself() -> None:
    with pytest.raises(errors.NotFound):
        call_command("create_token", user="nobody", name="x")


def test_a_command_acts_as_the_local_user_or_as_the_one_named() -> None:
    class Asking(MatteCommand):
        def act(self, options: dict[str, Any]) -> None:
            assert self.actor.user
            self.answer({"user": self.actor.user.username, "by_command": self.actor.by_command})

    factories.user("anna")
    _, out, _ = shell(Asking(), "--json")
    assert json.loads(out) == {"user": "local", "by_command": True}
    _, out, _ = shell(Asking(), "--json", "--as", "anna")
    assert json.loads(out)["user"] == "anna"
    code, _, _ = shell(Asking(), "--as", "nobody")
    assert code == Exit.NOT_FOUND
    User.objects.filter(username="anna").update(is_active=False)
    assert shell(Asking(), "--as", "anna")[0] == Exit.NOT_FOUND


def test_the_local_user_owns_any_project_that_a_command_names_and_others_only_theirs() -> None:
    class Entering(MatteCommand):
        create = False

        def act(self, options: dict[str, Any]) -> None:
            project = self.project("beach", Role.LEAD, create=self.create)
            self.answer({"project": project.slug})

    assert shell(Entering())[0] == Exit.NOT_FOUND
    anna = factories.user("anna")
    beach = factories.project("beach", viewer=anna)
    assert shell(Entering(), "--as", "anna")[0] == Exit.REFUSED
    assert shell(Entering(), "--as", factories.user().username)[0] == Exit.NOT_FOUND
    assert shell(Entering())[0] == Exit.OK
    assert Membership.objects.get(project=beach, user__username="local").role == Role.OWNER


def test_a_command_that_may_create_makes_a_missing_project() -> None:
    class Creating(MatteCommand):
        def act(self, options: dict[str, Any]) -> None:
            self.answer({"project": self.project("new", Role.OWNER, create=True).slug})

    factories.user("anna")
    assert shell(Creating(), "--as", "anna")[0] == Exit.OK
    assert Membership.objects.get().user.username == "anna"


def test_a_token_made_by_command_works() -> None:
    anna = factories.user("anna")
    out = StringIO()
    call_command("create_token", "--json", user="anna", name="cluster", stdout=out)
    found = token_check(json.loads(out.getvalue())["token"])
    assert found
    assert found.user == anna


def test_a_password_reset_by_command_works() -> None:
    anna = factories.user("anna")
    out = StringIO()
    call_command("reset_password", "anna", "--json", stdout=out)
    anna.refresh_from_db()
    assert anna.check_password(json.loads(out.getvalue())["one_time_password"])


def manage(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` on a data folder, as a person would."""
    environment = os.environ | {
        "MATTEWEB_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "matteweb.settings",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.processes
def test_two_commands_on_an_empty_folder_create_one_database(tmp_path: Path) -> None:
    def refused(_number: int) -> subprocess.CompletedProcess[str]:
        return manage(tmp_path / "new", "create_token", "--user", "anna", "--name", "x", "--json")

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(refused, range(2)))
    assert [run.returncode for run in ended] == [Exit.NOT_FOUND] * 2, ended
    assert sum("Database created" in run.stderr for run in ended) == 1
    assert all(json.loads(run.stdout)["error"]["code"] == "not_found" for run in ended)


@pytest.mark.processes
def test_a_wrong_command_line_has_the_exit_code_for_that(tmp_path: Path) -> None:
    ended = manage(tmp_path, "create_token", "--user", "anna", "--json")
    assert ended.returncode == Exit.USAGE
    assert "usage:" in ended.stderr
    told = json.loads(ended.stdout)["error"]
    assert told["code"] == "usage"
    assert "--name" in told["message"]


@pytest.mark.processes
def test_a_file_that_is_no_database_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").write_bytes(b"not a database" * 100)
    ended = manage(tmp_path, "create_token", "--user", "anna", "--name", "x", "--json")
    assert ended.returncode == Exit.FINDINGS
    told = json.loads(ended.stdout)["error"]
    assert told["code"] == "corrupt"
    assert str(tmp_path) in told["message"]
    assert "Traceback" not in ended.stderr
