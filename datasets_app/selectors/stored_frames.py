"""Which file holds the frames of a stream as they were stored, before any delivery was made."""

from __future__ import annotations

from dataclasses import dataclass

from datasets_app.adapters.blob_location import blob_location
from datasets_app.domain.media.frame_reader import FrameFile, Kind
from datasets_app.domain.media.measured import layer_kind, measure_of
from datasets_app.models import Asset, AssetLayer, Blob, Layer, Mask, Sample, Stream, Video
from datasets_app.selectors.player import player_layers
from matteweb.accounts.models import Project
from matteweb.errors import Conflict, NotFound

_OWNERS: dict[str, tuple[type[Stream], str]] = {
    "video": (Video, "project"),
    "asset": (Asset, "project"),
    "asset_layer": (AssetLayer, "asset__project"),
    "mask": (Mask, "video__project"),
    "layer": (Layer, "sample__project"),
}


@dataclass(frozen=True, slots=True)
class StoredStream:
    """A stream's most faithful file. ``origin`` says which it is: "master", "original" where the
    upload itself is the master, or "delivery" where nothing else was brought in."""

    name: str
    kind: Kind
    blob: Blob
    origin: str
    frames: int

    @property
    def file(self) -> FrameFile:
        """The file on disk. Raises Corrupt when it is gone."""
        return FrameFile(blob_location(self.blob), self.kind)


def stored_stream(project: Project, kind: str, pk: int) -> StoredStream:
    """Return the stream of one object of this project. Raises NotFound for everything else."""
    if kind not in _OWNERS:
        raise NotFound(f"a {kind} has no frames")
    model, owner = _OWNERS[kind]
    row = model._default_manager.filter(**{"pk": pk, owner: project}).first()
    if row is None:
        raise NotFound(f"there is no {kind} {pk} in {project.name}")
    return _stored(row)


def stored_streams_of_sample(sample: Sample) -> list[StoredStream]:
    """Return every layer that the player shows, in the order of its panes."""
    return [_stored(layer) for layer in player_layers(sample)]


def stored_streams_of_video(video: Video) -> list[StoredStream]:
    """Return a video's picture and its masks, as the player shows them."""
    masks = [mask for mask in video.masks.all() if mask.delivery_id is not None]
    return [_stored(video), *(_stored(mask) for mask in masks)]


def stored_streams_of_asset(asset: Asset) -> list[StoredStream]:
    """Return an asset's picture and its alpha, as the player shows them."""
    return [_stored(asset), *(_stored(layer) for layer in asset.layers.all())]


def _stored(row: Stream) -> StoredStream:
    name = str(row)
    kind: Kind = "gray" if isinstance(row, Mask | AssetLayer) else "rgb"
    if isinstance(row, Layer):
        kind = layer_kind(row.name)
    # The original of a mask may be coloured, inverted or larger; its master is what it was read as.
    original = row.original if isinstance(row, Video | Asset) else None
    found = {"master": row.master, "original": original, "delivery": row.delivery}
    for origin, blob in found.items():
        if blob is not None:
            # What a measured layer shows people is a picture like any other.
            pictured = origin != "master" and measure_of(kind) is not None
            shown: Kind = "rgb" if pictured else kind
            return StoredStream(name, shown, blob, origin, row.frames or 0)
    raise Conflict(f"{name} has no frames yet")
