"""MaGGIe's evaluation pictures: images, alphas and masks by split, a folder per mask source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from datasets_app.domain.findings import Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import Guidance, LayoutContents, ReadyTuple
from datasets_app.domain.trees.instance_checks import instance_findings
from datasets_app.domain.trees.instance_trees import (
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
from datasets_app.domain.trees.reading import folders
from datasets_app.domain.trees.samples import PICTURE, picture_of, refuses_instances
from datasets_app.domain.trees.writing import write_frames
from matteweb.errors import BadInput

IMAGES, ALPHAS = "images", "alphas"


class MaggieImageVal(LayoutOf[ReadyTuple, ReadyTuple]):
    """Pictures to evaluate on, with guidance masks of several segmenters side by side."""

    info = PluginInfo(
        slug="maggie_image_val",
        label="MaGGIe evaluation pictures",
        summary="images/<split>/<name>.jpg, alphas/<split>/<name>/, masks.../<split>/<name>/",
        version=1,
    )
    writes = ("tuples",)

    def recognises(self, folder: Path) -> bool:
        """Whether images/ holds splits, and so does alphas/."""
        return bool(folders(folder / IMAGES)) and bool(folders(folder / ALPHAS))

    def read(self, folder: Path) -> LayoutContents:
        """List the pictures of every split with instances and masks of every source."""
        if not self.recognises(folder):
            hint = f"expected {IMAGES}/<split>/ and {ALPHAS}/<split>/<name>/"
            raise BadInput(f"{folder.name} holds no {IMAGES} by split", hint=hint)
        findings: list[Finding] = []
        tuples: list[ReadyTuple] = []
        for split in folders(folder / IMAGES):
            findings += word_findings(split.name, f"{IMAGES}/{split.name}", ALPHAS)
            tuples += _samples(folder, split, findings)
        return LayoutContents(tuples=tuple(tuples), findings=tuple(findings))

    def faults(
        self, one: ReadyTuple, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode: sizes, sums of alphas, masks that overlap."""
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
        """Write stills with their instances and the masks of every source."""
        for name, one in zip(sample_names(contents.tuples, ALPHAS), entries, strict=True):
            split = without_word(one.split, ALPHAS)
            write_frames(picture_of(one), [folder / IMAGES / split / f"{name}.jpg"], "jpg")
            write_instances(
                one,
                alphas=folder / ALPHAS / split / name,
                guidance={s.source: folder / s.source / split / name for s in one.guidance},
            )


def _samples(folder: Path, split: Path, findings: list[Finding]) -> list[ReadyTuple]:
    name = split.name
    pictures = jpeg_entries(split, findings, where=f"{IMAGES}/{name}", forbidden=ALPHAS)
    alphas = {path.name: path for path in folders(folder / ALPHAS / name)}
    for left in sorted(set(alphas) - set(pictures)):
        findings.append(picture_lonely(f"{ALPHAS}/{name}/{left}", f"{IMAGES}/{name}/{left}.jpg"))
    found: list[ReadyTuple] = []
    for stem, picture in pictures.items():
        where = f"{ALPHAS}/{name}/{stem}"
        files = instance_files(alphas[stem], findings, where=where) if stem in alphas else {}
        findings += count_findings(len(files), where)
        guidance = []
        for source in guidance_folders(folder):
            place, inside = f"{source.name}/{name}/{stem}", source / name / stem
            if inside.is_dir():
                masks = instance_files(inside, findings, where=place, listed=True)
                guidance.append(
                    matched_guidance(source.name, list(files), masks, findings, where=place)
                )
            else:
                message = f"there is no {place}: the picture is left out of an evaluation"
                hint = "write a mask per instance, empty where nothing was found"
                findings.append(Finding("guidance_folder", "error", message, hint, place))
        found.append(
            ReadyTuple(
                IMAGE_CATEGORY,
                stem,
                {PICTURE: picture},
                split=name,
                instances=tuple(files.values()),
                guidance=tuple(guidance),
            )
        )
    return found
