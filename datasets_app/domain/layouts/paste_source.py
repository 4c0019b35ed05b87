"""The source folder of ObjectPaste: videos/, masks/ and a caption file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from datasets_app.domain.captions import Captions, captions_as_dict, captions_as_list, json_bytes
from datasets_app.domain.findings import Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.pairing import match_name
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.checking import mask_misfits
from datasets_app.domain.trees.entries import LayoutContents, ReadyTuple, SourceClip, SourceMask
from datasets_app.domain.trees.footage import footage_stem, is_footage
from datasets_app.domain.trees.mask_names import MaskNames
from datasets_app.domain.trees.reading import read_caption_files, visible
from datasets_app.domain.trees.samples import clip_of_tuple, flat_name, refuses_clip
from datasets_app.domain.trees.writing import write_stream
from matteweb.errors import BadInput

LIST_FILE: Final = "caption.json"
"""The name that the description of the data gives; written in the list form, with all lengths."""

DICT_FILE: Final = "captions.json"
"""The name that the ObjectPaste generator opens; written in the dict form, which it expects."""


class PasteSource(LayoutOf[SourceClip, SourceClip | ReadyTuple]):
    """Videos and masks paired by name, as ObjectPaste takes them."""

    info = PluginInfo(
        slug="paste_source",
        label="ObjectPaste source",
        summary="videos/ and masks/ paired by name, with caption.json or captions.json",
        version=1,
    )
    writes = ("clips", "tuples")

    def recognises(self, folder: Path) -> bool:
        """Whether there is a folder ``videos``."""
        return (folder / "videos").is_dir()

    def read(self, folder: Path) -> LayoutContents:
        """Pair by name; list what has no partner. Raises BadInput without a folder ``videos``."""
        if not self.recognises(folder):
            raise BadInput(f"{folder.name} has no folder videos", hint="expected videos/, masks/")
        findings: list[Finding] = []
        videos = _footage(folder / "videos", findings)
        masks = _masks_of(folder, videos, findings)
        captions = _captions_of(folder, videos, findings)
        clips = [
            SourceClip(name, path, tuple(masks.get(name, ())), captions.get(name))
            for name, path in videos.items()
        ]
        findings += _lonely(clips)
        return LayoutContents(clips=tuple(clips), findings=tuple(findings))

    def faults(
        self, clip: SourceClip, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode: each mask must have the frames and the size of its video."""
        return mask_misfits(clip, limits, should_stop)

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take what has a picture and a mask or an alpha."""
        return refuses_clip(layers)

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[SourceClip | ReadyTuple],
        should_stop: ShouldStop,
    ) -> None:
        """Write the clips, and their captions in both forms. A finished sample becomes a clip."""
        for name in ("videos", "masks"):
            (folder / name).mkdir()
        captions: dict[str, Captions] = {}
        clips = [one.name for one in contents.clips]
        names = MaskNames([*clips, *map(flat_name, contents.tuples)])
        for entry in entries:
            clip = clip_of_tuple(entry) if isinstance(entry, ReadyTuple) else entry
            write_stream(clip.video, folder / "videos", clip.name)
            for mask in clip.masks:
                write_stream(mask.path, folder / "masks", names.name(clip.name, mask.name))
            if clip.captions:
                captions[clip.name] = clip.captions
        (folder / LIST_FILE).write_bytes(json_bytes(captions_as_list(captions)))
        (folder / DICT_FILE).write_bytes(json_bytes(captions_as_dict(captions)))


def _footage(folder: Path, findings: list[Finding]) -> dict[str, Path]:
    """Return name -> path of every clip in ``folder``."""
    found: dict[str, Path] = {}
    for path in visible(folder):
        where = f"{folder.name}/{path.name}"
        if not is_footage(path):
            message = f"{where} is neither a video nor a folder of pictures"
            findings.append(Finding("not_footage", "note", message, "it is left out", where))
            continue
        name = footage_stem(path)
        if name in found:
            message = f"{where} has the same name as {found[name].name}"
            findings.append(Finding("name_twice", "error", message, "rename one of them", where))
            continue
        found[name] = path
    return found


def _masks_of(
    folder: Path, videos: dict[str, Path], findings: list[Finding]
) -> dict[str, list[SourceMask]]:
    found: dict[str, list[SourceMask]] = defaultdict(list)
    if not (folder / "masks").is_dir():
        message = f"{folder.name} has no folder masks"
        hint = "masks can be attached later"
        findings.append(Finding("no_masks", "warning", message, hint, "masks"))
        return found
    for name, path in _footage(folder / "masks", findings).items():
        video = match_name(name, videos)
        if video is None:
            where = f"masks/{path.name}"
            message = f"{where} belongs to no video"
            hint = "give it the name of its video"
            findings.append(Finding("mask_unpaired", "warning", message, hint, where))
        else:
            found[video].append(SourceMask(name, path))
    return found


def _captions_of(
    folder: Path, videos: dict[str, Path], findings: list[Finding]
) -> dict[str, Captions]:
    """Return the caption of each video. Several videos may share one, as they do in the generator,
    which looks it up by the name up to the first "_"."""
    entries: dict[str, Captions] = {}
    for file in read_caption_files([folder / LIST_FILE, folder / DICT_FILE], findings):
        for name, captions in file.entries.items():
            first = entries.setdefault(name, captions)
            if first.full_text() != captions.full_text():
                message = f"{LIST_FILE} and {DICT_FILE} caption {name} differently"
                hint = f"that of {LIST_FILE} is used"
                findings.append(Finding("caption_twice", "warning", message, hint, name))
    found: dict[str, Captions] = {}
    used: set[str] = set()
    for video in videos:
        caption = match_name(video, entries)
        if caption is not None:
            found[video] = entries[caption]
            used.add(caption)
    for name in sorted(set(entries) - used):
        message = f"the caption of {name} belongs to no video"
        hint = "call it like its video, or take it out"
        findings.append(Finding("caption_unpaired", "warning", message, hint, name))
    return found


def _lonely(clips: list[SourceClip]) -> Iterator[Finding]:
    for clip in clips:
        where = f"videos/{clip.video.name}"
        if not clip.masks:
            message = f"{where} has no mask"
            hint = "without one it can only be a background"
            yield Finding("video_without_mask", "warning", message, hint, where)
        if clip.captions is None:
            message = f"{where} has no caption"
            yield Finding("video_without_caption", "warning", message, "caption it later", where)
