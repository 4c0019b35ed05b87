"""The picture on the card of a 3D model or of a picture of light."""

from __future__ import annotations

from pathlib import Path

from datasets_app.domain.findings import Finding
from datasets_app.domain.media.pictures import encode_webp
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.scenes.description import SceneFile
from datasets_app.domain.scenes.portraits import light_picture, model_picture
from datasets_app.domain.scenes.renderer import NoRenderer, RendererEnded
from datasets_app.models import Asset, Blob
from datasets_app.services.blobs import blob_from_bytes
from matteweb.errors import OutOfMemory

NO_PICTURE = "no_picture"


def scene_poster(
    *, asset: Asset, path: Path, should_stop: ShouldStop
) -> tuple[Blob | None, tuple[Finding, ...]]:
    """Return the stored picture of a scene's file, and why there is none although a renderer is
    installed: it ended early or memory was short, which says nothing against the file.

    Without a picture its card says in words what it is. Raises Unsupported for what the renderer
    cannot read, and Cancelled.
    """
    name = asset.filename
    file = SceneFile(digest=str(asset.original_id), ending=Path(name).suffix.lower(), name=name)
    pictured = light_picture if asset.kind == Asset.Kind.LIGHT else model_picture
    try:
        return blob_from_bytes(encode_webp(pictured(file, path, should_stop))), ()
    except NoRenderer:
        return None, ()
    except (OutOfMemory, RendererEnded) as error:
        message = f"no picture of it could be made: {error.message}"
        hint = "it can be drawn all the same; have its picture made once more"
        return None, (Finding(NO_PICTURE, "note", message, hint),)
