"""MVTec AD style: per class good pictures to train on, good and faulty ones to test on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from datasets_app.domain.captions import json_bytes
from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import frame_size
from datasets_app.domain.media.picture_file import read_picture_gray, read_picture_rgb
from datasets_app.domain.media.picture_sources import is_picture_name
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import LabelledPicture, LayoutContents, entry_place
from datasets_app.domain.trees.portable import portable_file
from datasets_app.domain.trees.reading import folders, visible
from datasets_app.domain.trees.writing import copy_entry, write_frames
from matteweb.errors import BadInput

TRAIN, TEST, VALIDATE, TRUTH = "train", "test", "validate", "ground_truth"
SPLITS: Final = (TRAIN, VALIDATE, TEST)
GOOD: Final = "good"
MASK_MARK: Final = "_mask"
NAMES: Final = "names.json"
"""Beside the classes: path -> {"name": the name that the picture came with, and where it was cut
from}. Other readers of the tree do not look at it."""


class MvtecAd(LayoutOf[LabelledPicture, LabelledPicture]):
    """Image sets of classes with labels of faults."""

    info = PluginInfo(
        slug="mvtec_ad",
        label="MVTec AD",
        summary="<class>/train/good/, <class>/test/<label>/, ground_truth/<label>/",
        version=1,
    )
    writes = ("pictures",)

    def recognises(self, folder: Path) -> bool:
        """Whether a class, or ``folder`` as one, has train/good or test/<label>."""
        return any(_is_class(entry) for entry in [folder, *folders(folder)])

    def read(self, folder: Path) -> LayoutContents:
        """List the pictures of every class, split and label. Any name and picture is taken."""
        if not self.recognises(folder):
            hint = f"expected <class>/{TRAIN}/{GOOD}/ and <class>/{TEST}/<label>/"
            raise BadInput(f"{folder.name} holds no class of pictures", hint=hint)
        findings: list[Finding] = []
        told = _told_names(folder, findings)
        classes = [folder] if _is_class(folder) else [c for c in folders(folder) if _is_class(c)]
        found: list[LabelledPicture] = []
        for one in classes:
            pictures = list(_pictures(one, folder, told, findings))
            findings += _rules(one.name, pictures)
            found += pictures
        found.sort(key=lambda one: (one.image_set, one.split, one.label, one.name))
        return LayoutContents(pictures=tuple(found), findings=tuple(findings))

    def faults(
        self, one: LabelledPicture, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode every picture and mask."""
        return _misfits(one, limits)

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take no finished samples: their categories are no labels of faults."""
        return "it holds labelled pictures, not samples"

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[LabelledPicture],
        should_stop: ShouldStop,
    ) -> None:
        """Write the pictures byte for byte under names that every system takes; names that had to
        change, and where pictures were cut from, stand in ``names.json``."""
        taken: set[str] = set()
        told: dict[str, dict[str, str]] = {}
        for one in entries:
            inside = folder / one.image_set / one.split / one.label
            place = portable_file(one.name, (inside.as_posix(), taken))
            copy_entry(one.picture, inside / place)
            if one.mask is not None:
                target = folder / one.image_set / TRUTH / one.label
                mask = target / f"{Path(place).stem}{MASK_MARK}.png"
                write_frames(one.mask, [mask], "gray")
            kept = {"name": one.name} if place != one.name else {}
            if kept | dict(one.origin):
                told[(inside / place).relative_to(folder).as_posix()] = kept | dict(one.origin)
        if told:
            (folder / NAMES).write_bytes(json_bytes(told))


def _is_class(folder: Path) -> bool:
    labels = [folder / TRAIN / GOOD, *folders(folder / TEST)]
    return any(
        is_picture_name(path.name) for label in labels if label.is_dir() for path in visible(label)
    )


def _told_names(folder: Path, findings: list[Finding]) -> dict[str, dict[str, str]]:
    path = folder / NAMES
    if not path.is_file():
        return {}
    with Collecting(findings, "names_unreadable", NAMES):
        try:
            listed = json.loads(path.read_bytes())
            return {
                place: {str(key): str(value) for key, value in facts.items()}
                for place, facts in listed.items()
            }
        except (ValueError, AttributeError, RecursionError) as error:
            raise BadInput(
                f"{NAMES} says no names of pictures by their paths",
                hint="remove it: the files' names are used",
            ) from error
    return {}


def _pictures(
    one: Path, root: Path, told: Mapping[str, Mapping[str, str]], findings: list[Finding]
) -> Iterator[LabelledPicture]:
    masks = {
        (label.name, path.stem.removesuffix(MASK_MARK)): path
        for label in folders(one / TRUTH)
        for path in visible(label)
        if is_picture_name(path.name)
    }
    for split in folders(one):
        if split.name == TRUTH:
            continue
        if split.name not in SPLITS:
            message = f"{one.name}/{split.name} is no split"
            hint = f"expected {', '.join(SPLITS)} and {TRUTH}"
            findings.append(Finding("split_unknown", "warning", message, hint, split.name))
            continue
        for label in folders(split):
            for path in visible(label):
                if not is_picture_name(path.name):
                    place = f"{one.name}/{split.name}/{label.name}/{path.name}"
                    message = f"{place} is no picture"
                    findings.append(
                        Finding("not_a_picture", "note", message, "it is left out", place)
                    )
                    continue
                facts = dict(told.get(path.relative_to(root).as_posix(), {}))
                yield LabelledPicture(
                    one.name,
                    split.name,
                    label.name,
                    facts.pop("name", path.name),
                    path,
                    masks.pop((label.name, path.stem), None) if split.name == TEST else None,
                    facts,
                )
    for (name, stem), path in masks.items():
        place = f"{one.name}/{TRUTH}/{name}/{path.name}"
        message = f"{place} belongs to no picture {TEST}/{name}/{stem}"
        findings.append(Finding("mask_unpaired", "warning", message, "copy the picture", place))


def _rules(name: str, pictures: Sequence[LabelledPicture]) -> Iterator[Finding]:
    """Yield what a defect model trained on this class would stumble over."""
    labels = Counter((one.split, one.label) for one in pictures)
    for split, label in labels:
        if split == TRAIN and label != GOOD:
            message = f"{name}/{TRAIN} has {label}: only good pictures are trained on"
            yield Finding("train_faulty", "error", message, f"move them to {TEST}/{label}", name)
    if not labels[TRAIN, GOOD]:
        message = f"{name}/{TRAIN}/{GOOD} has no pictures"
        yield Finding("train_empty", "error", message, "there is nothing to train on", name)
    if not labels[TEST, GOOD]:
        message = f"{name}/{TEST}/{GOOD} has no pictures"
        yield Finding("test_good_empty", "warning", message, "a test needs both sides", name)
    if not any(split == TEST and label != GOOD for split, label in labels):
        message = f"{name}/{TEST} has no faulty pictures"
        yield Finding("test_faulty_empty", "warning", message, "a test needs both sides", name)
    yield from _leaks(name, pictures)


def _leaks(name: str, pictures: Iterable[LabelledPicture]) -> Iterator[Finding]:
    """Yield tracks of a video whose pictures are in several splits: neighbouring frames are all but
    the same picture."""
    home: dict[tuple[str, str], str] = {}
    told: set[tuple[str, str]] = set()
    for one in pictures:
        key = (one.origin.get("video", ""), one.origin.get("track", ""))
        if not any(key):
            continue
        first = home.setdefault(key, one.split)
        if first != one.split and key not in told:
            told.add(key)
            message = f"{name}: track {key[1]} of {key[0]} is in {first} and in {one.split}"
            yield Finding("split_leak", "error", message, "split by track, never by frame", name)


def _misfits(one: LabelledPicture, limits: Limits) -> Iterator[Finding]:
    size = frame_size(read_picture_rgb(one.picture, one.name, limits.max_side))
    if one.mask is None:
        return
    mask = read_picture_gray(one.mask, one.mask.name, limits.max_side)
    where = entry_place(one)
    if frame_size(mask) != size:
        message = f"the mask of {where} is {frame_size(mask)}, the picture is {size}"
        yield Finding("mask_size", "error", message, "make it at the picture's size", where)
    elif not mask.any():
        message = f"the mask of {where} is empty"
        yield Finding("mask_empty", "warning", message, "draw the fault, or remove it", where)
