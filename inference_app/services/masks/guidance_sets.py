"""Guidance masks of segmenters for finished samples: asked for over many, made by jobs."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.frames import FrameSize, GrayFrame
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.media.stream_files import StreamFiles, StreamWriter
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.synthesis.crowd.guidance import draw_guide, guide_layer
from datasets_app.domain.synthesis.crowd.guide_streams import GuideMatcher
from datasets_app.domain.synthesis.seeds import generator, sample_seed
from datasets_app.models import GuidanceSet, Layer, Sample
from datasets_app.models.sample import SampleState
from datasets_app.services.blobs import blob_path
from datasets_app.services.space import space_require
from datasets_app.services.streams import stream_store
from inference_app.domain.automatic.base import ClipFile
from inference_app.domain.segmenters import SEGMENTERS
from inference_app.domain.segmenters.base import Segmenter
from inference_app.selectors.guidance import GUIDE_KIND, PICTURE, people_layers
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_create
from matteweb.jobs.states import LIVE

MOST_SAMPLES: Final = 10_000


def guidance_start(
    *, project: Project, samples: Sequence[Sample], segmenter: str, actor: Actor
) -> list[Job]:
    """Queue one job per sample that has no masks of this segmenter, nor a job for them.

    Raises BadInput for no samples or an unknown segmenter, Conflict for a sample that is not ready,
    has no people with an alpha of their own, or is of a length that the segmenter refuses; NoSpace.
    """
    chosen = SEGMENTERS[segmenter]
    if reason := chosen.unavailable():
        raise Conflict(f"{chosen.info.label} cannot run here: {reason}")
    if not 0 < len(samples) <= MOST_SAMPLES:
        raise BadInput(
            f"{len(samples)} samples were chosen", hint=f"choose from 1 to {MOST_SAMPLES:,}"
        )
    for sample in samples:
        _require(sample, chosen)
    pixels = sum((s.width or 0) * (s.height or 0) * (s.frames or 0) for s in samples)
    space_require(project=project, needed=pixels // 8, purpose=chosen.info.label)
    done = GuidanceSet.objects.filter(sample__in=samples, maker=segmenter)
    live = Job.objects.filter(
        kind=GUIDE_KIND, project=project, state__in=LIVE, params={"segmenter": segmenter}
    )
    left_out = {
        *done.values_list("sample_id", flat=True),
        *live.values_list("target_id", flat=True),
    }
    with transaction.atomic():
        jobs = [
            job_create(
                project=project,
                kind=GUIDE_KIND,
                title=f"Guidance of {sample.name}: {chosen.info.label}",
                target_id=sample.pk,
                params={"segmenter": segmenter},
                actor=actor,
            )
            for sample in samples
            if sample.pk not in left_out
        ]
        audit(
            actor=actor,
            project=project,
            action="guidance.make",
            target_kind="sample",
            target_id=samples[0].pk,
            detail={"segmenter": segmenter, "samples": len(jobs)},
        )
    return jobs


def guidance_make(*, job_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Make the masks that a job asks for; after a kill it begins anew, and nothing half is stored.

    Raises BadInput when the segmenter finds nothing to begin with, Corrupt when a layer is gone.
    """
    job = Job.objects.select_related("created_by").get(pk=job_id)
    sample = Sample.objects.select_related("project").get(pk=job.target_id or 0)
    segmenter = SEGMENTERS[job.params["segmenter"]]
    if GuidanceSet.objects.filter(sample=sample, maker=segmenter.info.slug).exists():
        return
    _require(sample, segmenter)
    place = _next_place(sample)
    matcher = _matcher(sample, segmenter)
    with work_folder(f"guidance-{sample.pk}-{segmenter.info.slug}") as folder:
        files = _written(folder, sample, segmenter, matcher, place, progress, should_stop)
        stored = {name: stream_store(one) for name, one in files.items()}
    with transaction.atomic():
        GuidanceSet.objects.create(
            sample=sample,
            place=place,
            name=f"masks_{segmenter.info.slug}",
            maker=segmenter.info.slug,
            maker_version=segmenter.info.version,
            report=matcher.report(),
            code_version=f"matteweb {settings.VERSION}",
            created_by=job.created_by,
        )
        for name, fields in stored.items():
            Layer.objects.create(sample=sample, name=name, **fields)
        audit(
            actor=Actor(job.created_by, AuditEntry.Channel.JOB),
            project=sample.project,
            action="guidance.add",
            target_kind="sample",
            target_id=sample.pk,
            detail={"segmenter": segmenter.info.slug, "version": segmenter.info.version},
        )


def _require(sample: Sample, segmenter: Segmenter) -> None:
    if sample.state != SampleState.READY:
        raise Conflict(f"{sample.name} is {sample.state}", hint="wait until it is ready")
    if not people_layers(sample) or not sample.layers.filter(name=PICTURE).exists():
        raise Conflict(
            f"{sample.name} has no picture with alphas", hint="choose samples of a matting recipe"
        )
    if reason := segmenter.refuses(sample.frames or 0):
        raise Conflict(f"{segmenter.info.label} cannot look at {sample.name}: {reason}")


def _next_place(sample: Sample) -> int:
    """Return the number after those of the plan's own sources and of the sets that are there."""
    planned = len(sample.plan.get("guidance", ()))
    last: int | None = sample.guidance_sets.aggregate(last=Max("place"))["last"]
    return planned if last is None else last + 1


def _matcher(sample: Sample, segmenter: Segmenter) -> GuideMatcher:
    key = f"guidance/{segmenter.info.slug}/{sample.seed or sample.name}"
    rng = generator(sample_seed(0, key))
    return GuideMatcher([draw_guide("rough", rng) for _ in people_layers(sample)])


def _written(
    folder: Path,
    sample: Sample,
    segmenter: Segmenter,
    matcher: GuideMatcher,
    place: int,
    progress: Progress,
    should_stop: ShouldStop,
) -> dict[str, StreamFiles]:
    """Segment the sample and write a layer per person and one of what belongs to nobody."""
    paths = [_master(layer) for layer in people_layers(sample)]
    size = FrameSize(sample.width or 1, sample.height or 1)
    picture = _master(sample.layers.select_related("master").get(name=PICTURE))
    clip = ClipFile(picture, sample.frames or 0, size, sample.name)
    names = [
        *(guide_layer(place, person) for person in range(len(paths))),
        f"unmatched_{place:02d}",
    ]
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                StreamWriter(
                    folder,
                    name,
                    kind="gray",
                    size=size,
                    fps=Fraction(sample.fps_num or 1, sample.fps_den or 1),
                    expected=clip.frames,
                    master=True,
                )
            )
            for name in names
        ]
        found = segmenter.segment(clip, lambda: _alphas(paths), progress, should_stop)
        alphas = stack.enter_context(closing(_alphas(paths)))
        for visible, detections in zip(alphas, found, strict=True):
            guided = matcher.add(visible, detections)
            for writer, mask in zip(writers, [*guided.masks, guided.unmatched], strict=True):
                writer.write(mask)
    return {name: writer.files() for name, writer in zip(names, writers, strict=True)}


def _alphas(paths: Sequence[Path]) -> Generator[list[GrayFrame], None, None]:
    with ExitStack() as stack:
        streams = [stack.enter_context(closing(read_gray(path))) for path in paths]
        for frames in zip(*streams, strict=True):
            yield list(frames)


def _master(layer: Layer) -> Path:
    if layer.master is None:
        raise Conflict(f"{layer.sample} keeps no lossless {layer.name}")
    return blob_path(layer.master)
