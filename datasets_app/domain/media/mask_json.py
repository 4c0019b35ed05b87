"""Masks of one video in a JSON file: the form of COCO for videos (YouTube-VIS), and SA-V's.

COCO for videos: {"videos": [{"id", "width", "height", "length"}], "annotations": [{"id",
"video_id", "category_id", "segmentations": [runs or null per frame]}], "categories": [...]}.
SA-V: {"video_width", "video_height", "masklet": [[runs of each object] per annotated frame],
"masklet_id": [...]}; its frames are every fourth of the video.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from datasets_app.domain.captions import json_bytes
from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.mask_rle import decode_rle, encode_rle, rle_size
from matteweb.errors import BadInput

MOST_OBJECTS: Final = 255
MOST_BYTES: Final = 1 << 30
SAV_STEP: Final = 4


@dataclass(frozen=True, slots=True)
class MaskFile:
    """Objects of one video as read; ``runs``: per frame, per object in the order of ``objects``,
    None where it is not. ``step``: every how manieth frame of the video the file speaks of."""

    name: str
    size: FrameSize
    objects: tuple[tuple[int, str], ...]
    runs: tuple[tuple[dict[str, Any] | None, ...], ...]
    step: int

    def frames(self) -> Iterator[GrayFrame]:
        """Yield object numbers per frame, 1 for the first object; a later one covers. Raises
        BadInput, naming frame and object."""
        for frame, found in enumerate(self.runs):
            numbers = np.zeros((self.size.height, self.size.width), np.uint8)
            for place, plain in enumerate(found):
                if plain is not None:
                    where = f"object {self.objects[place][0]} on frame {frame} of {self.name}"
                    if rle_size(plain, where=where) != self.size:
                        raise BadInput(f"{where} has another size than {self.size}")
                    numbers[decode_rle(plain, where=where) > 0] = place + 1
            yield numbers


def read_mask_json(path: Path, *, name: str = "") -> MaskFile:
    """Read a file of either form. Raises BadInput with what it lacks."""
    name = name or path.name
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{name} is larger than {MOST_BYTES >> 20} MiB")
    try:
        plain = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name} is not JSON: {error}") from error
    try:
        if isinstance(plain, dict) and "masklet" in plain:
            return _sav(plain, name)
        if isinstance(plain, dict) and "annotations" in plain:
            return _coco(plain, name)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"{name} lacks something: {error!r}", hint="export it again") from error
    raise BadInput(
        f"{name} holds no masks that are known here",
        hint="COCO with segmentations per frame (YouTube-VIS), or SA-V with masklet",
    )


def coco_bytes(frames: Iterable[GrayFrame], *, name: str, labels: Sequence[str] = ()) -> bytes:
    """Return the COCO form of a mask of object numbers; ``labels`` name objects 1, 2, ...

    Memory: the runs of all frames. Objects that never occur have no annotation.
    """
    runs: dict[int, dict[int, dict[str, Any]]] = {}
    length, size = 0, (0, 0)
    for frame, numbers in enumerate(frames):
        length, size = frame + 1, (int(numbers.shape[0]), int(numbers.shape[1]))
        for number in np.flatnonzero(np.bincount(numbers.ravel(), minlength=256)[1:]) + 1:
            runs.setdefault(int(number), {})[frame] = encode_rle(
                (numbers == number).astype(np.uint8)
            )
    named = {number: labels[number - 1] if number <= len(labels) else "" for number in runs}
    categories = sorted({label or "object" for label in named.values()})
    video = {"id": 1, "file_names": [], "name": name, "length": length}
    annotations = [
        {
            "id": number,
            "video_id": 1,
            "category_id": categories.index(named[number] or "object") + 1,
            "iscrowd": 0,
            "segmentations": [runs[number].get(frame) for frame in range(length)],
        }
        for number in sorted(runs)
    ]
    return json_bytes(
        {
            "videos": [video | {"height": size[0], "width": size[1]}],
            "annotations": annotations,
            "categories": [
                {"id": place, "name": label} for place, label in enumerate(categories, 1)
            ],
        }
    )


def _coco(plain: dict[str, Any], name: str) -> MaskFile:
    videos = plain["videos"]
    if len(videos) != 1:
        raise BadInput(f"{name} holds {len(videos)} videos", hint="attach one file per video")
    video = videos[0]
    length = int(video["length"])
    names = {one["id"]: str(one.get("name", "")) for one in plain.get("categories", [])}
    rows = sorted(plain["annotations"], key=lambda one: int(one["id"]))
    objects = tuple((int(one["id"]), names.get(one.get("category_id"), "")) for one in rows)
    for one in rows:
        if len(one["segmentations"]) != length:
            raise BadInput(
                f"object {one['id']} of {name} has {len(one['segmentations'])} frames, "
                f"its video {length}"
            )
    return _file(
        name,
        FrameSize(int(video["width"]), int(video["height"])),
        objects,
        [[one["segmentations"][frame] for one in rows] for frame in range(length)],
        1,
    )


def _sav(plain: dict[str, Any], name: str) -> MaskFile:
    masklets = plain["masklet"]
    widest = max((len(found) for found in masklets), default=0)
    ids = plain.get("masklet_id") or list(range(widest))
    objects = tuple((int(number), "") for number in ids[:widest])
    rows = [[*found, *[None] * (widest - len(found))] for found in masklets]
    first = next((one for found in rows for one in found if one), None)
    if first is None:
        raise BadInput(f"{name} has no masklet")
    size = rle_size(first, where=name)
    return _file(name, size, objects, rows, SAV_STEP)


def _file(
    name: str,
    size: FrameSize,
    objects: tuple[tuple[int, str], ...],
    rows: list[list[dict[str, Any] | None]],
    step: int,
) -> MaskFile:
    if len(objects) > MOST_OBJECTS:
        raise BadInput(f"{name} has {len(objects)} objects, more than {MOST_OBJECTS}")
    if not rows or not objects:
        raise BadInput(f"{name} holds no mask", hint="export it again")
    return MaskFile(name, size, objects, tuple(tuple(found) for found in rows), step)
