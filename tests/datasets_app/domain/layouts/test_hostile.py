"""Trees of strangers, for every layout: damage is told in words, and nothing leaves its folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from datasets_app.domain.layouts import LAYOUTS
from datasets_app.domain.layouts.base import Layout
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.trees.entries import KINDS, LayoutContents
from matteweb.errors import MatteError
from tests.layout_cases import CASES
from tests.scale import scale

LIMITS = Limits(memory_mib=2048, cpu_seconds=20, wall_seconds=60)
EVERY = pytest.mark.parametrize("layout", list(LAYOUTS), ids=lambda one: one.info.slug)
NAMES = ("../../away", "/away", "a/../../../away", "..", "CON", "x" * 400, "a\x00b", "", "ä ö\n")

AT_LENGTH = scale({"paste_source", "train_casper", "video_matte_240k", "cvat_video"}, set())
"""Layouts whose videos are each measured in a process of their own: checked at full size only."""


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One good tree of each layout, made once."""
    folder = tmp_path_factory.mktemp("trees")
    return {slug: case.tree(folder / slug) for slug, case in CASES.items()}


def _garble(path: Path, draw: Random) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(max(1, len(data) // 50)):
        data[draw.randrange(len(data))] = draw.randrange(256)
    path.write_bytes(data)


def _to_folder(path: Path, draw: Random) -> None:
    path.unlink()
    path.mkdir()


def _to_loop(path: Path, draw: Random) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _odd_name(path: Path, draw: Random) -> None:
    path.rename(path.with_name(f"{draw.choice(['%s', 'a b', 'ä', '-x', '.'])}{path.name}"))


DAMAGE: dict[str, Callable[[Path, Random], object]] = {
    "gone": lambda path, draw: path.unlink(),
    "empty": lambda path, draw: path.write_bytes(b""),
    "cut": lambda path, draw: path.write_bytes(path.read_bytes()[: path.stat().st_size // 3]),
    "garbled": _garble,
    "noise": lambda path, draw: path.write_bytes(draw.randbytes(200)),
    "a folder": _to_folder,
    "a link to itself": _to_loop,
    "renamed": _odd_name,
    "doubled": lambda path, draw: shutil.copyfile(path, path.with_name(f"0{path.name}")),
}


@EVERY
@settings(
    max_examples=scale(3, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    seed=st.integers(0, 2**32),
    hurts=st.lists(st.sampled_from(sorted(DAMAGE)), min_size=1, max_size=3),
)
def test_a_damaged_tree_is_told_in_words_and_what_is_left_goes_round(
    trees: dict[str, Path], tmp_path: Path, layout: Layout, seed: int, hurts: list[str]
) -> None:
    draw = Random(seed)
    tree, out = tmp_path / f"tree-{seed}", tmp_path / f"out-{seed}"
    for left in (tree, out):
        shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(trees[layout.info.slug], tree)
    for hurt in hurts:
        files = sorted(path for path in tree.rglob("*") if path.is_file())
        if files and (chosen := draw.choice(files)).stat().st_size:
            DAMAGE[hurt](chosen, draw)
    try:
        contents = layout.read(tree)
        found = layout.validate(tree, limits=LIMITS) if layout.info.slug not in AT_LENGTH else []
        assert all(finding.message for finding in (*contents.findings, *found))
        layout.write(contents, out)
        again = layout.read(out)
    except MatteError as error:
        assert error.message
        return
    for kind in KINDS:
        assert len(getattr(again, kind)) == len(getattr(contents, kind)), kind


def paths(value: Any) -> Iterator[Path]:
    """Yield every file that contents name."""
    if isinstance(value, Path):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from paths(getattr(value, one.name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from paths(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from paths(one)


@EVERY
def test_a_list_names_nothing_outside_of_its_tree(
    trees: dict[str, Path], tmp_path: Path, layout: Layout
) -> None:
    outside = tmp_path / "secret.png"
    Image.new("RGB", (8, 8)).save(outside)
    tree = tmp_path / "tree"
    shutil.copytree(trees[layout.info.slug], tree)
    lists = [path for path in tree.rglob("*.txt") if path.is_file()]
    lists += [tree / name for name in ("bg_train.txt", "fg_test.txt", "invalid_him.txt")]
    for path in lists:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{outside}\n../secret.png\nsub/../../secret.png\n")
    for path in paths(layout.read(tree)):
        assert path.resolve().is_relative_to(tree.resolve()), path


def renamed(contents: LayoutContents, name: str) -> LayoutContents:
    """Return contents whose every name is another one."""
    words = ("name", "category", "split", "label", "image_set", "group")

    def other(entry: Any) -> Any:
        own = {one.name for one in fields(entry)}
        return replace(entry, **{word: name for word in words if word in own})

    changed = {kind: tuple(map(other, getattr(contents, kind))) for kind in KINDS}
    return replace(contents, **changed)


@EVERY
@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_no_name_writes_outside_of_the_folder(
    trees: dict[str, Path], tmp_path: Path, layout: Layout, name: str
) -> None:
    home = tmp_path / "a" / "b" / "c"
    home.mkdir(parents=True)
    contents = renamed(layout.read(trees[layout.info.slug]), name)
    try:
        layout.write(contents, home / "copy")
    except MatteError as error:
        assert error.message
    found = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert all(path.is_relative_to(home / "copy") for path in found), found
    assert not Path("/away").exists()
