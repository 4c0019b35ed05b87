"""Runs as pages show them: which there are, how far they are, what the player is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from datasets_app.adapters.blob_location import blob_location
from datasets_app.adapters.ranged_response import versioned
from datasets_app.domain.synthesis.sources.pool import DEPTH_NAME, GARBAGE
from datasets_app.models import Asset, Blob, Mask, Video
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from datasets_app.selectors.player import player_of_video
from datasets_app.selectors.run_work import target_job
from inference_app.adapters.run_folders import live_streams
from inference_app.domain.live_pieces import LivePieces
from inference_app.domain.predictors import PREDICTORS
from inference_app.domain.predictors.base import found_layer
from inference_app.models import ModelRun, RunState
from inference_app.models.model_run import RUN_KIND
from matteweb.accounts.models import Project
from matteweb.errors import Conflict, NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.pace import seconds_left
from matteweb.jobs.states import LIVE

LAYERS = ("alpha", "fgr")

ALPHA_PREDICTORS = tuple(one.info.slug for one in PREDICTORS if one.traits.task == "matting")
"""What leaves an alpha, not a depth."""


@dataclass(frozen=True, slots=True)
class RunStanding:
    """How far a run is. ``live``: it is queued or at work; ``found``: "alpha" or "depth"."""

    run: ModelRun
    job: Job | None
    label: str
    total: int
    live: bool
    found: str

    @property
    def reached(self) -> int:
        """Frames that are made; those of a piece under way cannot be looked at yet."""
        under_way = self.job.done if self.live and self.job else 0
        return max(self.run.done, under_way)

    @property
    def seconds_left(self) -> float | None:
        """The time that the rest takes; None while that cannot be said."""
        rate = self.job.rate if self.live and self.job else None
        return seconds_left(self.reached, self.total, rate)

    @property
    def whole(self) -> bool:
        """Whether its result can be taken away."""
        result = self.run.result
        return self.run.state == RunState.READY and bool(result and result.master_id)

    @property
    def stopped(self) -> bool:
        """Whether it waits for a person to go on."""
        return not self.live and self.run.state != RunState.READY


def runs_of(project: Project) -> QuerySet[ModelRun]:
    """Return the project's runs, newest first."""
    found = ModelRun.objects.filter(video__project=project, video__archived_at=None)
    return found.select_related(
        "video__project",
        "mask",
        "result",
        "created_by",
        "prores",
        "vp9",
        "pictures",
        "deep_pictures",
    )


def run_of(project: Project, pk: int) -> ModelRun:
    """Return one run. Raises NotFound, also for another project's."""
    run = runs_of(project).filter(pk=pk).first()
    if run is None:
        raise NotFound(f"there is no model run {pk} in {project.name}")
    return run


def run_standing(run: ModelRun) -> RunStanding:
    """Return how far a run is."""
    job = target_job(RUN_KIND, run.pk)
    live = job is not None and job.state in LIVE
    predictor = PREDICTORS[run.predictor]
    total, found = run.video.frames or 0, found_layer(predictor)
    return RunStanding(run, job, predictor.info.label, total, live, found)


def videos_to_run(project: Project, *, maskless: bool = False) -> list[tuple[Video, list[Mask]]]:
    """Return the videos that can be run over, each with the masks that can guide.

    ``maskless``: also those that have none.
    """
    videos = Video.objects.filter(project=project, state=IngestState.READY, archived_at=None)
    found = []
    for video in videos.prefetch_related("masks"):
        masks = [mask for mask in video.masks.all() if can_guide(mask)]
        if masks or maskless:
            found.append((video, masks))
    return found


def can_guide(mask: Mask) -> bool:
    """Whether a mask can tell a predictor what the object is: no depth, no garbage matte, and not
    the numbers of several objects."""
    return (
        mask.state == IngestState.READY
        and mask.archived_at is None
        and mask.kind != MaskKind.INDEX
        and not DEPTH_NAME.fullmatch(mask.name)
        and mask.name != GARBAGE
    )


def stills_to_run(project: Project, numbers: Sequence[int] | None = None) -> list[Asset]:
    """Return the stills that can become a clip; ``numbers``: these, in this order.

    Raises NotFound for a number that is none of them.
    """
    kinds = (Asset.Kind.STILL, Asset.Kind.FOREGROUND_STILL)
    found = Asset.objects.filter(
        project=project, kind__in=kinds, state=IngestState.READY, archived_at=None
    ).order_by("name")
    if numbers is None:
        return list(found)
    rows = {one.pk: one for one in found.filter(pk__in=numbers)}
    for number in numbers:
        if number not in rows:
            raise NotFound(f"there is no still {number} in {project.name}")
    return [rows[number] for number in numbers]


def runs_beside(run: ModelRun) -> list[ModelRun]:
    """Return the other finished runs over the same video, newest first."""
    others = ModelRun.objects.filter(video=run.video_id, state=RunState.READY).exclude(pk=run.pk)
    return list(others.filter(result__state=IngestState.READY).select_related("result"))


