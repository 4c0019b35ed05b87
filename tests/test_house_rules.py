"""Rules of the house that no ready-made linter knows; HOUSE words are in docs/glossary.md."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation

ROOT = Path(__file__).parents[1]
PACKAGES = ("matteweb/", "datasets_app/", "inference_app/")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_FILE_BYTES = 1024**2
# Folders whose files may be larger: pictures of the pages, weights of our own networks.
LARGER = {"docs/screens": 16 * 1024**2, "inference_app/weights": 4 * 10**6}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}

# What may be longer than a file of the house, and why.
LONG_BY_NATURE = {"datasets_app/cli/matteweb.py": "downloaded and run as one file, on its own"}

# Who may assign the state of a row: the one compare-and-swap per machine, and creation.
STATE_WRITERS = ("/services/", "/services.py", "matteweb/jobs/runner.py")
STATE_FIELDS = {"status", "state"}

# Whose use of the environment is no setting, and why.
ENVIRONMENT_ELSEWHERE = {
    "matteweb/asgi.py": "names the settings, as manage.py does",
    "matteweb/jobs/management/commands/work.py": "thread counts have to stand before NumPy loads",
    "inference_app/management/commands/engine.py": "the same, for the processes that it starts",
    "datasets_app/domain/media/probe.py": "hands a child process the little that it may see",
}

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def project_files() -> tuple[Path, ...]:
    """Return every file that git tracks or would track, vendored and generated ones included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def name_of(path: Path) -> str:
    """Return the path as the rules write it."""
    return path.relative_to(ROOT).as_posix()


def own_files(*suffixes: str) -> list[Path]:
    """Return the files written by hand that end in one of ``suffixes``."""
    return [
        path
        for path in project_files()
        if path.suffix in suffixes
        and "/vendor/" not in name_of(path)
        and "/migrations/" not in name_of(path)
    ]


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(path.read_text(), filename=str(path))


def package_files() -> list[Path]:
    """Return the Python files of the program itself: no tests, scripts or benchmarks."""
    return [path for path in own_files(".py") if name_of(path).startswith(PACKAGES)]


def functions_of(path: Path) -> list[FunctionNode]:
    """Return every function and method of a file."""
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, FunctionNode)]


def test_no_file_is_longer_than_400_lines() -> None:
    sizes = {
        name_of(path): len(path.read_text().splitlines())
        for path in own_files(".py", ".js", ".css", ".html", ".sh")
    }
    long = {name for name, lines in sizes.items() if lines > MAX_FILE_LINES}
    assert long == set(LONG_BY_NATURE)


def test_no_function_is_longer_than_60_lines() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name} has {lines} lines"
        for path in own_files(".py")
        for node in functions_of(path)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]
    assert long == []


def test_no_module_is_called_utils_helpers_or_common() -> None:
    vague = [name_of(path) for path in own_files(".py", ".js") if path.stem in VAGUE_NAMES]
    assert vague == []


def test_every_python_file_postpones_annotations() -> None:
    line = "from __future__ import annotations"
    without = [
        name_of(path)
        for path in own_files(".py")
        if holds_code(tree_of(path)) and line not in path.read_text()
    ]
    assert without == []


def holds_code(tree: ast.Module) -> bool:
    """Return whether a module holds more than a docstring."""
    return any(not isinstance(node, ast.Expr) for node in tree.body)


def test_only_the_settings_read_environment_variables() -> None:
    def reads(node: ast.AST) -> bool:
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            return False
        return node.value.id == "os" and node.attr in {"environ", "environb", "getenv"}

    readers = {
        name_of(path)
        for path in package_files()
        if not name_of(path).startswith("matteweb/settings/")
        and any(reads(node) for node in ast.walk(tree_of(path)))
    }
    assert readers == set(ENVIRONMENT_ELSEWHERE)


