"""Frozen bundles as something to learn from: which clips, whose they are."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from datasets_app.domain.bundles.manifest import ManifestSample
from datasets_app.models import Blob, Bundle
from datasets_app.services.blobs import blob_locator
from datasets_app.services.freezing.export import bundle_manifest
from inference_app.domain.training.stored import Stored, StoredClip
from matteweb.errors import BadInput

SPLIT = "train"
PICTURE, ALPHA = "rgb_full", "alpha"


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


def licences_of(bundle: Bundle) -> list[str]:
    """Return the licences of everything that the bundle was made from, "unknown" where unsaid."""
    manifest = bundle_manifest(bundle)
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
