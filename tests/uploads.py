"""Uploads as tests make them: begun, sent in pieces, looked at on the disk."""

from __future__ import annotations

import io

from datasets_app.adapters.upload_store import upload_store
from datasets_app.domain.upload_purpose import UploadWish
from datasets_app.models import Upload
from datasets_app.services.receiving.uploads import upload_append, upload_start
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project

DATA = bytes(range(256)) * 5000  # 1.28 MB: more than one step of any copy


def wish(filename: str = "kite.mp4", **purpose: str) -> UploadWish:
    return UploadWish(filename, "", {"kind": "library"} | purpose)


def begin(project: Project, sender: Actor, size: int = len(DATA)) -> Upload:
    return upload_start(project=project, wish=wish(), size=size, actor=sender)


def send(upload: Upload, data: bytes, *, offset: int | None = None) -> Upload:
    at = upload.offset if offset is None else offset
    return upload_append(upload=upload, offset=at, read=io.BytesIO(data).read)


def on_disk(upload: Upload) -> bytes:
    return upload_store().path(upload.uid).read_bytes()
