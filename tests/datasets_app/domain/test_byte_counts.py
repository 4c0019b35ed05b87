from __future__ import annotations

import pytest

from datasets_app.domain.byte_counts import in_words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (1_550_000_000, "1.6 GB"),
        (64 * 1024**3, "68.7 GB"),
        (2 * 10**15, "2.0 PB"),
    ],
)
def test_bytes_are_told_in_the_unit_in_which_they_are_short(count: int, words: str) -> None:
    assert in_words(count) == words
