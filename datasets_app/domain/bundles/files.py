"""The ordered list of files that a bundle is: for a ZIP, a folder, or a pull over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pydantic import ValidationError

from datasets_app.domain.bundles.documents import ATTRIBUTION_PATH, bundle_documents
from datasets_app.domain.bundles.manifest import (
    MANIFEST_PATH,
    Manifest,
    ManifestSample,
)
from datasets_app.domain.bundles.manifest_parts import FileFact
from datasets_app.domain.media.checksum import digest_bytes
from matteweb.errors import BadInput


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file: ``data`` is its bytes, or None when they are the stored blob ``sha256``."""

    path: str
    sha256: str
    size: int
    crc32: int
    data: bytes | None = None


def freeze_manifest(samples: Iterable[ManifestSample], *, licence_reason: str = "") -> Manifest:
    """Return the complete manifest of these samples, whatever their order.

    Raises BadInput when two samples share an id or a folder, or when there is none.
    """
    try:
        bare = Manifest(samples=tuple(samples), licence_reason=licence_reason.strip())
    except ValidationError as error:
        raise BadInput(f"the bundle cannot be frozen: {error.errors()[0]['msg']}") from error
    documents = tuple(
        FileFact(path=path, **asdict(digest_bytes(data)))
        for path, data in bundle_documents(bare).items()
    )
    return Manifest(samples=bare.samples, licence_reason=bare.licence_reason, documents=documents)


def bundle_files(manifest: Manifest, *, root: str = "", weighted: bool = False) -> list[BundleFile]:
    """Return every file of an export, ``manifest.json`` first, then lists, tuples, attributions.

    ``root`` is the mount root written into the training lists, ``weighted`` gives them one row for
    each sample; neither changes another file.
    """
    texts = bundle_documents(manifest, root=root, weighted=weighted)
    last = texts.pop(ATTRIBUTION_PATH)
    found = [_text(MANIFEST_PATH, manifest.canonical())]
    found += [_text(path, data) for path, data in texts.items()]
    for sample in manifest.samples:
        for layer in sample.layers:
            stream = sample.stream(layer)
            found.append(BundleFile(stream.path, stream.sha256, stream.size, stream.crc32))
    return [*found, _text(ATTRIBUTION_PATH, last)]


def _text(path: str, data: bytes) -> BundleFile:
    digest = digest_bytes(data)
    return BundleFile(path, digest.sha256, digest.size, digest.crc32, data)
