"""Who may, by which token, and what a person is told otherwise."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.client import CLIENT, Home, contents
from tests.studio_server import TOKEN, StudioServer


def test_the_client_needs_only_the_standard_library_of_python_3_9() -> None:
    tree = ast.parse(CLIENT.read_text(), feature_version=(3, 9))
    imported = {
        alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names
    }
    imported |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_the_token_is_kept_for_its_owner_alone(home: Home) -> None:
    path = home.folder / ".config/matteweb/token.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert TOKEN in path.read_text()


def test_a_wrong_password_is_told_and_keeps_nothing(tmp_path: Path, studio: StudioServer) -> None:
    words = ("login", studio.url, "--user", "ada", "--password-stdin")
    _, said = Home(tmp_path).run(*words, code=4, stdin="wrong\n")
    assert "Wrong username or password." in said
    assert not (tmp_path / ".config").exists()


def test_a_password_is_never_sent_on_by_a_redirect(tmp_path: Path, studio: StudioServer) -> None:
    with StudioServer() as elsewhere:
        studio.redirect["/api/login"] = f"{elsewhere.url}/api/login"
        words = ("login", studio.url, "--user", "ada", "--password-stdin")
        Home(tmp_path).run(*words, code=3, stdin="right horse\n")
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("pull", "demo/absent", "out"), 3, "there is no such bundle"),
        (("pull", "demo", "out"), 2, "PROJECT/BUNDLE"),
        (("pull", "demo/casper", "out", "--url", "http://127.0.0.1:9"), 4, "not logged in to"),
        (("login", "ftp://example.org", "--user", "a"), 2, "no web address"),
        (("push", "absent.mp4", "--project", "demo"), 2, "there is no file"),
    ],
)
def test_wrong_use_ends_in_a_sentence(
    home: Home, tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    if words[0] == "login":
        words = (*words, "--password-stdin")
    _, said = home.run(*words, code=code)
    assert says in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("pull", "demo/absent", "out"), 3),
        (("push", "absent.mp4", "--project", "demo"), 2),
        (("verify", "absent"), 1),
        (("verify",), 2),
        (("pull", "demo/casper", "/dev/null/out"), 3),
        (("login", "http://127.0.0.1:9"), 2),
    ],
)
def test_a_program_that_asked_for_json_gets_one_object_also_when_it_failed(
    home: Home, words: tuple[str, ...], code: int
) -> None:
    told, said = home.run(*words, "--json", code=code)
    assert told["error"]["exit_code"] == code
    assert told["error"]["message"] in said
    assert "Traceback" not in said


def test_without_a_login_nothing_is_asked(tmp_path: Path, studio: StudioServer) -> None:
    Home(tmp_path).run("pull", "demo/casper", tmp_path / "out", code=4)
    assert studio.requests == []


def test_a_token_can_come_from_a_file(
    tmp_path: Path, studio: StudioServer, whole: dict[str, bytes | None]
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    words = ("--url", studio.url, "--token-file", tmp_path / "token")
    Home(tmp_path).run("pull", "demo/casper", tmp_path / "out", *words)
    assert contents(tmp_path / "out") == whole
