"""Background stills as BG-20K has them: a folder of pictures per side of the split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from datasets_app.domain.findings import Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import LayoutContents, SourceAsset
from datasets_app.domain.trees.reading import visible
from datasets_app.domain.trees.subject_trees import (
    is_picture_file,
    pictures_of,
    subject_findings,
    write_subjects,
)
from matteweb.errors import BadInput

_SIDES: Final = {"train": "train", "testval": "test", "test": "test", "val": "test"}
_WRITTEN: Final = {"train": "train", "test": "testval"}


class Bg20k(LayoutOf[SourceAsset, SourceAsset]):
    """Pictures without a subject that matters; no mattes."""

    info = PluginInfo(
        slug="bg_20k",
        label="BG-20K",
        summary="train/ and testval/ with pictures without people",
        version=1,
    )
    writes = ("assets",)

    def recognises(self, folder: Path) -> bool:
        """Whether there are folders called after a side of a split, with pictures and no more."""
        entries = visible(folder) if folder.is_dir() else []
        sides = [entry for entry in entries if entry.is_dir()]
        return bool(sides) and all(
            side.name in _SIDES and len(pictures_of(side)) == len(visible(side)) > 0
            for side in sides
        )

    def read(self, folder: Path) -> LayoutContents:
        """List the pictures with their side. Files beside the folders become findings."""
        if not self.recognises(folder):
            raise BadInput(
                f"{folder.name} is no tree of background stills",
                hint="expected train/ and testval/ with pictures",
            )
        assets = [
            SourceAsset(
                "background",
                f"{side.name}/{picture.name}",
                picture,
                split=_SIDES[side.name],
                group=picture.stem,
            )
            for side in visible(folder)
            if side.is_dir()
            for picture in pictures_of(side)
        ]
        extra = [entry.name for entry in visible(folder) if entry.is_file()]
        findings = [
            Finding("extra_file", "note", f"{name} is left out", "no part of the layout", name)
            for name in extra
        ]
        return LayoutContents(assets=tuple(assets), findings=tuple(findings))

    def faults(
        self, asset: SourceAsset, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode every picture."""
        return subject_findings(asset, limits, should_stop)

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take no finished sample."""
        return "it holds backgrounds, no samples"

    def takes_asset(self, asset: SourceAsset) -> str:
        """Take background stills."""
        if asset.kind != "background":
            return "it is a foreground"
        return "" if is_picture_file(asset.colour) else "it is a clip"

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[SourceAsset],
        should_stop: ShouldStop,
    ) -> None:
        """Copy the pictures, those without a side into train."""
        write_subjects(entries, folder, _places)


def _places(asset: SourceAsset) -> tuple[Path, None]:
    if asset.kind != "background":
        raise BadInput(f"{asset.name} is a foreground and has no place among backgrounds")
    side = _WRITTEN.get(asset.split or "train")
    if side is None:
        raise BadInput(
            f"{asset.name} is on the side {asset.split}, for which there is no folder",
            hint=f"choose one of {', '.join(_WRITTEN)}",
        )
    return Path(side) / Path(asset.name).name, None
