"""Builders of manifests for tests: every field has a sensible value, each can be replaced."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

from datasets_app.domain.bundles.files import freeze_manifest
from datasets_app.domain.bundles.manifest import TUPLE_LAYERS, Manifest, ManifestSample


def content(data: bytes) -> dict[str, Any]:
    """Return digest, size and crc32 of some bytes, as a manifest names them."""
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "crc32": zlib.crc32(data),
    }


def source(name: str = "camel", **fields: Any) -> dict[str, Any]:
    """Return one source, licensed CC-BY unless told otherwise."""
    given = {
        "kind": "video",
        "role": "background",
        "name": name,
        "sha256": content(name.encode())["sha256"],
        "group": name,
        "licence": "CC-BY-4.0",
        "attribution": f"{name} by A. Person",
    }
    return given | fields


def sample(
    number: int = 1,
    *,
    category: str = "object-paste",
    bytes_of: dict[str, bytes] | None = None,
    **fields: Any,
) -> ManifestSample:
    """Return a sample with made-up bytes, or with the bytes given per layer."""
    folder = f"{category}/{number:06d}"
    data = bytes_of or {layer: f"{layer} {number}".encode() for layer in TUPLE_LAYERS}
    given: dict[str, Any] = {
        "id": number,
        "name": f"{number:06d}",
        "folder": folder,
        "category": category,
        "repeats": 1,
        "captions": {"short_prompt": f"a scene, number {number}"},
        "frames": 81,
        "width": 64,
        "height": 48,
        "fps": (16, 1),
        "streams": [
            {"layer": layer, "path": f"{folder}/{layer}.mp4", **content(data[layer])}
            for layer in TUPLE_LAYERS
        ],
        "provenance": {"recipe": "object_paste", "version": 1, "seed": "7"},
        "sources": [source()],
        "verdict": {"accepts": 1, "reviewers": 1},
    }
    return ManifestSample.model_validate(given | fields)


def manifest(*samples: ManifestSample, **fields: Any) -> Manifest:
    """Return a frozen manifest of these samples, or of two."""
    return freeze_manifest(samples or (sample(1), sample(2, category="kubric")), **fields)
