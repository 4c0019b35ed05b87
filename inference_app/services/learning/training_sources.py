"""What trainings learn from: frozen bundles, here or in a folder, and painted clips."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from datasets_app.domain.bundles.manifest import (
    MANIFEST_PATH,
    Manifest,
    ManifestSample,
    read_manifest,
)
from datasets_app.models import Blob, Bundle
from datasets_app.services.blobs import blob_locator
from datasets_app.services.freezing.export import bundle_manifest
from inference_app.domain.training.batches import ClipSource, Mixed, Painted
from inference_app.domain.training.held_out import TRAINING_BANK, VERSION
from inference_app.domain.training.plan import TrainingPlan
from inference_app.domain.training.stored import Stored, StoredClip
from matteweb.errors import BadInput

SPLIT = "train"
PICTURE, ALPHA = "rgb_full", "alpha"
ENDINGS = (".mp4", ".mkv")
"""Of a layer's file in a bundle that was pulled, and in one that was exported lossless."""

PAINTED_ALONE = f"painted clips alone: bank {TRAINING_BANK}, generator version {VERSION}"


def clips_of_bundle(bundle: Bundle, split: str = SPLIT) -> Stored:
    """Return the samples of one split of the bundle that have an alpha.

    Only the training split is learned from. Raises Conflict for a draft, BadInput when no sample
    of the split has both layers.
    """
    samples = [one for one in bundle_manifest(bundle).samples if _has_both(one)]
    chosen = [one for one in samples if one.split == split]
    if not chosen:
        raise BadInput(
            f"bundle {bundle.name} has no sample with {PICTURE} and {ALPHA} in its split {split}",
            hint="choose a bundle of compositing recipes, which keep the true alpha",
        )
    digests = {digest for one in chosen for digest in _files(one)}
    locate = blob_locator(Blob.objects.filter(pk__in=digests))
    clips = []
    for one in chosen:
        picture, alpha = _files(one)
        clips.append(
            StoredClip(
                str(locate(picture)),
                str(locate(alpha)),
                f"{picture[:16]}/{alpha[:16]}",
                one.frames,
                float(one.repeats),
            )
        )
    return Stored(tuple(clips))


def clips_of_folder(folder: Path, split: str = SPLIT) -> Stored:
    """Return the samples of one split of a bundle in ``folder`` that have an alpha there.

    Raises BadInput when there is no bundle, or no sample of the split has both layers.
    """
    clips = []
    for one in _manifest_in(folder).samples:
        picture, alpha = (_layer_file(folder / one.folder, name) for name in (PICTURE, ALPHA))
        if one.split == split and _has_both(one) and picture is not None and alpha is not None:
            digests = "/".join(digest[:16] for digest in _files(one))
            clip = StoredClip(str(picture), str(alpha), digests, one.frames, float(one.repeats))
            clips.append(clip)
    if not clips:
        raise BadInput(
            f"{folder} has no sample with {PICTURE} and {ALPHA} in its split {split}",
            hint="tuples leave without their alpha: take composite, green screen or defocus",
        )
    return Stored(tuple(clips))


def require_shares(painted: float, bundles: Sequence[float]) -> None:
    """Raise BadInput for shares of sources that nothing can be drawn by."""
    if not 0 <= painted < math.inf or not all(0 < share < math.inf for share in bundles):
        raise BadInput("a share of a source is above 0", hint="leave out what is not to be drawn")


def rows_of_folders(painted: float, bundles: Sequence[tuple[Path, float]]) -> list[dict[str, Any]]:
    """Describe painted clips and bundles in folders as sources, with how often each is drawn.

    Raises BadInput for weights that cannot be, and folders that hold no bundle.
    """
    require_shares(painted, [share for _, share in bundles])
    rows: list[dict[str, Any]] = []
    if painted > 0:
        rows.append({"kind": "painted", "name": "painted clips", "weight": painted})
    for folder, weight in bundles:
        manifest = _manifest_in(folder)
        rows.append(
            {
                "kind": "bundle",
                "name": folder.resolve().name,
                "folder": str(folder),
                "manifest": manifest.identity(),
                "weight": weight,
                "clips": len(clips_of_folder(folder)),
                "licences": _licences_in(manifest),
            }
        )
    if not rows:
        raise BadInput("a training needs something to learn from", hint="name a bundle")
    return rows


def source_of(
    rows: Sequence[dict[str, Any]],
    plan: TrainingPlan,
    stored: Callable[[dict[str, Any]], ClipSource],
) -> ClipSource:
    """Return what the rows describe; ``stored`` opens the clips of a bundle."""
    found = [
        (
            Painted(plan.sprites, plan.textures) if row["kind"] == "painted" else stored(row),
            float(row["weight"]),
        )
        for row in rows
    ]
    return found[0][0] if len(found) == 1 else Mixed(tuple(found))


def learned_from(rows: Sequence[dict[str, Any]]) -> str:
    """Say on a card what weights learned from."""
    painted = PAINTED_ALONE if len(rows) == 1 else PAINTED_ALONE.replace(" alone", "")
    return "; ".join(
        painted if row["kind"] == "painted" else f"bundle {row['name']} ({row['manifest'][:16]})"
        for row in rows
    )


def licence_of(rows: Sequence[dict[str, Any]]) -> str:
    """Return the licence of weights: those of everything that they learned from."""
    licences = sorted({one for row in rows for one in row.get("licences", [])})
    return " AND ".join(licences) or "Apache-2.0"


def licences_of(bundle: Bundle) -> list[str]:
    """Return the licences of everything that the bundle was made from, "unknown" where unsaid."""
    return _licences_in(bundle_manifest(bundle))


def _licences_in(manifest: Manifest) -> list[str]:
    return sorted(
        {source.licence or "unknown" for one in manifest.samples for source in one.sources}
    )


def sources_digest(sources: list[dict[str, Any]]) -> str:
    """Return the sha256 of what a training learns from and how often it draws each."""
    said = [{key: one.get(key) for key in ("kind", "manifest", "weight")} for one in sources]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _has_both(sample: ManifestSample) -> bool:
    return {PICTURE, ALPHA} <= {stream.layer for stream in sample.streams} | {
        master.layer for master in sample.masters
    }


def _files(sample: ManifestSample) -> tuple[str, str]:
    found = {stream.layer: stream.sha256 for stream in sample.streams}
    found |= {master.layer: master.sha256 for master in sample.masters}
    return found[PICTURE], found[ALPHA]


def _manifest_in(folder: Path) -> Manifest:
    path = folder / MANIFEST_PATH
    if not path.is_file():
        raise BadInput(f"{folder} holds no bundle", hint=f"a folder with {MANIFEST_PATH}")
    return read_manifest(path.read_bytes())


def _layer_file(folder: Path, layer: str) -> Path | None:
    paths = (folder / f"{layer}{ending}" for ending in ENDINGS)
    return next((path for path in paths if path.is_file()), None)
