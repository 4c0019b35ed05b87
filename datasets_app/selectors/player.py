"""What ``<mw-player>`` is told of a video, a sample: its streams, locked on one frame number."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NotRequired, TypedDict

from django.urls import reverse

from datasets_app.adapters.blob_location import blob_location
from datasets_app.adapters.ranged_response import versioned
from datasets_app.domain.bundles.layer_kinds import is_gray
from datasets_app.domain.synthesis.sources.pool import DEPTH_NAME
from datasets_app.models import Asset, AssetLayer, Layer, Mask, Sample, Stream, Video
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from datasets_app.selectors.assets import assets_of
from datasets_app.selectors.footage import videos_of
from matteweb.accounts.models import Project
from matteweb.errors import Conflict

LAYER_ORDER = (
    *("rgb_full", "rgb_removed", "mask", "alpha", "fgr", "bgr"),
    *("rgb_defocus", "effect", "shadow", "rgb_reflection", "instances", "depth"),
)
_NOTES = {
    "rgb_full": "input",
    "rgb_removed": "target",
    "mask": "0 remove · 128 rest · 255 keep",
    "alpha": "soft",
    "fgr": "the object's own colour",
    "bgr": "what lies behind",
    "effect": "shadow, reflection",
    "shadow": "light that is taken away",
    "rgb_reflection": "light that is added",
    "rgb_defocus": "the same through a lens",
    "instances": "number of the object",
    "distance": "near is bright",
    "normals": "x, y, up as colours",
    "flow_forward": "hue is the direction",
    "flow_backward": "hue is the direction",
}
# A longer index is fetched by itself, so that what the player asks first stays small.
_INLINE_BYTES = 128 * 1024
# Of one kind; whoever does not see what he wants types more of its name.
_FOUND = 20


class PlayerStream(TypedDict):
    """One pane: ``kind`` is "rgb" or "gray", addresses are relative to the site.

    ``exact_url`` answers with a stored frame as PNG, its number in the place of ``{frame}``.
    ``index`` is what ``index_url`` answers, when it is short.
    """

    name: str
    label: str
    note: str
    kind: str
    url: str
    index_url: str
    index: NotRequired[object]
    exact_url: str
    width: int
    height: int


class PlayerSource(TypedDict):
    """Everything that the player needs to begin. ``values_url`` answers what every layer has stored
    at ``?frame=&x=&y=``, ``quality`` what was measured, ``footage_url`` what may lie behind an
    object."""

    name: str
    frames: int
    fps: list[int]
    width: int
    height: int
    values_url: str
    quality: str
    footage_url: str
    streams: list[PlayerStream]


class FootageChoice(TypedDict):
    """A video or asset to lie behind an object; no two labels are alike. ``player`` is the address
    of its streams."""

    label: str
    player: str


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
    layers = player_layers(sample)
    streams = [_stream(layer, "layer", project, layer.name) for layer in layers]
    values = reverse("sample-values", kwargs={"project": project, "pk": sample.pk})
    quality = reverse("api-sample-quality", kwargs={"project": project, "pk": sample.pk})
    return _source(project, sample.name, layers[0], streams, values, quality)


def player_layers(sample: Sample) -> list[Layer]:
    """Return the layers that are shown, in the order of the panes. Raises Conflict without any."""
    layers = [layer for layer in sample.layers.all() if layer.delivery_id is not None]
    if not layers:
        raise Conflict(f"{sample.name} is {sample.state}: there is nothing to show yet")
    known = {name: place for place, name in enumerate(LAYER_ORDER)}
    return sorted(layers, key=lambda layer: (known.get(layer.name, len(known)), layer.name))


def player_of_video(video: Video, project: str) -> PlayerSource:
    """Return a video's picture and its masks. Raises Conflict before it is ready."""
    if video.state != IngestState.READY:
        raise Conflict(f"{video.name} is {video.state}: there is nothing to show yet")
    masks = [mask for mask in video.masks.all() if mask.state == IngestState.READY]
    streams = [_stream(video, "video", project, video.name)]
    streams += [_stream(mask, "mask", project, mask.name) for mask in masks]
    values = reverse("video-values", kwargs={"project": project, "pk": video.pk})
    quality = reverse("api-video-quality", kwargs={"project": project, "pk": video.pk})
    return _source(project, video.name, video, streams, values, quality)


