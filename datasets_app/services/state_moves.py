"""The one way a state changes: compare-and-swap along a table of allowed moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from datasets_app.models.bundle import BundleState
from datasets_app.models.sample import SampleState
from datasets_app.models.upload import UploadState
from datasets_app.models.video import IngestState
from matteweb.errors import Conflict

Moves = Mapping[str, frozenset[str]]

INGEST: Moves = {
    IngestState.ARRIVING: frozenset(
        {IngestState.READY, IngestState.NEEDS_DECISION, IngestState.FAILED}
    ),
    IngestState.NEEDS_DECISION: frozenset({IngestState.ARRIVING}),
    IngestState.FAILED: frozenset({IngestState.ARRIVING}),
    IngestState.READY: frozenset({IngestState.ARRIVING}),  # a mask that is read another way
}
SAMPLE: Moves = {
    SampleState.PLANNED: frozenset({SampleState.RENDERING}),
    SampleState.RENDERING: frozenset(
        {SampleState.READY, SampleState.FAILED, SampleState.PLANNED, SampleState.RENDERING}
    ),
    SampleState.FAILED: frozenset({SampleState.PLANNED}),
    SampleState.READY: frozenset(),
}
BUNDLE: Moves = {
    BundleState.DRAFT: frozenset({BundleState.FREEZING}),
    BundleState.FREEZING: frozenset({BundleState.FROZEN, BundleState.DRAFT}),
    BundleState.FROZEN: frozenset(),
}
UPLOAD: Moves = {
    UploadState.RECEIVING: frozenset({UploadState.RECEIVED, UploadState.FAILED}),
    UploadState.RECEIVED: frozenset({UploadState.FINISHED, UploadState.FAILED}),
    UploadState.FAILED: frozenset({UploadState.RECEIVED}),
    UploadState.FINISHED: frozenset(),
}


def state_move(row: Model, to: str, allowed: Moves, **changes: Any) -> None:
    """Move ``row`` to state ``to`` and set ``changes`` with it, or change nothing.

    Raises Conflict when the table forbids the move or the stored state is no longer the one that
    ``row`` was read with: whoever was faster has won.
    """
    before: str = row.state  # type: ignore[attr-defined]
    if to not in allowed[before]:
        raise Conflict(f"{row} is {before} and cannot become {to}")
    manager = type(row)._default_manager
    if manager.filter(pk=row.pk, state=before).update(state=to, **changes) != 1:
        raise Conflict(f"{row} is no longer {before}", hint="reload and look again")
    row.refresh_from_db()
