"""What an upload is meant to become, and which files may become that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from datasets_app.domain.assets.scene_files import SCENE_ENDINGS
from matteweb.errors import BadInput, Unsupported

_VIDEOS = frozenset({".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi"})
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})

# kind -> the endings of what may become that. The bytes are probed later, in a process of its own.
ENDINGS: dict[str, frozenset[str]] = {
    "library": _VIDEOS | _PICTURES | {".zip", ".xml"},
    "mask": _VIDEOS | _PICTURES | {".zip", ".json"},
    "foreground": _VIDEOS | _PICTURES | {".zip"},
    "background": _VIDEOS | _PICTURES | {".zip"},
    "matte": _VIDEOS | _PICTURES | {".zip"},
    "scene": SCENE_ENDINGS,
}
_PLACES = {
    "library": "the library",
    "mask": "a mask",
    "foreground": "the foregrounds",
    "background": "the backgrounds",
    "matte": "a matte",
    "scene": "what scenes are made with",
}
_MEDIA_TYPES = re.compile(
    r"(video|image|model)/[\w.+-]+|application/(octet-stream|json|xml|zip|x-zip-compressed)|text/xml|"
)
_NEVER_SHOWN = frozenset({"image/svg+xml"})

_OWN_KEYS = frozenset({"filename", "filetype", "relativePath"})
_PURPOSE_KEY = re.compile(r"[a-z_]{1,32}")
_MOST_KEYS = 16
_LONGEST_VALUE = 2000
_LONGEST_NAME = 255
_LONGEST_PATH = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class UploadWish:
    """A file that somebody wants to send: its name, where it lay, what it is to become.

    ``purpose`` always has ``kind``, a key of ``ENDINGS``; its other keys are for what receives it.
    """

    filename: str
    relative_path: str
    purpose: dict[str, str]


def read_wish(metadata: Mapping[str, str]) -> UploadWish:
    """Read what a client declares of its file.

    ``filename``, ``filetype`` and ``relativePath`` are the protocol's customary keys; every other
    key belongs to the purpose. Raises BadInput or Unsupported with a sentence for that file.
    """
    filename = _name(metadata.get("filename", ""))
    purpose = {key: value for key, value in metadata.items() if key not in _OWN_KEYS}
    purpose.setdefault("kind", "library")
    _check_purpose(purpose)
    _check_ending(filename, purpose["kind"])
    _check_media_type(filename, metadata.get("filetype", ""))
    return UploadWish(filename, _relative_path(metadata.get("relativePath", "")), purpose)


def _name(filename: str) -> str:
    bare = PurePosixPath(filename.replace("\\", "/")).name
    if bare in {"", ".", ".."} or _CONTROL.search(bare):
        raise BadInput("the upload has no file name", hint="send filename in Upload-Metadata")
    if len(bare) > _LONGEST_NAME:
        raise BadInput(f"the file name {bare[:40]}… is longer than {_LONGEST_NAME} characters")
    return bare


def _relative_path(path: str) -> str:
    """Return the path below the dropped folder; a path that leaves it is none."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if path.startswith("/") or ".." in parts or _CONTROL.search(path):
        return ""
    return "/".join(parts)[:_LONGEST_PATH]


def _check_purpose(purpose: Mapping[str, str]) -> None:
    if purpose["kind"] not in ENDINGS:
        known = ", ".join(sorted(ENDINGS))
        raise BadInput(f"no upload becomes a {purpose['kind'][:40]!r}", hint=f"known: {known}")
    if len(purpose) > _MOST_KEYS:
        raise BadInput(f"Upload-Metadata has more than {_MOST_KEYS} keys")
    for key, value in purpose.items():
        if not _PURPOSE_KEY.fullmatch(key) or len(value) > _LONGEST_VALUE:
            raise BadInput(f"Upload-Metadata cannot hold {key[:40]!r} like this")


def _check_ending(filename: str, kind: str) -> None:
    if PurePosixPath(filename).suffix.lower() in ENDINGS[kind]:
        return
    known = ", ".join(sorted(ENDINGS[kind]))
    raise Unsupported(
        f"{filename} cannot go into {_PLACES[kind]}: its ending is not known there",
        hint=f"known endings: {known}",
    )


def _check_media_type(filename: str, media_type: str) -> None:
    bare = media_type.partition(";")[0].strip().lower()
    if not _MEDIA_TYPES.fullmatch(bare) or bare in _NEVER_SHOWN:
        raise Unsupported(
            f"{filename}: a file of type {bare[:60]} is not footage", hint="send video or pictures"
        )