def test_the_packages_print_nothing_past_the_streams_of_a_command() -> None:
    printing = [
        f"{name_of(path)}:{node.lineno}"
        for path in package_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert printing == []


def states_written(node: ast.AST) -> Iterator[str]:
    """Yield the state fields that one node writes: ``row.state = x`` or ``rows.update(state=x)``.

    ``self.state = x`` is left out, since a class that is no row may keep a state.
    """
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and ast.unparse(target.value) != "self":
                yield target.attr
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".update"):
        yield from (keyword.arg for keyword in node.keywords if keyword.arg)


def test_only_services_write_the_state_of_a_row() -> None:
    elsewhere = [
        f"{name_of(path)}: {ast.unparse(node)}"
        for path in package_files()
        if not any(part in name_of(path) for part in STATE_WRITERS)
        for node in ast.walk(tree_of(path))
        if STATE_FIELDS.intersection(states_written(node))
    ]
    assert elsewhere == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_exact_and_says_why_it_is_here(name: str) -> None:
    pinned = re.compile(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s*]+\s+# \S.{10,}")
    lines = (ROOT / name).read_text().splitlines()
    loose = [line for line in lines if line and line[0] not in "#-" and not pinned.fullmatch(line)]
    assert loose == []


def test_colours_are_written_only_as_tokens() -> None:
    hexadecimal = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})\b(?![^{]*\{)")
    coloured = [
        f"{name_of(path)}:{number} {line.strip()}"
        for path in own_files(".css")
        if path.name != "tokens.css"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if hexadecimal.search(line)
    ]
    assert coloured == []


def test_every_test_is_named_by_the_rule_it_holds() -> None:
    tests = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in own_files(".py")
        if name_of(path).startswith("tests/") and path.name.startswith("test_")
        for node in functions_of(path)
        if node.name.startswith("test_") and len(node.name.split("_")) < 5
    ]
    assert tests == []


def test_nothing_is_left_for_later_in_a_comment() -> None:
    marks = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    left = [
        f"{name_of(path)}:{number}"
        for path in own_files(".py", ".js", ".css", ".html", ".sh", ".md")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert left == []


def test_no_file_names_a_path_of_one_machine() -> None:
    machine = re.compile(
        r"(?<![\w.])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me"]) + ")/"
    )
    suffixes = (".py", ".js", ".css", ".html", ".sh", ".md", ".toml", ".txt", ".json")
    named = [
        f"{name_of(path)}:{number} {line.strip()}"
        for path in own_files(*suffixes)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if machine.search(line)
    ]
    assert named == []


def test_no_file_is_larger_than_its_folder_allows() -> None:
    large = [
        name_of(path)
        for path in project_files()
        if path.stat().st_size > LARGER.get(name_of(path).rpartition("/")[0], MAX_FILE_BYTES)
    ]
    assert large == []


def test_every_change_of_a_model_has_its_migration() -> None:
    # Names that people read are translated when they are asked for; migrations hold the originals.
    with translation.override(None, deactivate=True):
        loader = MigrationLoader(None)
        wanted = ProjectState.from_apps(apps)
        changes = MigrationAutodetector(loader.project_state(), wanted).changes(loader.graph)
    assert {app: [str(change) for change in found] for app, found in changes.items()} == {}


def test_every_script_and_verb_that_the_readme_names_exists() -> None:
    text = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    verbs = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= verbs
    files = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_everything_of_others_is_listed_in_third_party_md() -> None:
    listed = (ROOT / "THIRD_PARTY.md").read_text().lower()
    pins = re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)",
        (ROOT / "requirements.txt").read_text() + (ROOT / "requirements-dev.txt").read_text(),
        re.MULTILINE,
    )
    missing = [name for name, version in pins if f"| {name.lower()} | {version} |" not in listed]
    vendored = (ROOT / "frontend/static/vendor/VENDOR.md").read_text().lower().splitlines()
    missing += [row for row in vendored if row.startswith("|") and row not in listed]
    assert missing == [], "run .venv/bin/python -m scripts.licences"