def player_of_run(run: ModelRun, project: str, beside: ModelRun | None = None) -> dict[str, Any]:
    """Return what the player is told: the video, the guiding mask, and what is finished so far.

    ``beside``: another finished run over the same video, whose alpha is shown too. Of a run whose
    result is still being read the pieces are shown. Raises Conflict before the first piece.
    """
    source: dict[str, Any] = dict(player_of_video(run.video, project))
    names = {run.video.name} | ({run.mask.name} if run.mask else set())
    result = run.result
    if run.state == RunState.READY and result and result.state == IngestState.READY:
        names.add(result.name)
        if beside is not None and beside.result is not None:
            names.add(beside.result.name)
    streams = [stream for stream in source["streams"] if stream["name"] in names]
    source |= {"name": str(run), "quality": "", "streams": streams}
    if run.state == RunState.READY and not _shown_by_pieces(run):
        if found_layer(PREDICTORS[run.predictor]) == "alpha":
            streams.append(_foreground(run, project))
        return source
    live = live_streams(run)
    frames = min(stream.frames_done() for stream in live)
    if not frames:
        raise Conflict("no frame is finished yet")
    rows = {row.name: row for row in (run.mask, run.video) if row is not None}
    streams[:] = [stream | _cut(rows[stream["name"]], frames) for stream in streams]
    streams += [_live(run, stream, project) for stream in live]
    return source | {"frames": frames, "values_url": ""}


def _shown_by_pieces(run: ModelRun) -> bool:
    """Return whether the result of a finished run is being read and its pieces stand in for it."""
    if run.result is None or run.result.state != IngestState.ARRIVING:
        return False
    return all(stream.frames_done() == run.video.frames for stream in live_streams(run))


def live_file(run: ModelRun, layer: str) -> Path:
    """Return the growing file of a layer. Raises NotFound when there is none."""
    if layer in LAYERS:
        path = live_streams(run)[LAYERS.index(layer)].live
        if path.is_file():
            return path
    raise NotFound(f"there is no growing {layer} of model run {run.pk}")


def run_file(run: ModelRun, what: str) -> Blob:
    """Return a stored file: delivery, index or master of the foreground, or "deep", the alpha or
    depth in 16 bits. Raises NotFound."""
    blob: Blob | None = getattr(run, _COLUMNS[what]) if what in _COLUMNS else None
    if blob is None:
        raise NotFound(f"there is no {what} of model run {run.pk}")
    return blob


def run_layer_file(run: ModelRun, layer: str) -> Blob:
    """Return the lossless file of "alpha" or "fgr". Raises NotFound."""
    if layer not in LAYERS:
        raise NotFound(f"a model run has no layer {layer!r}", hint=f"known: {', '.join(LAYERS)}")
    alpha = run.result.master if run.result else None
    blob = run.master if layer == "fgr" else alpha
    if blob is None:
        raise NotFound(f"there is no {layer} of model run {run.pk} yet")
    return blob


_COLUMNS = {"delivery": "delivery", "index": "frame_index", "master": "master", "deep": "deep"}


def _foreground(run: ModelRun, project: str) -> dict[str, Any]:
    def url(what: str) -> str:
        address = {"project": project, "pk": run.pk, "what": what}
        return versioned(reverse("model-run-file", kwargs=address), run_file(run, what).pk)

    stream = _described("fgr", "rgb", run.width or 0, run.height or 0)
    index = json.loads(blob_location(run_file(run, "index")).read_bytes())
    return stream | {"url": url("delivery"), "index_url": url("index"), "index": index}


def _cut(row: Video | Mask, frames: int) -> dict[str, Any]:
    """Return the index of a delivery's first frames. Pieces end where groups of pictures do."""
    if row.frame_index is None:
        raise Conflict(f"{row.name} has no delivery")
    index = json.loads(blob_location(row.frame_index).read_bytes())
    index["chunks"] = [chunk for chunk in index["chunks"] if chunk[3] < frames]
    return {"index": index | {"frames": frames}, "index_url": ""}


def _live(run: ModelRun, stream: LivePieces, project: str) -> dict[str, Any]:
    address = {"project": project, "pk": run.pk, "layer": stream.name}
    index = stream.index()
    assert index is not None  # noqa: S101  # the caller saw frames
    url = f"{reverse('model-run-live', kwargs=address)}?frames={index['frames']}"
    described = _described(stream.name, stream.kind, stream.size.width, stream.size.height)
    if found_layer(PREDICTORS[run.predictor]) == "depth":
        described |= _OF_DEPTH[stream.name]
    return described | {"url": url, "index_url": "", "index": index}


_OF_DEPTH = {
    "alpha": {"label": "depth", "note": "near is bright"},
    "fgr": {"label": "picture", "note": "as it came"},
}
"""What the streams of a depth run are called, which lie where those of a matting run do."""


def _described(name: str, kind: str, width: int, height: int) -> dict[str, Any]:
    note = "soft" if name == "alpha" else "the object's own colour"
    return {
        "name": name,
        "label": name,
        "note": note,
        "kind": kind,
        "exact_url": "",
        "width": width - width % 2,
        "height": height - height % 2,
    }