def player_of_asset(asset: Asset, project: str) -> PlayerSource:
    """Return an asset's picture and its alpha. Raises Conflict before it is ready."""
    if asset.state != IngestState.READY:
        raise Conflict(f"{asset.name} is {asset.state}: there is nothing to show yet")
    streams = [_stream(asset, "asset", project, asset.name)]
    streams += [_stream(one, "asset_layer", project, one.name) for one in asset.layers.all()]
    values = reverse("asset-values", kwargs={"project": project, "pk": asset.pk})
    return _source(project, asset.name, asset, streams, values, "")


def footage_named(project: Project, words: str) -> list[FootageChoice]:
    """Return the newest videos and assets without a subject of their own that can be shown and have
    ``words`` in their name, at most 20 of each. Two queries."""
    behind = (Asset.Kind.STILL, Asset.Kind.BACKGROUND_CLIP)
    rows: list[Video | Asset] = [
        *videos_of(project).filter(**_shown(words)).prefetch_related(None)[:_FOUND],
        *assets_of(project)
        .filter(**_shown(words), kind__in=behind)
        .prefetch_related(None)[:_FOUND],
    ]
    names = Counter(row.name for row in rows)
    return [
        FootageChoice(
            label=row.name if names[row.name] == 1 else f"{row.name} ({row.noun} {row.pk})",
            player=reverse(
                "video-player" if isinstance(row, Video) else "asset-player",
                kwargs={"project": project.slug, "pk": row.pk},
            ),
        )
        for row in rows
    ]


def _shown(words: str) -> dict[str, Any]:
    return {"state": IngestState.READY, "withdrawn_at": None, "name__icontains": words}


def _source(
    project: str,
    name: str,
    first: Stream,
    streams: list[PlayerStream],
    values_url: str,
    quality: str,
) -> PlayerSource:
    return PlayerSource(
        name=name,
        frames=first.frames or 0,
        fps=[first.fps_num or 1, first.fps_den or 1],
        width=streams[0]["width"],
        height=streams[0]["height"],
        values_url=values_url,
        quality=quality,
        footage_url=reverse("footage", kwargs={"project": project}),
        streams=streams,
    )


def _stream(
    row: Video | Asset | Mask | Layer | AssetLayer, kind: str, project: str, name: str
) -> PlayerStream:
    width, height = row.width or 0, row.height or 0
    gray = isinstance(row, Mask | AssetLayer) or (isinstance(row, Layer) and is_gray(name))
    stream = PlayerStream(
        name=name,
        label=name,
        note=_note(row, name),
        kind="gray" if gray else "rgb",
        url=file_url(kind, project, row.pk, "delivery", row.delivery_id),
        index_url=file_url(kind, project, row.pk, "index", row.frame_index_id),
        exact_url=_exact_url(row, kind, project),
        width=width - width % 2,
        height=height - height % 2,
    )
    if row.frame_index is not None and row.frame_index.size <= _INLINE_BYTES:
        stream["index"] = json.loads(blob_location(row.frame_index).read_bytes())
    return stream


def _note(row: Video | Asset | Mask | Layer | AssetLayer, name: str) -> str:
    """Return in a few words what the values of a layer mean."""
    if not isinstance(row, Mask):
        return _NOTES.get(name, "")
    return _NOTES["distance"] if DEPTH_NAME.fullmatch(name) else MaskKind(row.kind).label


def _exact_url(row: Stream, kind: str, project: str) -> str:
    """Return the address of a frame with its number still to be put in."""
    path = {"project": project, "kind": kind, "pk": row.pk, "frame": 0}
    url = reverse("stored-frame", kwargs=path).removesuffix("0.png") + "{frame}.png"
    return versioned(url, row.master_id or row.delivery_id or "")
