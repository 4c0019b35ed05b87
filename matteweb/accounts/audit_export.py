"""The audit log as a file: CSV or JSON lines, oldest first, streamed at any length."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

from matteweb.accounts.models import AuditEntry, Project
from matteweb.accounts.selectors import audit_of
from matteweb.errors import NotFound

COLUMNS = ("id", "at", "actor", "channel", "action", "target_kind", "target_id", "detail")
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
ROWS_AT_ONCE = 500


def audit_file(project: Project, form: str) -> StreamingHttpResponse:
    """Return the log as a download. Memory: 500 rows. Raises NotFound for another form."""
    if form not in TYPES:
        raise NotFound(f"the log has no form {form!r}", hint=f"one of: {', '.join(TYPES)}")
    answer = StreamingHttpResponse(_lines(project, form), content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="{project.slug}-audit.{form}"'
    answer["Cache-Control"] = "no-store"
    return answer


async def _lines(project: Project, form: str) -> AsyncIterator[bytes]:
    """Yield parts of the file. Each part asks anew for what follows the last row, so that no
    cursor stays open while a slow client reads."""
    last = 0
    if form == "csv":
        yield _csv([list(COLUMNS)])
    while entries := await sync_to_async(_after)(project, last):
        last = entries[-1].pk
        rows = [_row(entry) for entry in entries]
        yield _csv([_cells(row) for row in rows]) if form == "csv" else _json(rows)


def _after(project: Project, last: int) -> list[AuditEntry]:
    return list(audit_of(project).filter(pk__gt=last).order_by("pk")[:ROWS_AT_ONCE])


def _row(entry: AuditEntry) -> dict[str, object]:
    return {
        "id": entry.pk,
        "at": entry.at.isoformat(),
        "actor": entry.actor.username if entry.actor else None,
        "channel": entry.channel,
        "action": entry.action,
        "target_kind": entry.target_kind,
        "target_id": entry.target_id,
        "detail": entry.detail,
    }


def _json(rows: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _cells(row: dict[str, object]) -> list[str]:
    return [
        _cell(json.dumps(v, ensure_ascii=False) if k == "detail" else v) for k, v in row.items()
    ]


def _cell(value: object) -> str:
    """Return the text of a cell; a spreadsheet must not take it for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
