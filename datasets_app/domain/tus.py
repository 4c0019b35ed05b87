"""The resumable upload protocol tus 1.0: its headers and its refusals.

Source: https://tus.io/protocols/resumable-upload, version 1.0.0 with the extensions creation,
termination, expiration and checksum.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matteweb.errors import BadInput, Conflict, NotFound

if TYPE_CHECKING:
    from hashlib import _Hash

VERSION = "1.0.0"
EXTENSIONS = ("creation", "termination", "expiration", "checksum")
CHECKSUM_ALGORITHMS = ("sha256", "sha1")
CHUNK_TYPE = "application/offset+octet-stream"

_KEY = re.compile(r"[!-+\--~]+")  # printable ASCII without space and comma
_NUMBER = re.compile(r"[0-9]{1,19}")


class Locked(Conflict):
    """Another request is writing the same upload."""

    code = "locked"
    status = 423


class Gone(NotFound):
    """The upload has expired."""

    code = "expired"
    status = 410


class ChecksumMismatch(BadInput):
    """What arrived is not what the client sent; nothing of it was kept."""

    code = "checksum_mismatch"
    status = 460


class TooLarge(BadInput):
    """The file is longer than this server takes."""

    code = "too_large"
    status = 413


class WrongMediaType(BadInput):
    """The body is not declared as part of an upload."""

    code = "wrong_media_type"
    status = 415


class WrongVersion(BadInput):
    """The client speaks another version of the protocol, or does not say which."""

    code = "wrong_version"
    status = 412


@dataclass(slots=True)
class ChunkChecksum:
    """What a chunk must hash to; feed it with ``update`` while the chunk is written."""

    algorithm: str
    expected: bytes
    _hash: _Hash = field(init=False)

    def __post_init__(self) -> None:
        self._hash = hashlib.new(self.algorithm, usedforsecurity=False)

    def update(self, data: bytes) -> None:
        """Take the next bytes of the chunk."""
        self._hash.update(data)

    def require_match(self) -> None:
        """Raise ChecksumMismatch unless the chunk is what the client sent."""
        if self._hash.digest() != self.expected:
            raise ChecksumMismatch(
                f"the {self.algorithm} of this chunk is another one", hint="send it again"
            )


def parse_metadata(header: str) -> dict[str, str]:
    """Read Upload-Metadata: comma-separated pairs of a key and a base64 value, which may be absent.

    Raises BadInput for a malformed pair, a key that occurs twice, or a value that is no UTF-8.
    """
    metadata: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, encoded = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in metadata:
            raise BadInput(f"Upload-Metadata has no proper key at {pair[:40]!r}")
        try:
            metadata[key] = _decoded(encoded, f"{key} in Upload-Metadata").decode()
        except UnicodeDecodeError:
            raise BadInput(f"{key} in Upload-Metadata is no UTF-8 text") from None
    return metadata


def format_metadata(metadata: dict[str, str]) -> str:
    """Write Upload-Metadata; ``parse_metadata`` reads it back."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items()
    )


def parse_checksum(header: str) -> ChunkChecksum | None:
    """Read Upload-Checksum; None when there is none. Raises BadInput for one we cannot check."""
    if not header:
        return None
    algorithm, _, encoded = header.strip().partition(" ")
    if algorithm not in CHECKSUM_ALGORITHMS:
        raise BadInput(
            f"Upload-Checksum by {algorithm!r} cannot be checked",
            hint=f"use one of {', '.join(CHECKSUM_ALGORITHMS)}",
        )
    return ChunkChecksum(algorithm, _decoded(encoded, "Upload-Checksum"))


def parse_count(header: str | None, name: str) -> int:
    """Read a header that is a number of bytes. Raises BadInput when it is missing or no number."""
    if header is None:
        raise BadInput(f"{name} is missing")
    if not _NUMBER.fullmatch(header.strip()):
        raise BadInput(f"{name} must be a number of bytes, not {header[:40]!r}")
    return int(header)


def _decoded(encoded: str, what: str) -> bytes:
    try:
        return base64.b64decode(encoded.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise BadInput(f"{what} is no base64") from None
