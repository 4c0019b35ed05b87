"""Videos of the library with their masks, captions and tracks, as entries of a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from datasets_app.domain.captions import Captions
from datasets_app.domain.synthesis.sources.pool import DEPTH, GARBAGE
from datasets_app.domain.trees.entries import SourceClip, SourceMask
from datasets_app.models import Annotation, Mask, Video
from datasets_app.models.mask import MaskKind
from datasets_app.services.sources.annotations import annotation_tracks
from datasets_app.services.trees.stored_files import StoredFiles


def masked_clips(videos: Iterable[Video], work: Path, files: StoredFiles) -> Iterator[SourceClip]:
    """Yield every video with its ready masks and captions, as they came."""
    taken: set[str] = set()
    for video in videos:
        inside = work / str(video.pk)
        captions = {one.length: one.text for one in video.captions.all()}
        yield SourceClip(
            _free_name(video.name, video.pk, taken),
            files.lay(video.original, video.filename, inside / "video"),
            tuple(
                SourceMask(mask.name, _mask_file(mask, inside / f"mask-{mask.pk}", files))
                for mask in _subjects(video)
            ),
            captions=Captions(**captions) if captions else None,
            split=video.split,
        )


def annotated_clips(
    rows: Iterable[Annotation], work: Path, files: StoredFiles
) -> Iterator[SourceClip]:
    """Yield every annotated video with its tracks; of several files of one video each its own."""
    taken: set[str] = set()
    for row in rows:
        video = row.video
        footage = files.lay(video.original, video.filename, work / str(row.pk))
        name = _free_name(video.name, row.pk, taken)
        yield SourceClip(name, footage, tracks=annotation_tracks(row))


def _subjects(video: Video) -> list[Mask]:
    """Return the masks that stand for objects, each file once: one of object numbers stands for
    all that was read out of it, and for the others too, which have no number in it."""
    masks = [
        mask
        for mask in video.masks.all()
        if mask.reading.get("object") is None
        and mask.name.casefold().split(" ")[0] not in (DEPTH, GARBAGE)
    ]
    numbered = [mask for mask in masks if mask.kind == MaskKind.INDEX]
    return numbered[:1] or masks


def _mask_file(mask: Mask, folder: Path, files: StoredFiles) -> Path:
    """Return the file as it came, or what was read of it where another reader would not read the
    same: where white is not the object, or somebody said how to read it, or may have. Object
    numbers are read alike everywhere."""
    read = mask.reading
    own = mask.kind != MaskKind.INDEX and (
        read.get("chosen", True) or read.get("polarity") == "black"
    )
    if mask.master is not None and own:
        return files.lay(mask.master, "mask.mkv", folder)
    return files.lay(mask.original, mask.filename, folder)


def _free_name(name: str, pk: int, taken: set[str]) -> str:
    free = name if name.lower() not in taken else f"{name}-{pk}"
    taken.add(free.lower())
    return free
