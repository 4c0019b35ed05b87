"""What decoding finds in the entries of a tree that came in, for the report of the import."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from datasets_app.domain.findings import Finding
from datasets_app.domain.layouts.base import Layout
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.checking import place
from datasets_app.domain.trees.entries import Kind, LayoutContents
from datasets_app.services.sources.footage import media_limits

_SAID_ELSEWHERE: Final[dict[Kind, frozenset[str]]] = {
    # The job that reads a video, mask or asset refuses it for these, and the row says so.
    "clips": frozenset({"unreadable", "mask_frames", "mask_size"}),
    "assets": frozenset({"unreadable", "matte_misfit", "matte_empty"}),
    # No fault of a tree: the notes of a sample or the preflight of a bundle tell them.
    "tuples": frozenset({"short", "too_short", "aspect_rare", "odd_size", "caption_empty"}),
    "pictures": frozenset(),
}


@dataclass(frozen=True, slots=True)
class EntryCheck:
    """The faults of the entries of one tree, which ``layout`` read in ``folder``.

    What listing the tree found is not said a second time.
    """

    layout: Layout
    folder: Path
    contents: LayoutContents
    should_stop: ShouldStop
    _told: set[tuple[str, str]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._told.update((one.code, one.where) for one in self.contents.findings)

    def findings(self, kind: Kind, entry: Any) -> list[Finding]:
        """Decode an entry that came in and return what only that shows.

        Storing decodes once more, here or in a job of its own. Memory: a frame of each stream.
        Raises Cancelled.
        """
        # Nothing else reads masks of some frames: they are not attached.
        masks = getattr(entry, "masks", ())
        partial = {place(mask.path) for mask in masks if mask.frames is not None}
        return [
            one
            for one in self.layout.entry_findings(
                entry, self.folder, media_limits(), self.should_stop
            )
            if (one.code, one.where) not in self._told
            and (one.code not in _SAID_ELSEWHERE[kind] or one.where in partial)
        ]
