"""From an object's address to the blob behind it; never from a digest alone."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model

from datasets_app.models import Asset, AssetLayer, Blob, Layer, Mask, Video
from matteweb.accounts.models import Project
from matteweb.errors import NotFound

_OWNERS: dict[str, tuple[type[Model], str]] = {
    "video": (Video, "project"),
    "asset": (Asset, "project"),
    "asset_layer": (AssetLayer, "asset__project"),
    "mask": (Mask, "video__project"),
    "layer": (Layer, "sample__project"),
}
_COLUMNS = {
    "delivery": ("delivery", "video/mp4"),
    "index": ("frame_index", "application/json"),
    "poster": ("poster", "image/webp"),
    "filmstrip": ("filmstrip", "image/webp"),
    "master": ("master", "video/x-matroska"),
    "original": ("original", "application/octet-stream"),
}
DOWNLOADS = frozenset({"master", "original"})


@dataclass(frozen=True, slots=True)
class ObjectFile:
    """A blob together with what a browser may take it for; ``filename`` only for downloads."""

    blob: Blob
    media_type: str
    filename: str | None


def object_file(project: Project, kind: str, pk: int, what: str) -> ObjectFile:
    """Return one file of one object of this project. Raises NotFound for everything else."""
    if kind not in _OWNERS or what not in _COLUMNS:
        raise NotFound(f"there is no {what} of a {kind}")
    model, owner = _OWNERS[kind]
    column, media_type = _COLUMNS[what]
    if column not in {field.name for field in model._meta.concrete_fields}:
        raise NotFound(f"a {kind} has no {what}")
    row = model._default_manager.filter(**{"pk": pk, owner: project}).select_related(column).first()
    blob: Blob | None = getattr(row, column) if row is not None else None
    if blob is None:
        raise NotFound(f"there is no {what} of {kind} {pk} in {project.name}")
    return ObjectFile(blob, media_type, _download_name(row, what))


def _download_name(row: Model | None, what: str) -> str | None:
    if what not in DOWNLOADS:
        return None
    filename: str = getattr(row, "filename", "")
    return filename if what == "original" and filename else f"{row}.mkv"
