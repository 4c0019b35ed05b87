"""What ``<mw-player>`` is told of a video, a sample: its streams, locked on one frame number."""

from __future__ import annotations

from typing import TypedDict

from django.urls import reverse

from datasets_app.adapters.ranged_response import versioned
from datasets_app.models import Layer, Mask, Sample, Stream, Video
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from matteweb.errors import Conflict

LAYER_ORDER = ("rgb_full", "mask", "rgb_removed", "alpha", "fgr")
_NOTES = {
    "rgb_full": "input",
    "rgb_removed": "target",
    "mask": "0 remove · 128 rest · 255 keep",
    "alpha": "soft",
}


class PlayerStream(TypedDict):
    """One pane: ``kind`` is "rgb" or "gray", addresses are relative to the site."""

    name: str
    label: str
    note: str
    kind: str
    url: str
    index_url: str
    width: int
    height: int


class PlayerSource(TypedDict):
    """Everything that the player needs to begin."""

    name: str
    frames: int
    fps: list[int]
    width: int
    height: int
    streams: list[PlayerStream]


def file_url(kind: str, project: str, pk: int, what: str, digest: str | None) -> str:
    """Return the address of one file of a video, asset, mask or layer, "" when it has none."""
    if digest is None:
        return ""
    url = reverse("stream-file", kwargs={"project": project, "kind": kind, "pk": pk, "what": what})
    return versioned(url, digest)


def player_of_sample(sample: Sample, project: str) -> PlayerSource:
    """Return the delivered layers of a rendered sample, in the order of the panes.

    Raises Conflict while the sample is not rendered.
    """
    layers = [layer for layer in sample.layers.all() if layer.delivery_id is not None]
    if not layers:
        raise Conflict(f"{sample.name} is {sample.state}: there is nothing to show yet")
    layers.sort(key=lambda layer: LAYER_ORDER.index(layer.name))
    streams = [_stream(layer, "layer", project, layer.name) for layer in layers]
    return _source(sample.name, layers[0], streams)


def player_of_video(video: Video, project: str) -> PlayerSource:
    """Return a video's picture and its masks. Raises Conflict before it is ready."""
    if video.state != IngestState.READY:
        raise Conflict(f"{video.name} is {video.state}: there is nothing to show yet")
    masks = [mask for mask in video.masks.all() if mask.state == IngestState.READY]
    streams = [_stream(video, "video", project, video.name)]
    streams += [_stream(mask, "mask", project, mask.name) for mask in masks]
    return _source(video.name, video, streams)


def _source(name: str, first: Stream, streams: list[PlayerStream]) -> PlayerSource:
    return PlayerSource(
        name=name,
        frames=first.frames or 0,
        fps=[first.fps_num or 1, first.fps_den or 1],
        width=streams[0]["width"],
        height=streams[0]["height"],
        streams=streams,
    )


def _stream(row: Video | Mask | Layer, kind: str, project: str, name: str) -> PlayerStream:
    width, height = row.width or 0, row.height or 0
    gray = isinstance(row, Mask) or name in {"mask", "alpha"}
    note = MaskKind(row.kind).label if isinstance(row, Mask) else _NOTES.get(name, "")
    return PlayerStream(
        name=name,
        label=name,
        note=note,
        kind="gray" if gray else "rgb",
        url=file_url(kind, project, row.pk, "delivery", row.delivery_id),
        index_url=file_url(kind, project, row.pk, "index", row.frame_index_id),
        width=width - width % 2,
        height=height - height % 2,
    )
