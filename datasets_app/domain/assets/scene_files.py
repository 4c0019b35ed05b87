"""Files that only a renderer reads: 3D models and pictures of light from all around.

They are read here as far as it takes to say that they are what they claim to be and not too large;
what is in them is opened by the renderer's own process alone.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from datasets_app.domain.assets.light_files import LIGHT_ENDINGS, survey_light
from datasets_app.domain.assets.model_files import MODEL_ENDINGS, survey_model
from datasets_app.domain.byte_counts import in_words
from datasets_app.domain.progress import ShouldStop
from matteweb.errors import BadInput

SceneFileKind = Literal["model", "light"]

SCENE_ENDINGS: Final = MODEL_ENDINGS | LIGHT_ENDINGS
MOST_BYTES: Final = {"model": 256 * 10**6, "light": 600 * 10**6}
"""The renderer holds several times as much of each."""
_SMALLER: Final = {
    "model": "reduce its polygons and textures",
    "light": "a version 4096 pixels wide lights a scene as well",
}


def scene_file_kind(filename: str) -> SceneFileKind | None:
    """Tell by its ending what a file is for a scene, None when it is nothing."""
    ending = PurePosixPath(filename).suffix.lower()
    if ending in MODEL_ENDINGS:
        return "model"
    return "light" if ending in LIGHT_ENDINGS else None


def require_size(filename: str, size: int) -> None:
    """Raise BadInput when a scene's file of so many bytes is too large; before any is read."""
    kind = scene_file_kind(filename)
    if kind is not None and size > MOST_BYTES[kind]:
        raise BadInput(
            f"{filename} has {in_words(size)}; here it may have {in_words(MOST_BYTES[kind])}",
            hint=_SMALLER[kind],
        )


def survey_scene_file(path: Path, filename: str, *, should_stop: ShouldStop) -> dict[str, Any]:
    """Return facts of a scene's file for people. Memory: a few megabytes, whatever it claims.

    Raises BadInput, saying what is wrong with it and what to do, Cancelled.
    """
    require_size(filename, path.stat().st_size)
    if scene_file_kind(filename) == "model":
        return survey_model(path, filename, should_stop=should_stop)
    return survey_light(path, filename)
