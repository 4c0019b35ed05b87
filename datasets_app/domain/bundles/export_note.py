"""``export.json``: what an export says of itself when its streams are not the frozen bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from pydantic import Field, ValidationError, field_validator

from datasets_app.domain.bundles.manifest import ManifestSample
from datasets_app.domain.bundles.manifest_parts import Digest, FileFact, Fps, Part
from matteweb.errors import BadInput

EXPORT_NOTE_PATH = "export.json"

PICTURE_FOLDERS: Final[Mapping[str, str]] = {
    "rgb_full": "input",
    "mask": "trimask",
    "rgb_removed": "bg",
}
"""The trainer's second variant: a folder of PNG per layer. It must never lie beside the first."""

Form: TypeAlias = Literal["mp4", "ffv1", "png"]
"""mp4: the frozen streams, re-tagged. ffv1 and png: the lossless masters."""


class ExportNote(Part):
    """What ``export.json`` holds."""

    kind: Literal["matteweb-export"] = "matteweb-export"
    bundle: Digest = Field(description="id of the frozen bundle")
    form: Form
    fps: Fps | None = Field(default=None, description="rate of every stream, if re-tagged")
    files: tuple[FileFact, ...]

    @field_validator("files")
    @classmethod
    def _sorted(cls, files: tuple[FileFact, ...]) -> tuple[FileFact, ...]:
        return tuple(sorted(files, key=lambda file: file.path))


def read_export_note(data: bytes) -> ExportNote:
    """Read ``export.json``. Raises BadInput when it is something else."""
    try:
        return ExportNote.model_validate(json.loads(data))
    except ValidationError as error:
        raise BadInput(f"{EXPORT_NOTE_PATH}: {error.errors()[0]['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{EXPORT_NOTE_PATH} is not JSON: {error}") from error


def layer_paths(sample: ManifestSample, form: Form) -> dict[str, str]:
    """Return layer -> path of its file, or for ``png`` of its folder."""
    if form == "png":
        return {
            layer: f"{sample.folder}/{PICTURE_FOLDERS.get(layer, layer)}" for layer in sample.layers
        }
    suffix = "mp4" if form == "mp4" else "mkv"
    return {layer: f"{sample.folder}/{layer}.{suffix}" for layer in sample.layers}
