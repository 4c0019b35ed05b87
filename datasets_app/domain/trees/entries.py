"""What a tree can hold, whatever its layout: clips, finished samples, assets, labelled pictures.

An entry names files and never opens them, so that a tree of any size is listed at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from datasets_app.domain.annotation.tracks import Tracks
from datasets_app.domain.bundles.manifest_parts import Source
from datasets_app.domain.captions import Captions
from datasets_app.domain.findings import Finding
from datasets_app.domain.trees.frame_numbers import FrameNumbers
from datasets_app.domain.trees.portable import stays_inside
from matteweb.errors import BadInput

# Fields of entries that become parts of paths.
_PATH_WORDS = ("name", "category", "split", "label", "image_set")


@dataclass(frozen=True, slots=True)
class Pictures:
    """One stream as a list of picture files, a frame each, in order: for trees in which the files
    of a stream do not have a folder of their own."""

    files: tuple[Path, ...]

    @property
    def name(self) -> str:
        """What messages call it: its first file."""
        return self.files[0].name if self.files else "no pictures"


Footage: TypeAlias = Path | Pictures
"""A stream of pictures: a video, a folder of pictures, a ZIP of them, one picture, or a list."""


@dataclass(frozen=True, slots=True)
class MaskObject:
    """One object of a mask of object numbers. ``frames``: stems of the frames that a tree says it
    is in, empty where it does not say."""

    number: int
    label: str = ""
    frames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceMask:
    """One mask of a clip. ``frames``: the clip's frames that it covers, None for all of them."""

    name: str
    path: Footage
    objects: tuple[MaskObject, ...] = ()
    frames: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class SourceClip:
    """Material to synthesize from. ``split``: where a published list puts it, "" without one.
    ``tracks``: boxes and shapes that somebody drew on it, ``findings`` what reading their file
    found."""

    name: str
    video: Footage
    masks: tuple[SourceMask, ...] = ()
    captions: Captions | None = None
    split: str = ""
    tracks: Tracks | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceAsset:
    """What recipes draw on besides clips. ``alpha``: None for a background, and for a foreground
    whose pictures carry their own opacity (``own_alpha``). ``excluded``: why a published list
    leaves it out. ``group``: assets of one shoot share it. A ``scene`` file is a model or a light;
    ``licence``: where the tree says it for each."""

    kind: Literal["foreground", "background", "scene"]
    name: str
    colour: Footage
    alpha: Footage | None = None
    own_alpha: bool = False
    split: str = ""
    group: str = ""
    excluded: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Guidance:
    """Masks that somebody's segmenter made of the instances of a sample, one ``mask`` each, in
    their order, None where it found none. ``frames`` as in `SourceMask`."""

    source: str
    masks: tuple[Footage | None, ...]
    frames: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReadyTuple:
    """A finished sample. ``layers``: the three of a tuple, or those of another kind of sample, or
    fewer when some are missing. ``instances``: the soft alpha of each thing in it, from the
    bottom to the top; ``foregrounds``: their colours, where the tree keeps them. ``repeats`` as
    its training list has them, 1 without a list. ``sources`` is what it was made from, where the
    tree tells; ``numbers`` what its frames were called there, where files do not say it.
    ``called``: its own name, where ``name`` had to be one that its category has once. ``split``:
    the one that it is in there, "" where the tree says nothing of splits."""

    category: str
    name: str
    layers: Mapping[str, Footage]
    captions: Captions | None = None
    repeats: int = 1
    split: str = ""
    sources: tuple[Source, ...] = ()
    instances: tuple[Footage, ...] = ()
    foregrounds: tuple[Footage, ...] = ()
    guidance: tuple[Guidance, ...] = ()
    numbers: FrameNumbers | None = None
    called: str = ""

    @property
    def where(self) -> str:
        """What messages call it."""
        return f"{self.category}/{self.name}"


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture of an image set. ``name``: its file's name as the tree had it, which may be one
    that other systems refuse. ``mask``: where the fault is. ``origin``: video, track and frame
    that it was cut from, as far as the tree tells."""

    image_set: str
    split: str
    label: str
    name: str
    picture: Path
    mask: Path | None = None
    origin: Mapping[str, str] = field(default_factory=dict)


Entry: TypeAlias = SourceClip | ReadyTuple | SourceAsset | LabelledPicture


@dataclass(frozen=True, slots=True)
class LayoutContents:
    """What a tree holds, sorted by name, and what is wrong with or left over in it."""

    clips: tuple[SourceClip, ...] = ()
    tuples: tuple[ReadyTuple, ...] = ()
    assets: tuple[SourceAsset, ...] = ()
    pictures: tuple[LabelledPicture, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them, kind by kind."""
        return (*self.clips, *self.tuples, *self.assets, *self.pictures)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    def require_only(self, *kinds: Kind, label: str) -> None:
        """Raise BadInput when there is something that has no place in the layout ``label``, or that
        has a name which would be written outside of its folder."""
        for kind, words in KINDS.items():
            if kind not in kinds and getattr(self, kind):
                raise BadInput(f"{words} have no place in the layout {label}")
            for entry in getattr(self, kind):
                _require_inside(entry)


Kind: TypeAlias = Literal["clips", "tuples", "assets", "pictures"]

KINDS: dict[Kind, str] = {
    "clips": "source clips",
    "tuples": "finished samples",
    "assets": "foregrounds and backgrounds",
    "pictures": "labelled pictures",
}


def _require_inside(entry: Entry) -> None:
    """Raise BadInput when a part of a path that writing makes of the entry leaves the folder."""
    words = {field: getattr(entry, field, "") for field in _PATH_WORDS}
    if isinstance(entry, LabelledPicture):
        # Its name is made portable where it is written.
        del words["name"]
    for field_name, word in words.items():
        if not stays_inside(word):
            raise BadInput(
                f"{word[:60]!r} cannot be the {field_name.replace('_', ' ')} of what is written",
                hint="give it a name without '..', control characters and a leading '/'",
            )


def entry_place(entry: Entry) -> str:
    """Return what messages call an entry."""
    if isinstance(entry, LabelledPicture):
        return f"{entry.image_set}/{entry.split}/{entry.label}/{entry.name}"
    return entry.where if isinstance(entry, ReadyTuple) else entry.name
