"""YouTube-VOS: per split a folder of frames, a folder of annotations, and meta.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from datasets_app.domain.captions import json_bytes
from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.picture_sources import is_picture_name
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import LayoutContents, MaskObject, ReadyTuple, SourceClip
from datasets_app.domain.trees.reading import folders, visible
from datasets_app.domain.trees.samples import refuses_clip
from datasets_app.domain.trees.vos import vos_clip, vos_findings, write_clip
from matteweb.errors import BadInput

FRAMES, ANNOTATIONS, META = "JPEGImages", "Annotations", "meta.json"
USUAL_SPLIT = "train"


class YoutubeVos(LayoutOf[SourceClip, SourceClip | ReadyTuple]):
    """Videos with object numbers and what each object is."""

    info = PluginInfo(
        slug="youtube_vos",
        label="YouTube-VOS",
        summary="<split>/JPEGImages/<video>/ and Annotations/<video>/ with meta.json",
        version=1,
    )
    writes = ("clips", "tuples")

    def recognises(self, folder: Path) -> bool:
        """Whether frames of a video lie directly under JPEGImages, here or in a split."""
        return any(_has_frames(split) for split in _splits(folder))

    def read(self, folder: Path) -> LayoutContents:
        """List the videos of every split with their objects."""
        if not self.recognises(folder):
            hint = f"expected <split>/{FRAMES}/<video>/"
            raise BadInput(f"{folder.name} holds no {FRAMES} with videos in it", hint=hint)
        findings: list[Finding] = []
        clips: list[SourceClip] = []
        for split in _splits(folder):
            name = USUAL_SPLIT if split == folder else split.name
            if (split / FRAMES).is_dir() or (split / ANNOTATIONS).is_dir():
                found = _clips(split, name, findings)
                # A folder that is a split itself does not say which.
                clips += found if split != folder else [replace(one, split="") for one in found]
        return LayoutContents(clips=tuple(clips), findings=tuple(findings))

    def faults(
        self, clip: SourceClip, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode: sizes, lengths, and objects against meta.json."""
        return vos_findings(clip, limits, should_stop)

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take what has a picture and a mask, an alpha or instances."""
        return refuses_clip(layers)

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[SourceClip | ReadyTuple],
        should_stop: ShouldStop,
    ) -> None:
        """Write clips, and finished samples as clips; objects without a name are "object"."""
        meta: dict[str, dict[str, Any]] = {}
        for entry in entries:
            split = entry.split or USUAL_SPLIT
            frames, drawn = folder / split / FRAMES, folder / split / ANNOTATIONS
            clip, seen = write_clip(entry, frames, drawn, should_stop=should_stop)
            known = clip.masks[0].objects if clip.masks else ()
            objects = known or tuple(
                MaskObject(number, "object", tuple(stems)) for number, stems in seen.items()
            )
            if clip.masks:
                meta.setdefault(split, {})[clip.name] = {"objects": _as_json(objects)}
        for split, videos in meta.items():
            (folder / split / META).write_bytes(json_bytes({"videos": videos}))


def _splits(folder: Path) -> list[Path]:
    return [folder] if (folder / FRAMES).is_dir() else folders(folder)


def _has_frames(split: Path) -> bool:
    return any(
        any(is_picture_name(path.name) for path in visible(video))
        for video in folders(split / FRAMES)[:3]
    )


def _clips(split: Path, name: str, findings: list[Finding]) -> list[SourceClip]:
    meta = _meta(split, findings)
    drawn = {path.name: path for path in folders(split / ANNOTATIONS)}
    found: list[SourceClip] = []
    for frames in folders(split / FRAMES):
        annotations = drawn.pop(frames.name, None)
        objects: tuple[MaskObject, ...] = ()
        if annotations is None:
            message = f"{name}/{FRAMES}/{frames.name} has no annotations"
            hint = "a video of a test set has none"
            findings.append(Finding("video_unannotated", "warning", message, hint, frames.name))
        if meta is not None:
            objects = meta.pop(frames.name, ())
            if not objects and annotations is not None:
                message = f"{META} of {name} does not name {frames.name}"
                hint = "its objects have numbers and no names"
                findings.append(Finding("meta_missing", "warning", message, hint, frames.name))
        found.append(vos_clip(frames, annotations, split=name, objects=objects, findings=findings))
    for left in drawn:
        message = f"{name}/{ANNOTATIONS}/{left} has no frames"
        findings.append(
            Finding("annotation_unpaired", "error", message, "copy its frames too", left)
        )
    for left in meta or ():
        message = f"{META} of {name} names {left}, but there is no such video"
        findings.append(Finding("meta_unpaired", "warning", message, "copy it too", left))
    return found


def _meta(split: Path, findings: list[Finding]) -> dict[str, tuple[MaskObject, ...]] | None:
    path = split / META
    if not path.is_file():
        return None
    with Collecting(findings, "meta_unreadable", f"{split.name}/{META}"):
        try:
            videos = json.loads(path.read_bytes())["videos"]
            return {name: _objects(entry["objects"]) for name, entry in videos.items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadInput(
                f"{META} of {split.name} cannot be read: {error!r}",
                hint='expected {"videos": {name: {"objects": {"1": {"category": ...}}}}}',
            ) from error
    return None


def _objects(listed: Mapping[str, Mapping[str, Any]]) -> tuple[MaskObject, ...]:
    return tuple(
        MaskObject(
            int(number), str(one.get("category", "")), tuple(map(str, one.get("frames", ())))
        )
        for number, one in sorted(listed.items(), key=lambda pair: int(pair[0]))
    )


def _as_json(objects: tuple[MaskObject, ...]) -> dict[str, dict[str, Any]]:
    return {str(one.number): {"category": one.label, "frames": list(one.frames)} for one in objects}
