"""Videos with what was drawn on them in CVAT: ``1.avi`` beside ``1.xml``, or CVAT's own export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from datasets_app.domain.annotation.checking import drawn_findings, misplaced_findings
from datasets_app.domain.annotation.cvat_xml import read_cvat, write_cvat
from datasets_app.domain.annotation.tracks import Tracks
from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import LayoutContents, SourceClip
from datasets_app.domain.trees.footage import decode_footage, footage_stem, is_footage
from datasets_app.domain.trees.reading import visible
from datasets_app.domain.trees.writing import write_stream
from matteweb.errors import BadInput

VIDEOS, ANNOTATIONS, OWN_EXPORT, FRAMES = "videos", "annotations", "annotations.xml", "images"
_HEAD_BYTES: Final = 4096


class CvatVideo(LayoutOf[SourceClip, SourceClip]):
    """Boxes, polygons and masks that follow things through a video."""

    info = PluginInfo(
        slug="cvat_video",
        label="CVAT for video",
        summary="<name>.avi and <name>.xml, or annotations.xml with images/",
        version=1,
    )
    writes = ("clips",)

    def recognises(self, folder: Path) -> bool:
        """Whether there is an XML file of annotations."""
        return any(_is_annotation(path) for path in _files(folder, ANNOTATIONS))

    def read(self, folder: Path) -> LayoutContents:
        """Pair videos and XML by stem; what has no partner on either side is listed."""
        if not self.recognises(folder):
            hint = 'expected 1.avi and 1.xml, exported as "CVAT for video 1.1"'
            raise BadInput(f"{folder.name} holds no annotations of CVAT", hint=hint)
        findings: list[Finding] = []
        drawn = {p.stem: p for p in _files(folder, ANNOTATIONS) if p.suffix.lower() == ".xml"}
        videos: dict[str, Path] = {}
        for path in _files(folder, VIDEOS):
            if is_footage(path) and path.name not in (VIDEOS, ANNOTATIONS):
                stem = footage_stem(path)
                if stem in videos:
                    message = f"{path.name} has the same name as {videos[stem].name}"
                    findings.append(
                        Finding("name_twice", "error", message, "rename one of them", path.name)
                    )
                    continue
                videos[stem] = path
        _join_own_export(folder, drawn, videos)
        clips = [
            _clip(stem, video, drawn.pop(stem, None), findings) for stem, video in videos.items()
        ]
        for left in drawn.values():
            message = f"{left.name} belongs to no video"
            hint = f"put {left.stem}.avi, .mp4 or another video beside it"
            findings.append(Finding("annotation_unpaired", "error", message, hint, left.name))
        return LayoutContents(clips=tuple(clips), findings=tuple(findings))

    def faults(
        self, clip: SourceClip, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode the videos: no shape may lie beyond their end or beside their frame."""
        return _misplaced(clip, limits, should_stop)

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take no finished samples: they have masks, and no tracks."""
        return "it holds tracks of shapes, not masks"

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[SourceClip],
        should_stop: ShouldStop,
    ) -> None:
        """Write videos as they are, and an XML file for each that has tracks."""
        (folder / ANNOTATIONS).mkdir()
        for clip in entries:
            write_stream(clip.video, folder / VIDEOS, clip.name)
            if clip.tracks is not None:
                path = folder / ANNOTATIONS / f"{clip.name}.xml"
                path.write_bytes(write_cvat(clip.tracks))


def _files(folder: Path, inside: str) -> list[Path]:
    """Return the entries of ``folder`` and of its folder ``inside``."""
    below = folder / inside
    return [*visible(folder), *(visible(below) if below.is_dir() else ())]


def _is_annotation(path: Path) -> bool:
    if path.suffix.lower() != ".xml" or not path.is_file():
        return False
    with path.open("rb") as file:
        return b"<annotations" in file.read(_HEAD_BYTES)


def _join_own_export(folder: Path, drawn: dict[str, Path], videos: dict[str, Path]) -> None:
    """CVAT's own export has one file of annotations, and the frames in a folder images."""
    own = folder / OWN_EXPORT
    if own.stem in drawn and own.stem not in videos:
        whole = [name for name in videos if name not in drawn]
        if len(whole) == 1:
            drawn[whole[0]] = drawn.pop(own.stem)


def _clip(stem: str, video: Path, drawn: Path | None, findings: list[Finding]) -> SourceClip:
    if drawn is None:
        message = f"{video.name} has no annotations"
        hint = f"put {stem}.xml beside it, or annotate it later"
        findings.append(Finding("video_unpaired", "warning", message, hint, video.name))
        return SourceClip(stem, video)
    tracks: Tracks | None = None
    read: list[Finding] = []
    with Collecting(read, "annotation_unreadable", drawn.name):
        tracks = read_cvat(drawn, read)
    findings += read
    if tracks is not None:
        findings += drawn_findings(tracks, drawn.name)
    return SourceClip(stem, video, tracks=tracks, findings=tuple(read))


def _misplaced(clip: SourceClip, limits: Limits, should_stop: ShouldStop) -> list[Finding]:
    measure = decode_footage(clip.video, limits, should_stop)
    if clip.tracks is None:
        return []
    where = f"{clip.name}.xml"
    return list(misplaced_findings(clip.tracks, where, frames=measure.frames, size=measure.size))
