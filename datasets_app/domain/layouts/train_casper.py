"""The Casper training tree: category folders of ready tuples, a caption list for each, casper.json.

Tuples come in two variants, videos (rgb_full.mp4, mask.mp4, rgb_removed.mp4) and PNG folders
(input, trimask, bg); the generator's own lossless pictures (rgb_full, mask, rgb_removed) are read
as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from datasets_app.domain.bundles.casper_json import (
    ROW_TYPE,
    CasperRow,
    read_casper,
    training_list_path,
    training_row,
)
from datasets_app.domain.bundles.categories import category_key, category_label
from datasets_app.domain.bundles.manifest import MANIFEST_PATH, TUPLE_LAYERS, read_manifest
from datasets_app.domain.bundles.manifest_parts import Source
from datasets_app.domain.bundles.preflight import check_tuple
from datasets_app.domain.bundles.tuple_folder import tuple_layers, variant_names
from datasets_app.domain.captions import Captions, captions_as_list, clean_caption, json_bytes
from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import LayoutContents, ReadyTuple
from datasets_app.domain.trees.footage import measure_footage
from datasets_app.domain.trees.reading import read_caption_files, visible
from datasets_app.domain.trees.samples import refuses_tuple, tuple_masters
from datasets_app.domain.trees.writing import copy_entry
from matteweb.errors import BadInput


class TrainCasper(LayoutOf[ReadyTuple, ReadyTuple]):
    """Ready tuples in category folders."""

    info = PluginInfo(
        slug="train_casper",
        label="Casper training tree",
        summary="kubric/, object-paste/, omnimatte+tripod/ with their caption lists",
        version=1,
    )
    writes = ("tuples",)
    said_again = frozenset({"missing_stream", "tuple_without_caption"})

    def recognises(self, folder: Path) -> bool:
        """Whether a folder of a folder holds two layers of a tuple, or there is a casper.json."""
        if (folder / "casper.json").is_file():
            return True
        categories = (entry for entry in visible(folder) if entry.is_dir())
        inside = (entry for category in categories for entry in visible(category))
        # One alone, a folder called bg, other sets have too.
        return any(entry.is_dir() and len(tuple_layers(entry)) > 1 for entry in inside)

    def read(self, folder: Path) -> LayoutContents:
        """List the tuples with captions and repeats, orphans of either kind as findings.

        Raises BadInput when there is no category folder at all.
        """
        if not self.recognises(folder):
            raise BadInput(
                f"{folder.name} holds no tuples",
                hint="expected <category>/<name>/ with rgb_full.mp4, mask.mp4, rgb_removed.mp4",
            )
        findings: list[Finding] = []
        lists = _TrainingLists.read(folder, findings)
        sources = _sources(folder, findings)
        found: list[ReadyTuple] = []
        for category in visible(folder):
            if category.is_dir():
                with Collecting(findings, "category_name", category.name):
                    found += _category(folder, category, lists, findings)
        findings += lists.leftovers()
        tuples = (
            replace(one, sources=sources.get(f"{one.category}/{one.name}", ())) for one in found
        )
        ordered = sorted(tuples, key=lambda one: (category_key(one.category), one.name))
        return LayoutContents(tuples=tuple(ordered), findings=tuple(findings))

    def faults(
        self, entry: ReadyTuple, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode the tuple and apply the preflight to it."""
        layers = tuple_masters(entry)
        for path in layers.values():
            measure_footage(path, limits, should_stop)
        text = entry.captions.training_text() if entry.captions else ""
        return check_tuple(
            layers, text, where=entry.where, exact_mask=False, should_stop=should_stop
        )[1]

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take tuples: the whole picture, the trimask, and the picture without the object."""
        return refuses_tuple(layers)

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[ReadyTuple],
        should_stop: ShouldStop,
    ) -> None:
        """Write the tuples as they are, their captions and training lists. Clips have no place."""
        captions: dict[str, dict[str, Captions]] = defaultdict(dict)
        rows: dict[str, list[dict[str, str]]] = {"train": []}
        for one in entries:
            inside = folder / one.category / one.name
            layers = tuple_masters(one)
            for layer, name in variant_names(layers).items():
                copy_entry(layers[layer], inside / name)
            said = one.captions or Captions()
            if one.captions:
                captions[one.category][one.name] = one.captions
            row = training_row(f"{one.category}/{one.name}", said.training_text())
            rows.setdefault(one.split, []).extend([row] * one.repeats)
        for category in {one.category for one in contents.tuples}:
            listed = json_bytes(captions_as_list(captions[category]))
            (folder / f"{category}.json").write_bytes(listed)
        for split, listing in rows.items():
            (folder / training_list_path(split)).write_bytes(json_bytes(listing))


@dataclass(slots=True)
class _TrainingLists:
    """Rows of casper.json and its siblings, by the last two parts of their paths."""

    repeats: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    texts: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, folder: Path, findings: list[Finding]) -> _TrainingLists:
        lists = cls()
        for path in visible(folder):
            if path.suffix == ".json" and path.name.split(".")[0] == "casper":
                split = path.name.removeprefix("casper").removesuffix(".json").strip(".") or "train"
                with Collecting(findings, "list_unreadable", path.name):
                    for row in read_casper(path.read_bytes(), name=path.name):
                        lists._take(row, split, path.name, findings)
        return lists

    def _take(self, row: CasperRow, split: str, where: str, findings: list[Finding]) -> None:
        if row.type != ROW_TYPE:
            message = f"{where} names {row.tail()} as {row.type}, not {ROW_TYPE}"
            findings.append(Finding("row_type", "warning", message, "it is left out", row.tail()))
            return
        self.repeats[row.tail()][split] += row.weight
        self.texts.setdefault(row.tail(), clean_caption(row.text))

    def place(self, one: ReadyTuple, tail: str, findings: list[Finding]) -> ReadyTuple:
        """Return the tuple with the split and the repeats that the lists give it."""
        if not self.repeats:
            return one
        self.used.add(tail)
        splits = self.repeats.get(tail)
        if not splits:
            message = f"{tail} is in no training list"
            hint = "add a row for it; it comes in once, and in no split"
            findings.append(Finding("row_missing", "warning", message, hint, tail))
            return one
        if len(splits) > 1:
            message = f"{tail} is in the lists of {' and '.join(sorted(splits))}"
            hint = "what was trained on cannot be held out; the first is kept"
            findings.append(Finding("split_leak", "error", message, hint, tail))
        split = "train" if "train" in splits else min(splits)
        return replace(one, split=split, repeats=splits[split])

    def leftovers(self) -> Iterator[Finding]:
        """Yield a finding per listed folder that is not there."""
        for tail in sorted(set(self.repeats) - self.used):
            message = f"{tail} is in a training list, but there is no such tuple"
            yield Finding("row_unpaired", "warning", message, "copy the folder too", tail)


def _category(
    folder: Path, category: Path, lists: _TrainingLists, findings: list[Finding]
) -> list[ReadyTuple]:
    """Return the tuples of one category folder. Raises BadInput for a name that is no label."""
    label = category_label(category.name)
    captions: dict[str, Captions] = {}
    for file in read_caption_files([folder / f"{category.name}.json"], findings):
        captions |= file.entries
    found: list[ReadyTuple] = []
    for inside in visible(category):
        where = f"{category.name}/{inside.name}"
        if not inside.is_dir():
            continue
        layers = tuple_layers(inside)
        if not layers:
            message = f"{where} is not a tuple"
            hint = "expected rgb_full.mp4, mask.mp4 and rgb_removed.mp4, or input, trimask and bg"
            findings.append(Finding("not_a_tuple", "note", message, hint, where))
            continue
        findings += _unlike(inside, layers, where)
        said = captions.pop(inside.name, None) or _said_elsewhere(inside, lists.texts.get(where))
        if said is None:
            hint = f"add it to {category.name}.json"
            message = f"{where} has no caption"
            findings.append(Finding("tuple_without_caption", "warning", message, hint, where))
        one = ReadyTuple(label, inside.name, layers, said)
        found.append(lists.place(one, where, findings))
    for name in sorted(captions):
        message = f"{category.name}.json captions {name}, but there is no such tuple"
        where = f"{category.name}/{name}"
        hint = "copy the tuple too, or take the caption out"
        findings.append(Finding("caption_unpaired", "warning", message, hint, where))
    return found


def _unlike(inside: Path, layers: Mapping[str, Path], where: str) -> Iterator[Finding]:
    """Yield what the trainer would stumble over in a tuple's folder."""
    for layer in TUPLE_LAYERS:
        if layer not in layers:
            message = f"{where} has no {layer}"
            yield Finding("missing_stream", "error", message, "render or copy it again", where)
    if (inside / "rgb_full.mp4").is_file() and (inside / "input").is_dir():
        message = f"{where} holds both variants of a tuple; the videos are read"
        hint = "the trainer sorts by the pictures and trains on the videos: keep one of them"
        yield Finding("both_variants", "warning", message, hint, where)


def _said_elsewhere(inside: Path, listed: str | None) -> Captions | None:
    """Return the caption of a training list, or of the caption.txt that ObjectPaste leaves."""
    if listed:
        return Captions(short=listed)
    written = inside / "caption.txt"
    if written.is_file():
        text = clean_caption(written.read_text(encoding="utf-8", errors="replace"))
        if text:
            return Captions(verbose=text)
    return None


def _sources(folder: Path, findings: list[Finding]) -> dict[str, tuple[Source, ...]]:
    """Return the sources of each tuple, when the tree is a bundle that tells them."""
    path = folder / MANIFEST_PATH
    if path.is_file():
        with Collecting(findings, "manifest_unreadable", MANIFEST_PATH):
            manifest = read_manifest(path.read_bytes())
            return {sample.folder: sample.sources for sample in manifest.samples}
    return {}
