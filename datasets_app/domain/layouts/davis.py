"""DAVIS 2016 and 2017: frames and annotations by resolution, lists of sequences per split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import LayoutContents, ReadyTuple, SourceClip
from datasets_app.domain.trees.reading import folders, visible
from datasets_app.domain.trees.samples import refuses_clip
from datasets_app.domain.trees.vos import vos_clip, vos_findings, write_clip
from matteweb.errors import BadInput

FRAMES, ANNOTATIONS, LISTS = "JPEGImages", "Annotations", "ImageSets"
USUAL = "480p"
YEAR = "2017"


class Davis(LayoutOf[SourceClip, SourceClip | ReadyTuple]):
    """Sequences with object numbers."""

    info = PluginInfo(
        slug="davis",
        label="DAVIS",
        summary="JPEGImages/480p/<sequence>/ and Annotations/480p/<sequence>/, ImageSets/",
        version=1,
    )
    writes = ("clips", "tuples")

    def recognises(self, folder: Path) -> bool:
        """Whether the frames lie one level deeper than a sequence: there is a resolution."""
        return any(folders(resolution) for resolution in folders(folder / FRAMES))

    def read(self, folder: Path) -> LayoutContents:
        """List the sequences of one resolution, 480p where there is a choice."""
        if not self.recognises(folder):
            hint = f"expected {FRAMES}/{USUAL}/<sequence>/"
            raise BadInput(f"{folder.name} holds no {FRAMES} by resolution", hint=hint)
        findings: list[Finding] = []
        resolution = _resolution(folder, findings)
        splits = _splits(folder, findings)
        drawn = {path.name: path for path in folders(folder / ANNOTATIONS / resolution)}
        clips: list[SourceClip] = []
        for frames in folders(folder / FRAMES / resolution):
            annotations = drawn.pop(frames.name, None)
            if annotations is None:
                message = f"{FRAMES}/{resolution}/{frames.name} has no annotations"
                hint = "a sequence of a test set has none"
                findings.append(
                    Finding("sequence_unannotated", "warning", message, hint, frames.name)
                )
            split = splits.pop(frames.name, "")
            clips.append(vos_clip(frames, annotations, split=split, findings=findings))
        findings += [_lonely(f"{ANNOTATIONS}/{resolution}/{name}") for name in drawn]
        findings += [_unlisted(name, split) for name, split in splits.items()]
        return LayoutContents(clips=tuple(clips), findings=tuple(findings))

    def faults(
        self, clip: SourceClip, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode: sizes, lengths, object numbers."""
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
        """Write clips, and finished samples as clips, with a list per split."""
        lists: dict[str, list[str]] = {}
        for entry in entries:
            frames, drawn = folder / FRAMES / USUAL, folder / ANNOTATIONS / USUAL
            clip, _ = write_clip(entry, frames, drawn, should_stop=should_stop)
            if clip.split:
                lists.setdefault(clip.split, []).append(clip.name)
        for split, names in lists.items():
            path = folder / LISTS / YEAR / f"{split}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")


def _resolution(folder: Path, findings: list[Finding]) -> str:
    found = [path.name for path in folders(folder / FRAMES) if folders(path)]
    chosen = USUAL if USUAL in found else found[0]
    for other in found:
        if other != chosen:
            message = f"{FRAMES}/{other} shows the same sequences at another size"
            hint = f"{chosen} is brought in"
            findings.append(Finding("other_resolution", "note", message, hint, other))
    return chosen


def _splits(folder: Path, findings: list[Finding]) -> dict[str, str]:
    """Return sequence -> split. A list holds names, or as in 2016 a picture and an annotation per
    line. A sequence in two splits of one year stays where it was named first."""
    found: dict[str, str] = {}
    for year in folders(folder / LISTS):
        for path in visible(year):
            if path.suffix != ".txt" or path.stem == "trainval":
                continue
            with Collecting(findings, "list_unreadable", f"{LISTS}/{year.name}/{path.name}"):
                for name in _names(path):
                    first = found.setdefault(name, path.stem)
                    if first != path.stem:
                        message = f"{name} is in the lists of {first} and {path.stem}"
                        hint = "keep it in one of them"
                        findings.append(Finding("split_leak", "error", message, hint, name))
    return found


def _names(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} cannot be read as text: {error}") from error
    words = [line.split()[0] for line in lines if line.strip()]
    return list(dict.fromkeys(PurePosixPath(w).parent.name if "/" in w else w for w in words))


def _lonely(where: str) -> Finding:
    message = f"{where} has no frames"
    return Finding("annotation_unpaired", "error", message, "copy its frames too", where)


def _unlisted(name: str, split: str) -> Finding:
    message = f"{name} is in the list of {split}, but there is no such sequence"
    return Finding("list_unpaired", "warning", message, "copy its frames too", name)
