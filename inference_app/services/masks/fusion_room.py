"""How much room on disk a training of fusion takes, told before it begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.picture_file import read_picture_header
from datasets_app.domain.trees.entries import SourceClip
from datasets_app.domain.trees.footage import picture_paths
from datasets_app.models import Video
from inference_app.domain.training.fusion_cases import PAINTED_SIZE
from inference_app.services.masks.mask_evaluations import clips_of_source

_LARGEST_SIDE: Final = Limits().max_side

_STATE_BYTES: Final = 256 * 1024**2
"""Of the network that learns, with its moments."""

_MOTION, _CASES = 1.0, 2.0
"""Bytes per pixel of a frame: of its motion both ways (measured: 0.6 to 0.9), of its cases for each
object (0.3 to 1.3 by the part of the frame that it takes)."""

_PIXELS_PER_BYTE: Final = 50
"""Of a film, which tells its length only to who decodes it."""

_OBJECTS: Final = 3
"""In pictures with numbers of objects, where nothing says how many."""


def fusion_room(source: Mapping[str, Any]) -> int:
    """Return bytes. Raises as `clips_of_source`, and BadInput for a picture that is none."""
    pixels = source["painted"] * (source["every"] + 1) * PAINTED_SIZE.width * PAINTED_SIZE.height
    needed = pixels * (_MOTION + _CASES)
    if "folder" in source:
        for clip in clips_of_source(source):
            needed += _pixels(clip) * (_MOTION + _CASES * _objects(clip))
    objects = Counter(one["video"] for one in source.get("masks", ()))
    for video in Video.objects.filter(pk__in=objects):
        pixels = (video.frames or 0) * (video.width or 0) * (video.height or 0)
        needed += pixels * (_MOTION + _CASES * objects[video.pk])
    return _STATE_BYTES + int(needed)


def _pixels(clip: SourceClip) -> int:
    if files := picture_paths(clip.video):
        size = read_picture_header(files[0], files[0].name, _LARGEST_SIDE).size
        return len(files) * size.width * size.height
    return clip.video.stat().st_size * _PIXELS_PER_BYTE if isinstance(clip.video, Path) else 0


def _objects(clip: SourceClip) -> int:
    if named := sum(len(mask.objects) for mask in clip.masks):
        return named
    files = picture_paths(clip.masks[0].path) if len(clip.masks) == 1 else ()
    if not files:
        return len(clip.masks)
    numbered = read_picture_header(files[0], files[0].name, _LARGEST_SIDE).palette
    return _OBJECTS if numbered else 1
