"""Guidance masks as their pages show them: every source of a sample side by side, a run at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

from django.db.models import Prefetch
from django.urls import reverse

from datasets_app.adapters.ranged_response import versioned
from datasets_app.domain.synthesis.crowd.guidance import guide_layer
from datasets_app.models import GuidanceSet, Layer, Sample, SynthesisRun
from datasets_app.models.sample import SampleState
from inference_app.domain.segmenters import SEGMENTERS
from matteweb.accounts.models import Project
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE, JobState

GUIDE_KIND: Final = "guidance_make"
"""The kind of job that makes the masks of a segmenter."""

PICTURE: Final = "rgb_full"
SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """What became of one person: frames with a mask of the segmenter, with a stand-in, and without
    the person; ``iou`` over the first, "" without any."""

    number: int
    iou: str
    matched: int
    synthetic: int
    absent: int


@dataclass(frozen=True, slots=True)
class GuideSource:
    """One source of masks: a picture per person, None where it has none. ``people`` is empty for
    masks that the recipe made of the alphas; ``unmatched`` then is None."""

    name: str
    label: str
    masks: tuple[str | None, ...]
    people: tuple[PersonFigures, ...] = ()
    switches: int = 0
    unmatched: str | None = None
    unmatched_frames: int = 0


@dataclass(frozen=True, slots=True)
class SampleGuidance:
    """Pictures of one frame: ``picture``, the true ``alphas``, every source; and what is on its
    way or failed since the last set was made."""

    sample: Sample
    frame: int
    picture: str | None
    alphas: tuple[str, ...]
    sources: tuple[GuideSource, ...]
    jobs: tuple[Job, ...]

    @property
    def last(self) -> int:
        """The number of the last frame."""
        return max(0, (self.sample.frames or 1) - 1)

    @property
    def live(self) -> bool:
        """Whether it changes by itself."""
        return any(job.state in LIVE for job in self.jobs)


@dataclass(frozen=True, slots=True)
class MakerFigures:
    """What one segmenter came to over a run: samples that have its masks, and over all their
    people the mean IoU (None without a match), the share of frames with a stand-in, switches."""

    label: str
    slug: str
    samples: int
    iou: float | None
    synthetic: float | None
    switches: int


@dataclass(frozen=True, slots=True)
class RunGuidance:
    """The samples of a run with their sets, and what each segmenter came to."""

    samples: tuple[Sample, ...]
    more: int
    makers: tuple[MakerFigures, ...]
    jobs: tuple[Job, ...]

    @property
    def live(self) -> bool:
        """Whether it changes by itself."""
        return any(job.state in LIVE for job in self.jobs)

    @property
    def failed(self) -> tuple[Job, ...]:
        """The jobs that could not do it."""
        return tuple(job for job in self.jobs if job.state == JobState.FAILED)


def people_layers(sample: Sample) -> list[Layer]:
    """Return the alphas of the people in a sample, lowest first: ``alpha_00`` and on, else the one
    ``alpha``; none for a sample without."""
    layers = {layer.name: layer for layer in sample.layers.select_related("master")}
    many = [layers[name] for name in sorted(layers) if name.startswith("alpha_")]
    return many or [layers[name] for name in ("alpha",) if name in layers]


def sample_guidance(sample: Sample, frame: int) -> SampleGuidance:
    """Return every source of a sample at ``frame``, or at its last one. Four queries."""
    frame = min(max(0, frame), max(0, (sample.frames or 1) - 1))
    layers = {layer.name: layer for layer in sample.layers.all()}
    alphas = people_layers(sample)

    def shown(name: str) -> str | None:
        return _frame_url(layers[name], sample, frame) if name in layers else None

    def masks(place: int) -> tuple[str | None, ...]:
        return tuple(shown(guide_layer(place, person)) for person in range(len(alphas)))

    planned = [
        GuideSource(name=str(name), label=str(name), masks=masks(place))
        for place, name in enumerate(sample.plan.get("guidance", ()))
    ]
    made = list(sample.guidance_sets.all())
    found = [_source(one, masks(one.place), shown(f"unmatched_{one.place:02d}")) for one in made]
    jobs = Job.objects.filter(kind=GUIDE_KIND, target_id=sample.pk, project=sample.project)
    return SampleGuidance(
        sample=sample,
        frame=frame,
        picture=shown(PICTURE),
        alphas=tuple(_frame_url(one, sample, frame) for one in alphas),
        sources=(*planned, *found),
        jobs=_open_jobs(list(jobs.order_by("pk")), {(sample.pk, one.maker) for one in made}),
    )


def run_guidance(project: Project, run: SynthesisRun) -> RunGuidance:
    """Return what segmenters came to over the ready samples of a run. Four queries."""
    ready = Sample.objects.filter(run=run, archived_at=None, state=SampleState.READY)
    sets = Prefetch("guidance_sets", queryset=GuidanceSet.objects.order_by("place"))
    samples = list(ready.order_by("index").prefetch_related(sets))
    made = [one for sample in samples for one in sample.guidance_sets.all()]
    jobs = Job.objects.filter(
        project=project, kind=GUIDE_KIND, target_id__in=[sample.pk for sample in samples]
    )
    return RunGuidance(
        samples=tuple(samples[:SHOWN]),
        more=max(0, len(samples) - SHOWN),
        makers=tuple(
            _figures(segmenter.info.slug, segmenter.info.label, made)
            for segmenter in SEGMENTERS
            if any(one.maker == segmenter.info.slug for one in made)
        ),
        jobs=_open_jobs(list(jobs.order_by("pk")), {(one.sample_id, one.maker) for one in made}),
    )


def _open_jobs(jobs: Sequence[Job], done: set[tuple[int, str]]) -> tuple[Job, ...]:
    """Return the newest job of each sample and segmenter whose masks are not there."""
    newest = {(job.target_id or 0, str(job.params.get("segmenter"))): job for job in jobs}
    return tuple(job for key, job in newest.items() if key not in done)


def _source(made: GuidanceSet, masks: tuple[str | None, ...], unmatched: str | None) -> GuideSource:
    report: dict[str, Any] = made.report
    people = tuple(
        PersonFigures(number, one["iou"], one["matched"], one["synthetic"], one["absent"])
        for number, one in enumerate(report.get("instances", ()))
    )
    return GuideSource(
        name=made.name,
        label=f"{SEGMENTERS[made.maker].info.label} v{made.maker_version}",
        masks=masks,
        people=people,
        switches=int(report.get("switches", 0)),
        unmatched=unmatched,
        unmatched_frames=int(report.get("unmatched", 0)),
    )


def _figures(slug: str, label: str, made: Sequence[GuidanceSet]) -> MakerFigures:
    own = [one.report for one in made if one.maker == slug]
    people = [person for report in own for person in report.get("instances", ())]
    ious = [float(person["iou"]) for person in people if person["iou"]]
    stood_in = sum(person["synthetic"] for person in people)
    frames = stood_in + sum(person["matched"] for person in people)
    return MakerFigures(
        label=label,
        slug=slug,
        samples=len(own),
        iou=fmean(ious) if ious else None,
        synthetic=stood_in / frames if frames else None,
        switches=sum(int(report.get("switches", 0)) for report in own),
    )


def _frame_url(layer: Layer, sample: Sample, frame: int) -> str:
    path = {"project": sample.project.slug, "kind": "layer", "pk": layer.pk, "frame": frame}
    return versioned(reverse("stored-frame", kwargs=path), layer.master_id or "")
