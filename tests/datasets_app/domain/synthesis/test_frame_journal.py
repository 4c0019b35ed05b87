"""A long sample that is killed goes on with its finished frames and ends with the same bytes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.media.checksum import digest_file
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_rgb
from datasets_app.domain.media.writer import RgbMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.recipes.defocus import Defocus, DefocusParams, DefocusPlan
from datasets_app.domain.synthesis.frame_journal import FrameJournal
from datasets_app.domain.synthesis.planner import plan_sample
from tests.scenes import SIZE, Scenes

FRAMES, PIECE = 26, 8

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.datasets_app.domain.synthesis.test_frame_journal import journal, long_plan, make
folder = Path(sys.argv[1])
scenes, plan = long_plan(folder / "sources")
for number, _ in enumerate(journal(folder / "kept").frames(make(plan, scenes, []))):
    if number == 19:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def long_plan(folder: Path) -> tuple[Scenes, DefocusPlan]:
    folder.mkdir(exist_ok=True)
    scenes = Scenes(folder)
    scenes.add("camel", frames=FRAMES)
    scenes.add("beach", frames=FRAMES)
    params = DefocusParams(focus="pull")
    return scenes, plan_sample(Defocus(), params, scenes.pool, root_seed=3, index=0).plan


def journal(folder: Path) -> FrameJournal:
    return FrameJournal(folder, Defocus.layers, SIZE, Fraction(16), PIECE)


def make(plan: DefocusPlan, scenes: Scenes, begun: list[int]):  # type: ignore[no-untyped-def]
    """Return what makes the frames from a number on, and notes that number in ``begun``."""

    def frames(first: int) -> Generator[Layers, None, None]:
        begun.append(first)
        return Defocus().render_from(plan, scenes.sources, first, ignore_progress, never_stop)

    return frames


def test_a_process_that_is_killed_leaves_whole_pieces_and_the_next_makes_only_the_rest(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=Path(__file__).parents[4],
        env=os.environ | {"PYTHONPATH": "."},
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    kept = journal(tmp_path / "kept")
    assert kept.finished == 16
    scenes, plan = long_plan(tmp_path / "sources")
    begun: list[int] = []
    resumed = _stored(kept.frames(make(plan, scenes, begun)), tmp_path / "resumed")
    assert begun == [16]
    whole = _stored(
        Defocus().render(plan, scenes.sources, ignore_progress, never_stop), tmp_path / "whole"
    )
    assert resumed == whole


def test_every_kill_costs_less_than_a_piece(tmp_path: Path) -> None:
    scenes, plan = long_plan(tmp_path / "sources")
    begun: list[int] = []
    for stop in (3, 10, 11, 25):
        frames = journal(tmp_path / "kept").frames(make(plan, scenes, begun))
        for number, _ in enumerate(frames):
            if number == stop:
                frames.close()
                break
    assert begun == [0, 0, 8, 8]
    assert journal(tmp_path / "kept").finished == 24
    assert sum(1 for _ in journal(tmp_path / "kept").frames(make(plan, scenes, begun))) == FRAMES


def test_a_piece_without_its_name_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "00000000.part").mkdir()
    (tmp_path / "00000008").mkdir()
    assert journal(tmp_path).finished == 0


def test_what_is_there_after_a_kill_is_whole_where_files_at_their_place_look_finished(
    tmp_path: Path,
) -> None:
    scenes, plan = long_plan(tmp_path / "sources")
    stop, kept = 11, tmp_path / "kept"
    frames = journal(kept).frames(make(plan, scenes, []))
    for _ in range(stop):
        next(frames)

    def what_counts_is_whole(files: list[Path], frames: int) -> None:
        assert {sum(1 for _ in read_rgb(file)) for file in files} == {frames}

    left = tmp_path / "left"  # what a kill leaves here, while the process still writes
    shutil.copytree(kept, left)
    assert journal(left).finished == PIECE
    what_counts_is_whole([left / "00000000" / "rgb_full.mkv"], PIECE)
    frames.close()
    as_was = tmp_path / "as-was" / "rgb_full.mkv"
    as_was.parent.mkdir()
    made = Defocus().render(plan, scenes.sources, ignore_progress, never_stop)
    with RgbMasterWriter(as_was, SIZE, Fraction(16)) as out, closing(made):
        for _ in range(stop):  # written at its place, and killed after the same frame
            out.write(next(made)["rgb_full"])
    assert as_was.is_file()
    with pytest.raises(AssertionError):
        what_counts_is_whole([as_was], FRAMES)


def test_what_is_kept_reads_back_exactly(tmp_path: Path) -> None:
    scenes, plan = long_plan(tmp_path / "sources")
    first = list(journal(tmp_path / "kept").frames(make(plan, scenes, [])))
    again = list(journal(tmp_path / "kept").frames(make(plan, scenes, [])))
    for before, after in zip(first, again, strict=True):
        assert all(np.array_equal(before[name], after[name]) for name in before)


def test_a_discarded_journal_leaves_nothing(tmp_path: Path) -> None:
    scenes, plan = long_plan(tmp_path / "sources")
    kept = journal(tmp_path / "kept")
    assert sum(1 for _ in kept.frames(make(plan, scenes, []))) == FRAMES
    kept.discard()
    assert kept.finished == 0
    assert not (tmp_path / "kept").exists()


def _stored(frames: Generator[Layers, None, None], path: Path) -> str:
    size = FrameSize(SIZE.width, SIZE.height)
    with RgbMasterWriter(path, size, Fraction(16)) as out:
        for layers in frames:
            out.write(layers["rgb_full"])
    return digest_file(path).sha256
