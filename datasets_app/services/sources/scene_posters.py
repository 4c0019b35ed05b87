"""The picture on the card of a 3D model or of a picture of light."""

from __future__ import annotations

from pathlib import Path

from datasets_app.domain.media.pictures import encode_webp
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.scenes.description import SceneFile
from datasets_app.domain.scenes.portraits import light_picture, model_picture
from datasets_app.domain.scenes.renderer import NoRenderer
from datasets_app.models import Asset, Blob
from datasets_app.services.blobs import blob_from_bytes
from matteweb.errors import OutOfMemory


def scene_poster(*, asset: Asset, path: Path, should_stop: ShouldStop) -> Blob | None:
    """Return the stored picture of a scene's file, None where no renderer is installed or memory is
    short: its card then says in words what it is. Raises as `model_picture`."""
    name = asset.filename
    file = SceneFile(digest=str(asset.original_id), ending=Path(name).suffix.lower(), name=name)
    pictured = light_picture if asset.kind == Asset.Kind.LIGHT else model_picture
    try:
        return blob_from_bytes(encode_webp(pictured(file, path, should_stop)))
    except (NoRenderer, OutOfMemory):
        return None
