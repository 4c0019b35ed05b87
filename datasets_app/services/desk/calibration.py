"""Known-bad samples: made from good ones by a job, given to reviewers, never exported."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.reader import read_gray, read_rgb
from datasets_app.domain.media.stream_files import StreamFiles, StreamWriter
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.quality.faults import FAULTS, Fault, FaultKind, draw_fault, planted
from datasets_app.domain.recipes.base import Layers
from datasets_app.models import CalibrationItem, Layer, Sample
from datasets_app.models.sample import ReviewState, SampleState
from datasets_app.selectors.samples import samples_of
from datasets_app.services.blobs import blob_path
from datasets_app.services.space import space_require
from datasets_app.services.streams import stream_store
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project, User
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create

CALIBRATION_KIND = "calibration_make"
GRAY = frozenset({"mask", "alpha"})
MAX_ITEMS = 200
PERIOD = 5
"""Frames between two pulses of a fault that comes back, so that a short clip shows some."""


def calibration_request(
    *, project: Project, count: int, faults: Sequence[str], strength: float, actor: Actor
) -> Job:
    """Queue a job that puts ``faults``, in turn, into copies of the ``count`` newest good samples.

    ``strength`` is 0 (hard to see) to 1. Raises BadInput for what cannot be, Conflict when no
    sample is accepted.
    """
    if not 1 <= count <= MAX_ITEMS:
        raise BadInput(f"{count} known-bad samples are asked for", hint=f"1 to {MAX_ITEMS}")
    if not 0 <= strength <= 1:
        raise BadInput(f"a strength of {strength} is not between 0 and 1")
    slugs = [FAULTS[slug].info.slug for slug in faults] or [one.info.slug for one in FAULTS]
    origins = _good_samples(project, count)
    params = {
        "origins": [origins[number % len(origins)] for number in range(count)],
        "faults": slugs,
        "strength": strength,
        "seed": secrets.randbelow(2**31),
        "created_by": actor.user.pk if actor.user else None,
    }
    with transaction.atomic():
        title = f"Known-bad samples: {count}"
        job = job_create(
            project=project, kind=CALIBRATION_KIND, title=title, params=params, actor=actor
        )
        audit(
            actor=actor,
            project=project,
            action="calibration.request",
            target_kind="job",
            target_id=job.pk,
            detail={"count": count, "faults": slugs, "strength": strength},
        )
    return job


def _good_samples(project: Project, count: int) -> list[int]:
    """Return the ids of the ``count`` newest accepted samples, or of as many as there are."""
    good = samples_of(project).filter(state=SampleState.READY, review=ReviewState.ACCEPTED)
    origins = list(good.order_by("-pk").values_list("pk", flat=True)[:count])
    if not origins:
        raise Conflict(
            f"no sample of {project.name} is accepted, so there is none to put a fault into",
            hint="accept some good samples first",
        )
    return origins


def calibration_make(
    *, project_id: int, params: dict[str, Any], progress: Progress, should_stop: ShouldStop
) -> list[str]:
    """Make what the job was asked for; return a line for each fault that could not be seen.

    Safe to repeat after a kill: an item that is there is not made again.
    """
    said: list[str] = []
    for number, origin_id in enumerate(params["origins"]):
        if should_stop():
            raise Cancelled(f"stopped after {number} known-bad samples; they are kept")
        seed = params["seed"] + number
        done = CalibrationItem.objects.filter(sample__project=project_id, seed=seed).exists()
        origin = Sample.objects.select_related("project", "run").filter(pk=origin_id).first()
        if not done and origin is not None:
            said += _make_one(origin, params, number, seed, should_stop)
        progress(number + 1, len(params["origins"]))
    return said


def calibration_retire(*, item: CalibrationItem, actor: Actor) -> None:
    """Take a known-bad sample out of use; what reviewers said of it stays counted."""
    with transaction.atomic():
        live = CalibrationItem.objects.filter(pk=item.pk, retired_at=None)
        if live.update(retired_at=timezone.now()) != 1:
            raise Conflict("this sample is out of use already")
        audit(
            actor=actor,
            project=item.sample.project,
            action="calibration.retire",
            target_kind="sample",
            target_id=item.sample_id,
        )


def _make_one(
    origin: Sample, params: dict[str, Any], number: int, seed: int, should_stop: ShouldStop
) -> list[str]:
    """Put the fault whose turn it is into a copy; the next one where it could not be seen."""
    slugs = params["faults"]
    said: list[str] = []
    for turn in range(len(slugs)):
        kind = FAULTS[slugs[(number + turn) % len(slugs)]]
        try:
            calibration_item_make(
                origin=origin,
                kind=kind.info.slug,
                strength=params["strength"],
                seed=seed,
                created_by=params.get("created_by"),
                should_stop=should_stop,
            )
            return said
        except BadInput as error:
            said.append(f"{kind.info.label} in {origin.name}: {error.message}")
    return said


def calibration_item_make(
    *,
    origin: Sample,
    kind: str,
    strength: float,
    seed: int,
    created_by: int | None,
    should_stop: ShouldStop,
) -> CalibrationItem:
    """Write one faulty copy of ``origin`` and its rows.

    Raises BadInput for a fault that could not be seen, or that the sample has no layers for.
    """
    space_require(project=origin.project, needed=0, purpose="a known-bad sample")
    layers = {
        layer.name: layer
        for layer in origin.layers.select_related("master", "delivery", "poster").all()
    }
    rng = np.random.default_rng(seed)
    fault = draw_fault(
        kind, tuple(sorted(layers)), origin.frames or 0, rng, strength=strength, period=PERIOD
    )
    with work_folder(f"calibration-{origin.pk}-{seed}") as folder:
        files = _write(folder, layers, fault, should_stop)
        stored = {name: stream_store(stream) for name, stream in files.items()}
    with transaction.atomic():
        sample = _copy_row(origin, seed)
        for name, fields in stored.items():
            Layer.objects.create(sample=sample, name=name, **fields)
        remade = {"params": {"strength": strength, "period": PERIOD}, "seed": seed}
        item = _item_row(sample, origin, FAULTS[kind], layers, created_by_id=created_by, **remade)
        audit(
            actor=Actor(_person(created_by), AuditEntry.Channel.JOB),
            project=origin.project,
            action="calibration.make",
            target_kind="sample",
            target_id=sample.pk,
            detail={"origin": origin.pk, "fault": fault.kind},
        )
    return item


def _item_row(
    sample: Sample, origin: Sample, kind: FaultKind, layers: dict[str, Layer], **more: Any
) -> CalibrationItem:
    return CalibrationItem.objects.create(
        sample=sample,
        origin=origin,
        fault=kind.info.slug,
        fault_version=kind.info.version,
        inputs={name: layer.master_id or layer.delivery_id for name, layer in layers.items()},
        expected=list(kind.expected),
        code_version=f"matteweb {settings.VERSION}",
        **more,
    )


def _person(pk: int | None) -> User | None:
    return None if pk is None else User.objects.filter(pk=pk).first()


def _write(
    folder: Path,
    layers: dict[str, Layer],
    fault: Fault,
    should_stop: ShouldStop,
) -> dict[str, StreamFiles]:
    writers = {
        name: StreamWriter(
            folder,
            name,
            kind="gray" if name in GRAY else "rgb",
            size=FrameSize(layer.width or 0, layer.height or 0),
            fps=Fraction(layer.fps_num or 1, layer.fps_den or 1),
            expected=layer.frames or 0,
            master=layer.master_id is not None,
            delivery=layer.delivery_id is not None,
            pictures=layer.poster_id is not None,
        )
        for name, layer in layers.items()
    }
    with ExitStack() as stack:
        for writer in writers.values():
            stack.enter_context(writer)
        for frame in planted(_frames(layers), fault, must_show=True):
            if should_stop():
                raise Cancelled("stopped in the middle of a known-bad sample; it is not kept")
            for name, picture in frame.items():
                writers[name].write(picture)
    return {name: writer.files() for name, writer in writers.items()}


def _frames(layers: dict[str, Layer]) -> Iterator[Layers]:
    """Yield frame after frame of all layers, from the lossless masters where there are some."""
    with ExitStack() as stack:
        streams = {}
        for name, layer in layers.items():
            blob = layer.master or layer.delivery
            if blob is None:
                raise BadInput(f"{name} is not stored, so no fault can be put in")
            read = read_gray if name in GRAY else read_rgb
            streams[name] = stack.enter_context(closing(read(blob_path(blob))))
        for pictures in zip(*streams.values(), strict=True):
            yield dict(zip(streams, pictures, strict=True))


def _copy_row(origin: Sample, seed: int) -> Sample:
    """Return the row of the copy; it looks like any other, so that nobody can tell it apart."""
    draw = Random(seed)  # noqa: S311
    stem = origin.name.rpartition("-")[0] or origin.name
    return Sample.objects.create(
        project=origin.project,
        index=Sample.objects.filter(project=origin.project, run=None).count(),
        name=f"{stem}-{draw.randrange(5000, 10_000)}"[:80],
        state=SampleState.READY,
        recipe=origin.recipe,
        recipe_version=origin.recipe_version,
        seed=f"{draw.getrandbits(63)}",
        sources=origin.sources,
        code_version=origin.code_version,
        platform=origin.platform,
        caption=origin.caption,
        longer_captions=origin.longer_captions,
        category=origin.category,
        frames=origin.frames,
        width=origin.width,
        height=origin.height,
        fps_num=origin.fps_num,
        fps_den=origin.fps_den,
        rendered_at=timezone.now(),
    )
