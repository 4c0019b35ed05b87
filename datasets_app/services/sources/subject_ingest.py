"""Reading a subject once: what pages show (two streams) and what recipes read (index, cut-out)."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.assets.subject_reading import SubjectFiles, survey_subject
from datasets_app.domain.assets.subject_streams import stream_subject
from datasets_app.domain.media.findings import undecided
from datasets_app.domain.media.probe import Limits
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Asset, AssetLayer
from datasets_app.models.video import IngestState
from datasets_app.services.blobs import blob_from_bytes, blob_from_file, blob_path
from datasets_app.services.state_moves import INGEST, state_move
from datasets_app.services.streams import stream_store


def subject_ingest(
    *, asset: Asset, path: Path, limits: Limits, progress: Progress, should_stop: ShouldStop
) -> None:
    """Survey colour and matte, decode them, store everything, then the row says ready.

    An open question leaves the row in ``needs_decision``. Raises BadInput for a matte that does
    not fit or is empty, Cancelled.
    """
    alpha = asset.alpha_original
    files = SubjectFiles(
        colour=path,
        colour_name=asset.filename,
        alpha=blob_path(alpha) if alpha is not None else None,
        alpha_name=asset.alpha_filename,
    )
    surveyed = survey_subject(
        files,
        limits=limits,
        decisions=asset.decisions,
        progress=progress,
        should_stop=should_stop,
    )
    findings = [finding.as_json() for finding in surveyed.findings]
    if undecided(surveyed.findings, asset.decisions):
        noted = {"facts": surveyed.facts, "findings": findings}
        state_move(asset, IngestState.NEEDS_DECISION, INGEST, **noted)
        return
    with work_folder(f"asset-{asset.pk}") as folder:
        made = stream_subject(
            files, surveyed, folder, limits=limits, progress=progress, should_stop=should_stop
        )
        fields, layer = stream_store(made.colour), stream_store(made.alpha)
        index, cutout = blob_from_bytes(made.index), blob_from_file(made.cutout)
    with transaction.atomic():
        AssetLayer.objects.update_or_create(asset=asset, name="alpha", defaults={**layer})
        state_move(
            asset,
            IngestState.READY,
            INGEST,
            facts=surveyed.facts,
            findings=[*findings, *(finding.as_json() for finding in made.findings)],
            measures=made.facts.as_json(),
            index=index,
            cutout=cutout,
            **fields,
        )
