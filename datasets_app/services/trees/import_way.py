"""What every kind of entry is given on its way from a tree into the studio, and the report."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.assets.scene_files import require_size, scene_file_kind
from datasets_app.domain.findings import Finding
from datasets_app.domain.media.footage import footage_kind
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import Footage
from datasets_app.domain.trees.footage import picture_paths
from datasets_app.models import Blob
from datasets_app.services.blobs import blob_from_file, blob_link
from datasets_app.services.sources.footage import Rights
from datasets_app.services.space import space_require
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project


@dataclass(slots=True)
class ImportReport:
    """What a tree became: ids of its rows, those of an earlier import included; ``added`` counts
    what is new. ``findings`` is what had no partner or could not be used."""

    layout: str
    videos: list[int] = field(default_factory=list)
    masks: list[int] = field(default_factory=list)
    samples: list[int] = field(default_factory=list)
    assets: list[int] = field(default_factory=list)
    image_sets: list[int] = field(default_factory=list)
    added: dict[str, int] = field(
        default_factory=lambda: {"videos": 0, "masks": 0, "captions": 0, "samples": 0}
    )
    findings: list[Finding] = field(default_factory=list)

    def count(self, what: str, new: int = 1) -> None:
        """Count what was not there before, e.g. ``count("assets")``."""
        self.added[what] = self.added.get(what, 0) + int(new)

    def join(self, other: ImportReport) -> None:
        """Take in the report of another tree that came with this one."""
        for kind in ("videos", "masks", "samples", "assets", "image_sets", "findings"):
            getattr(self, kind).extend(getattr(other, kind))
        for what, count in other.added.items():
            self.count(what, count)

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as they stand in the job's checkpoint and in a command's answer."""
        return {
            "layout": self.layout,
            "videos": self.videos,
            "masks": self.masks,
            "samples": self.samples,
            "assets": self.assets,
            "image_sets": self.image_sets,
            "added": self.added,
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class ImportWay:
    """Into which project, by whom, with which rights; ``link`` references files where they lie,
    ``fps`` answers for what is pictures."""

    project: Project
    actor: Actor
    rights: Rights
    report: ImportReport
    should_stop: ShouldStop
    link: bool = False
    fps: str = ""

    def stored(self, footage: Footage, name: str) -> tuple[Blob, str]:
        """Return the stored or linked bytes and their file name; what is several pictures is
        packed, which needs a copy. Raises Unsupported for what is no footage, NoSpace."""
        if isinstance(footage, Path) and not footage.is_dir():
            if scene_file_kind(footage.name):
                require_size(footage.name, footage.stat().st_size)
            else:
                footage_kind(footage.name)
            if self.link:
                return blob_link(footage), footage.name
            space_require(project=self.project, needed=footage.stat().st_size, purpose=footage.name)
            return blob_from_file(footage, move=False), footage.name
        files = picture_paths(footage)
        needed = sum(file.stat().st_size for file in files)
        space_require(project=self.project, needed=needed, purpose=name)
        label = footage.name if isinstance(footage, Path) else name
        # The name of an asset may be a path inside its tree.
        with work_folder(f"pack-{self.project.pk}-{name.replace('/', '-')}") as scratch:
            return blob_from_file(_packed(files, scratch / "pack.zip")), f"{label}.zip"


def _packed(files: tuple[Path, ...], target: Path) -> Path:
    """Store pictures in a ZIP that has the same bytes each time, with their own names where these
    tell them apart."""
    own = len({file.name for file in files}) == len(files)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for number, file in enumerate(files):
            entry = zipfile.ZipInfo(file.name if own else f"{number:06d}{file.suffix}")
            with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as out:
                while piece := source.read(1 << 20):
                    out.write(piece)
    return target
