"""Uploads as their senders see them."""

from __future__ import annotations

from typing import Any

from datasets_app.models import Upload
from matteweb.accounts.models import Project, User
from matteweb.errors import NotFound

_MOST_LISTED = 500


def upload_of(project: Project, uid: str, sender: User | None) -> Upload:
    """Return an upload of the project; with ``sender`` only one of theirs. Raises NotFound."""
    uploads = Upload.objects.filter(project=project, uid=uid)
    if sender is not None:
        uploads = uploads.filter(created_by=sender)
    upload = uploads.select_related("project", "created_by").first()
    if upload is None:
        raise NotFound("there is no such upload", hint="send the file again")
    return upload


def uploads_of(project: Project, sender: User) -> list[Upload]:
    """Return what the person has sent or is sending to the project, newest first."""
    return list(Upload.objects.filter(project=project, created_by=sender)[:_MOST_LISTED])


def upload_facts(upload: Upload) -> dict[str, Any]:
    """Return what a client is told: how far it is, what it became, or why it did not."""
    return {
        "id": upload.uid,
        "filename": upload.filename,
        "relative_path": upload.relative_path,
        "size": upload.size,
        "offset": upload.offset,
        "purpose": upload.purpose,
        "state": upload.state,
        "message": upload.error,
        "hint": upload.hint,
        "result": upload.result,
        "created_at": upload.created_at.isoformat(),
        "expires_at": upload.expires_at.isoformat(),
    }
