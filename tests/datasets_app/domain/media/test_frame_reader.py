from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.media.frame_reader import FrameFile, FrameLimits, FrameReader
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.writer import GrayMasterWriter
from matteweb.errors import BadInput, NotFound, Unsupported


@pytest.fixture
def reader() -> Iterator[FrameReader]:
    made = FrameReader()
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> FrameFile:
    """Frame i holds i everywhere."""
    path = tmp_path / "steps.mkv"
    with GrayMasterWriter(path, FrameSize(16, 12), Fraction(24)) as writer:
        for number in range(6):
            writer.write(np.full((12, 16), number, np.uint8))
    return FrameFile(path, "gray")


def test_several_files_are_read_at_one_place(reader: FrameReader, file: FrameFile) -> None:
    assert reader.values([file, file], 4, 3, 2) == [[4], [4]]


def test_after_the_process_was_killed_the_next_question_is_answered(
    reader: FrameReader, file: FrameFile
) -> None:
    assert reader.values([file], 1, 0, 0) == [[1]]
    process = reader._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert reader.values([file], 5, 0, 0) == [[5]]


def test_a_file_that_is_no_video_is_named(reader: FrameReader, tmp_path: Path) -> None:
    (tmp_path / "letter.mkv").write_bytes(b"Dear all")
    with pytest.raises(BadInput, match="letter"):
        reader.values([FrameFile(tmp_path / "letter.mkv", "rgb")], 0, 0, 0)


def test_a_missing_file_and_a_missing_frame_are_not_found(
    reader: FrameReader, file: FrameFile, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        reader.picture(FrameFile(tmp_path / "gone.mkv", "gray"), 0)
    with pytest.raises(NotFound, match="frame 6"):
        reader.picture(file, 6)


def test_a_frame_that_takes_too_long_is_given_up_and_its_process_ended(file: FrameFile) -> None:
    impatient = FrameReader(FrameLimits(seconds=0.01))
    with pytest.raises(Unsupported, match="takes more than"):
        impatient.values([file], 0, 0, 0)
    assert impatient._process is None
    impatient.close()


def test_a_process_that_may_take_no_memory_does_not_answer_but_says_so(file: FrameFile) -> None:
    poor = FrameReader(FrameLimits(memory_mib=64))
    with pytest.raises((BadInput, Unsupported)):
        poor.values([file], 0, 0, 0)
    poor.close()
