"""MaGGIe's training pictures: a split with images/ and a folder of instance alphas per picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from datasets_app.domain.findings import Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import Guidance, LayoutContents, ReadyTuple
from datasets_app.domain.trees.instance_checks import instance_findings
from datasets_app.domain.trees.instance_trees import (
    BACKGROUND,
    IMAGE_CATEGORY,
    count_findings,
    guidance_folders,
    instance_files,
    jpeg_entries,
    matched_guidance,
    picture_lonely,
    write_instances,
)
from datasets_app.domain.trees.loader_names import sample_names, without_word, word_findings
from datasets_app.domain.trees.reading import folders, visible
from datasets_app.domain.trees.samples import PICTURE, picture_of, refuses_instances
from datasets_app.domain.trees.writing import write_frames
from matteweb.errors import BadInput

WITHOUT_PEOPLE = "rgb_removed"
"""How recipes that place people call what lies behind them all."""

IMAGES, ALPHAS, COLOURS, BEHIND = "images", "alphas", "fg", "bg"


class MaggieImageTrain(LayoutOf[ReadyTuple, ReadyTuple]):
    """Composites with the visible alpha of each person."""

    info = PluginInfo(
        slug="maggie_image_train",
        label="MaGGIe training pictures",
        summary="<split>/images/<name>.jpg and <split>/alphas/<name>/<instance>.png",
        version=1,
    )
    writes = ("tuples",)

    def recognises(self, folder: Path) -> bool:
        """Whether a folder has images/ and, in alphas/, folders."""
        return any(_is_split(split) for split in _splits(folder))

    def read(self, folder: Path) -> LayoutContents:
        """List the pictures of every split with their instances."""
        if not self.recognises(folder):
            hint = f"expected <split>/{IMAGES}/ and <split>/{ALPHAS}/<name>/"
            raise BadInput(f"{folder.name} holds no {IMAGES} with {ALPHAS}", hint=hint)
        findings: list[Finding] = []
        tuples: list[ReadyTuple] = []
        for split in _splits(folder):
            if (split / IMAGES).is_dir():
                name = "train" if split == folder else split.name
                findings += word_findings(name, name, ALPHAS)
                found = _samples(split, name, findings)
                # A folder that is a split itself does not say which.
                tuples += found if split != folder else [replace(one, split="") for one in found]
        return LayoutContents(tuples=tuple(tuples), findings=tuple(findings))

    def faults(
        self, one: ReadyTuple, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode: sizes, sums of alphas, masks, and the composite where layers are kept."""
        return instance_findings(one, folder, limits, should_stop)

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take stills with an alpha."""
        return refuses_instances(layers) or ("" if frames == 1 else "it is no still")

    def guides(self, guidance: tuple[Guidance, ...]) -> tuple[Guidance, ...]:
        """Keep every source."""
        return guidance

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[ReadyTuple],
        should_stop: ShouldStop,
    ) -> None:
        """Write stills with their instances, and the layers behind them where they are kept."""
        for name, one in zip(sample_names(contents.tuples, ALPHAS), entries, strict=True):
            split = folder / without_word(one.split, ALPHAS)
            write_frames(picture_of(one), [split / IMAGES / f"{name}.jpg"], "jpg")
            behind = one.layers.get(BACKGROUND) or one.layers.get(WITHOUT_PEOPLE)
            if behind is not None:
                write_frames(behind, [split / BEHIND / f"{name}.jpg"], "jpg")
            for number, colour in enumerate(one.foregrounds):
                write_frames(colour, [split / COLOURS / name / f"{number:02d}.jpg"], "jpg")
            write_instances(
                one,
                alphas=split / ALPHAS / name,
                guidance={s.source: split / s.source / name for s in one.guidance},
            )


def _splits(folder: Path) -> list[Path]:
    return [folder] if (folder / IMAGES).is_dir() else folders(folder)


def _is_split(folder: Path) -> bool:
    pictures = visible(folder / IMAGES) if (folder / IMAGES).is_dir() else []
    return any(path.is_file() for path in pictures) and bool(folders(folder / ALPHAS))


def _samples(split: Path, name: str, findings: list[Finding]) -> list[ReadyTuple]:
    pictures = jpeg_entries(split / IMAGES, findings, where=f"{name}/{IMAGES}", forbidden=ALPHAS)
    alphas = {path.name: path for path in folders(split / ALPHAS)}
    for left in sorted(set(alphas) - set(pictures)):
        findings.append(picture_lonely(f"{name}/{ALPHAS}/{left}", f"{name}/{IMAGES}/{left}.jpg"))
    return [
        _sample(split, name, stem, picture, alphas.get(stem), findings)
        for stem, picture in pictures.items()
    ]


def _sample(
    split: Path,
    name: str,
    stem: str,
    picture: Path,
    alphas: Path | None,
    findings: list[Finding],
) -> ReadyTuple:
    where = f"{name}/{ALPHAS}/{stem}"
    files = instance_files(alphas, findings, where=where) if alphas else {}
    findings += count_findings(len(files), where)
    layers = {PICTURE: picture}
    behind = split / BEHIND / f"{stem}.jpg"
    if behind.is_file():
        layers[BACKGROUND] = behind
    colours = [split / COLOURS / stem / f"{key}.jpg" for key in files]
    return ReadyTuple(
        IMAGE_CATEGORY,
        stem,
        layers,
        split=name,
        instances=tuple(files.values()),
        foregrounds=tuple(colours) if all(path.is_file() for path in colours) else (),
        guidance=tuple(
            matched_guidance(
                source.name,
                list(files),
                instance_files(source / stem, findings, where=f"{name}/{source.name}/{stem}"),
                findings,
                where=f"{name}/{source.name}/{stem}",
            )
            for source in guidance_folders(split)
            if (source / stem).is_dir()
        ),
    )
