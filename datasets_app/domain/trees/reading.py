"""How every layout lists a tree: what file managers leave behind is not part of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from datasets_app.domain.captions import CaptionFile, parse_captions
from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.progress import Progress, ShouldStop
from matteweb.errors import Cancelled

T = TypeVar("T")


def visible(folder: Path) -> list[Path]:
    """Return the entries of ``folder`` by name, without what file managers hide there."""
    hidden = {"thumbs.db", "desktop.ini", "__macosx"}
    return sorted(
        entry
        for entry in folder.iterdir()
        if not entry.name.startswith(".") and entry.name.lower() not in hidden
    )


def folders(folder: Path) -> list[Path]:
    """Return the folders directly inside ``folder``, by name; [] when it is not there."""
    return [entry for entry in visible(folder) if entry.is_dir()] if folder.is_dir() else []


def read_caption_files(paths: list[Path], findings: list[Finding]) -> Iterator[CaptionFile]:
    """Yield those of ``paths`` that exist and are caption files; what is wrong becomes findings."""
    for path in paths:
        if not path.is_file():
            continue
        with Collecting(findings, "captions_unreadable", path.name):
            found = parse_captions(path.read_bytes(), name=path.name)
            findings += found.findings
            yield found


def each(
    entries: Sequence[T], *, doing: str, progress: Progress, should_stop: ShouldStop
) -> Iterator[T]:
    """Yield the entries, count those that are done, and stop when asked to.

    ``doing`` is what stopped, e.g. "the export". Raises Cancelled.
    """
    for done, entry in enumerate(entries):
        if should_stop():
            raise Cancelled(f"{doing} was stopped")
        progress(done, len(entries))
        yield entry
    progress(len(entries), len(entries))
