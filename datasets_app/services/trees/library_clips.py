"""Videos of the library with their masks, captions and tracks, as entries of a tree."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from datasets_app.domain.captions import Captions
from datasets_app.domain.media.mask_reading import RULE_THRESHOLDS
from datasets_app.domain.media.picture_sources import is_picture_name
from datasets_app.domain.synthesis.sources.pool import DEPTH, GARBAGE
from datasets_app.domain.trees.entries import SourceClip, SourceMask
from datasets_app.models import Annotation, Blob, Mask, Video
from datasets_app.models.mask import MaskKind
from datasets_app.services.blobs import blob_path
from datasets_app.services.sources.annotations import annotation_tracks
from matteweb.errors import BadInput


def stored_footage(blob: Blob | None, filename: str, folder: Path) -> Path:
    """Return a stored file under its own name inside the new ``folder``; what was packed of
    pictures, as a folder of them."""
    if blob is None:
        raise BadInput(f"{filename} was never stored", hint="bring it in again")
    folder.mkdir(parents=True)
    if not filename.lower().endswith(".zip"):
        (folder / filename).symlink_to(blob_path(blob))
        return folder / filename
    inside = folder / Path(filename).stem
    inside.mkdir()
    with zipfile.ZipFile(blob_path(blob)) as archive:
        for entry in archive.infolist():
            if is_picture_name(entry.filename):
                (inside / Path(entry.filename).name).write_bytes(archive.read(entry))
    return inside


def masked_clips(videos: Iterable[Video], work: Path) -> Iterator[SourceClip]:
    """Yield every video with its ready masks and captions, as they came."""
    taken: set[str] = set()
    for video in videos:
        inside = work / str(video.pk)
        captions = {one.length: one.text for one in video.captions.all()}
        yield SourceClip(
            _free_name(video.name, video.pk, taken),
            stored_footage(video.original, video.filename, inside / "video"),
            tuple(
                SourceMask(mask.name, _mask_file(mask, inside / f"mask-{mask.pk}"))
                for mask in _subjects(video)
            ),
            captions=Captions(**captions) if captions else None,
            split=video.split,
        )


def annotated_clips(rows: Iterable[Annotation], work: Path) -> Iterator[SourceClip]:
    """Yield every annotated video with its tracks; of several files of one video each its own."""
    taken: set[str] = set()
    for row in rows:
        video = row.video
        footage = stored_footage(video.original, video.filename, work / str(row.pk))
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


def _mask_file(mask: Mask, folder: Path) -> Path:
    """Return the file as it came, or what was read of it where another reader would not read the
    same: where white is not the object, or a person said where to cut."""
    read = mask.reading
    cut = mask.kind == MaskKind.HARD and read.get("threshold", 0) not in RULE_THRESHOLDS
    if mask.master is not None and (cut or read.get("polarity") == "black"):
        return stored_footage(mask.master, "mask.mkv", folder)
    return stored_footage(mask.original, mask.filename, folder)


def _free_name(name: str, pk: int, taken: set[str]) -> str:
    free = name if name.lower() not in taken else f"{name}-{pk}"
    taken.add(free.lower())
    return free
