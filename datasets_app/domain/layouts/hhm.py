"""Stills with mattes as HHM50K has them: images/X.jpg and alphas/X.png, and who is left out."""

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
from datasets_app.domain.trees.subject_trees import (
    by_stem,
    excluded,
    is_picture_file,
    list_findings,
    listed,
    pictures_of,
    subject_findings,
    write_subjects,
)
from matteweb.errors import BadInput

INVALID: Final = "invalid_him.txt"
"""File names, one a line, of pictures that do not show exactly one person."""


class Hhm(LayoutOf[SourceAsset, SourceAsset]):
    """One person per picture; pairs go by the name before the ending."""

    info = PluginInfo(
        slug="hhm",
        label="HHM",
        summary="images/X.jpg with alphas/X.png, and invalid_him.txt for what is left out",
        version=1,
    )
    writes = ("assets",)

    def recognises(self, folder: Path) -> bool:
        """Whether pictures lie directly in images/ and in alphas/."""
        return bool(pictures_of(folder / "images") and pictures_of(folder / "alphas"))

    def read(self, folder: Path) -> LayoutContents:
        """Pair by stem; a picture without matte, a matte without picture and a line of the list
        that names nothing become findings."""
        if not self.recognises(folder):
            raise BadInput(
                f"{folder.name} is no tree of stills with mattes",
                hint="expected images/X.jpg and alphas/X.png",
            )
        findings: list[Finding] = []
        mattes = by_stem(pictures_of(folder / "alphas"), "alphas", findings)
        assets = []
        for picture in pictures_of(folder / "images"):
            matte = mattes.pop(picture.stem, None)
            if matte is None:
                findings.append(_alone(picture.name, "picture", "matte"))
            else:
                assets.append(
                    SourceAsset("foreground", picture.name, picture, matte, group=picture.stem)
                )
        findings += [_alone(matte.name, "matte", "picture") for matte in mattes.values()]
        lines = listed(folder / INVALID)
        findings += list_findings(INVALID, lines, [one.name for one in assets])
        return LayoutContents(
            assets=tuple(excluded(assets, lines, INVALID)), findings=tuple(findings)
        )

    def faults(
        self, asset: SourceAsset, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode every picture and matte."""
        return subject_findings(asset, limits, should_stop)

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take no finished sample."""
        return "it holds foregrounds, no samples"

    def takes_asset(self, asset: SourceAsset) -> str:
        """Take stills with a matte of their own."""
        if asset.kind != "foreground" or asset.alpha is None:
            return "it is no foreground with a matte of its own"
        return "" if is_picture_file(asset.colour) else "it is a clip"

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[SourceAsset],
        should_stop: ShouldStop,
    ) -> None:
        """Copy pictures and mattes, and list what is left out."""
        write_subjects(entries, folder, _places)
        out = [one.name for one in contents.assets if one.excluded]
        if out:
            (folder / INVALID).write_text("".join(f"{name}\n" for name in out), encoding="utf-8")


def _places(asset: SourceAsset) -> tuple[Path, Path]:
    if asset.alpha is None:
        raise BadInput(f"{asset.name} has no matte of its own")
    ending = Path(asset.alpha.name).suffix
    name = Path(asset.name).name
    return Path("images") / name, Path("alphas") / f"{Path(name).stem}{ending}"


def _alone(name: str, what: str, other: str) -> Finding:
    return Finding(
        "unpaired", "warning", f"the {what} {name} has no {other}", "pairs share their name", name
    )
