"""Ready tuples that were made elsewhere: they become samples to review, without a recipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.bundles.manifest import TUPLE_LAYERS
from datasets_app.domain.bundles.manifest_parts import Source
from datasets_app.domain.bundles.splits import split_name
from datasets_app.domain.bundles.tuple_reading import (
    RATE_OF_PICTURES,
    stream_tuple,
    survey_tuple,
    tuple_digest,
)
from datasets_app.domain.bundles.weights import named_weight
from datasets_app.domain.findings import Finding
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.progress import ShouldStop, ignore_progress
from datasets_app.domain.trees.entries import ReadyTuple
from datasets_app.domain.trees.sample_streams import RATE_OF_PICTURES as RATE_OF_MATTES
from datasets_app.domain.trees.sample_streams import (
    covered_frames,
    imported_plan,
    sample_digest,
    sample_layers,
    stream_layers,
    survey_layers,
)
from datasets_app.domain.trees.samples import PICTURE, tuple_masters
from datasets_app.models import Layer, Sample, Video
from datasets_app.models.sample import SampleState
from datasets_app.services.runs.sample_plans import longer_captions
from datasets_app.services.sources.footage import Rights, media_limits
from datasets_app.services.space import space_require
from datasets_app.services.streams import StreamFields, stream_store
from datasets_app.services.trees.import_way import ImportWay
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.accounts.services import audit
from matteweb.errors import BadInput

IMPORTED = "imported"
"""Code of the note that says which tuple a sample was; its ``where`` is the tuple's digest."""


def sample_take(way: ImportWay, one: ReadyTuple) -> None:
    """Bring in one finished sample, or find it."""
    sample, new = sample_import(
        project=way.project,
        one=one,
        rights=way.rights,
        actor=way.actor,
        should_stop=way.should_stop,
    )
    way.report.samples.append(sample.pk)
    way.report.count("samples", new)


def sample_import(
    *,
    project: Project,
    one: ReadyTuple,
    rights: Rights,
    actor: Actor,
    should_stop: ShouldStop,
) -> tuple[Sample, bool]:
    """Store a ready tuple as a sample; return it and whether it is new.

    The same bytes under the same name are the same sample: a second import gives it the split of
    its tree where it has none, and changes nothing else. Every layer is stored before the row says
    ready, or there is no row. Raises BadInput, Unsupported, NoSpace and Cancelled.
    """
    layers = set(sample_layers(one))
    if layers == {PICTURE}:
        raise BadInput(f"{one.where} has a picture and nothing to learn", hint="add its alphas")
    made = _TupleStreams(one) if layers <= set(TUPLE_LAYERS) else _Streams(one)
    known = _known(project, one, made.digest)
    if known is not None:
        _place(known, one, actor)
        return known, False
    made.survey(should_stop)
    space_require(project=project, needed=0, purpose=f"sample {one.where}")
    with work_folder(f"import-{project.pk}-{made.digest[:16]}") as folder:
        stored = made.store(folder, should_stop)
    with transaction.atomic():
        # Asked again inside: another import of the same tree may have been faster.
        known = _known(project, one, made.digest)
        if known is not None:
            return known, False
        return _created(project, one, made, stored, rights, actor), True


class _TupleStreams:
    """The three layers of a tuple, its mask brought to its three values."""

    def __init__(self, one: ReadyTuple) -> None:
        self._one, self._layers = one, tuple_masters(one)
        self.digest = tuple_digest(self._layers)
        self.plan: dict[str, Any] = {}

    def survey(self, should_stop: ShouldStop) -> None:
        self._survey = survey_tuple(
            self._layers, where=self._one.where, limits=media_limits(), should_stop=should_stop
        )

    def store(self, folder: Path, should_stop: ShouldStop) -> dict[str, StreamFields]:
        files = stream_tuple(
            self._layers, self._survey, folder, progress=ignore_progress, should_stop=should_stop
        )
        self._snapped = files.snapped
        return {layer: stream_store(stream) for layer, stream in files.streams.items()}

    def notes(self) -> Iterator[Finding]:
        survey = self._survey
        if self._snapped:
            share = self._snapped / (survey.frames * survey.size.width * survey.size.height)
            message = (
                f"The mask was stored lossy: {share:.2%} of its pixels snapped to 0, 128 or 255"
            )
            yield Finding("mask_snapped", "note", message, "look at its edges in review")
        yield from _shared_notes(survey.fps, survey.size, RATE_OF_PICTURES)


class _Streams:
    """The layers of any other sample, as they are."""

    def __init__(self, one: ReadyTuple) -> None:
        self._one, self._layers = one, sample_layers(one)
        self._covered = covered_frames(one)
        self.digest = sample_digest(one)
        self.plan = imported_plan(one)

    def survey(self, should_stop: ShouldStop) -> None:
        self._survey, misfits = survey_layers(
            self._layers,
            self._covered,
            where=self._one.where,
            limits=media_limits(),
            should_stop=should_stop,
        )
        # What does not fit is told by the layout's check.
        for layer in misfits:
            del self._layers[layer]

    def store(self, folder: Path, should_stop: ShouldStop) -> dict[str, StreamFields]:
        files = stream_layers(self._layers, self._covered, self._survey, folder, should_stop)
        return {layer: stream_store(stream) for layer, stream in files.items()}

    def notes(self) -> Iterator[Finding]:
        for guide in self._one.guidance:
            if guide.frames is not None:
                message = f"Masks of {guide.source} cover {len(guide.frames)} of its frames"
                hint = "the others of their layer are empty, and are not written again"
                yield Finding("guidance_partial", "note", message, hint)
        yield from _shared_notes(self._survey.fps, self._survey.size, RATE_OF_MATTES)


def _known(project: Project, one: ReadyTuple, digest: str) -> Sample | None:
    same_name = Sample.objects.filter(
        project=project, run=None, name=one.name[:80], category=one.category, archived_at=None
    )
    return next((row for row in same_name if _digest_of(row) == digest), None)


@transaction.atomic
def _place(sample: Sample, one: ReadyTuple, actor: Actor) -> None:
    """Give a sample that has no split the one that its tree says."""
    if one.split and not sample.split:
        sample.split = split_name(one.split)
        sample.save(update_fields=["split"])
        _audit_sample(sample, actor, "place", {"split": sample.split})


def _digest_of(sample: Sample) -> str:
    return next((note["where"] for note in sample.notes if note.get("code") == IMPORTED), "")


def _created(
    project: Project,
    one: ReadyTuple,
    made: _TupleStreams | _Streams,
    stored: dict[str, StreamFields],
    rights: Rights,
    actor: Actor,
) -> Sample:
    full = stored["rgb_full"]
    sources = _sources(one, made.digest, rights)
    sample = Sample.objects.create(
        project=project,
        index=Sample.objects.filter(project=project, run=None).count(),
        name=one.name[:80],
        state=SampleState.READY,
        sources=sources,
        plan=made.plan,
        caption=one.captions.training_text() if one.captions else "",
        longer_captions=longer_captions(one.captions) if one.captions else {},
        category=one.category,
        split=split_name(one.split),
        weight=named_weight(one.name),
        notes=[note.as_json() for note in (*_notes(one, made.digest), *made.notes())],
        rendered_at=timezone.now(),
        **{key: full[key] for key in ("frames", "width", "height", "fps_num", "fps_den")},
    )
    for layer, fields in stored.items():
        Layer.objects.create(sample=sample, name=layer, **fields)
    sample.videos.set(_videos(project, sources))
    _audit_sample(sample, actor, "import", {"tuple": one.where, "digest": made.digest})
    return sample


def _audit_sample(sample: Sample, actor: Actor, verb: str, detail: dict[str, Any]) -> None:
    audit(
        actor=actor,
        project=sample.project,
        action=f"sample.{verb}",
        target_kind="sample",
        target_id=sample.pk,
        detail=detail,
    )


def _videos(project: Project, sources: Iterable[dict[str, Any]]) -> list[Video]:
    digests = [source["digest"] for source in sources]
    return list(Video.objects.filter(project=project, original__in=digests, archived_at=None))


def _sources(one: ReadyTuple, digest: str, rights: Rights) -> list[dict[str, Any]]:
    """Return what the tree tells of the tuple's sources, or the tuple itself as its only one."""
    if one.sources:
        return [_recorded(source, rights) for source in one.sources]
    where = f"{one.category}/{one.name}"
    return [
        {
            "kind": "tuple",
            "id": None,
            "name": where,
            "digest": digest,
            "role": "tuple",
            "group": f"tuple {where}",
            "licence": rights.licence,
            "licence_url": rights.licence_url,
            "attribution": rights.attribution,
        }
    ]


def _recorded(source: Source, rights: Rights) -> dict[str, Any]:
    """Return a manifest's source; a licence that it has outweighs the one given for the tree."""
    own = bool(source.licence)
    return {
        "kind": source.kind,
        "id": None,
        "name": source.name,
        "digest": source.sha256,
        "role": source.role,
        "group": source.group or source.sha256,
        "licence": source.licence if own else rights.licence,
        "licence_url": source.licence_url if own else rights.licence_url,
        "attribution": source.attribution or rights.attribution,
    }


def _notes(one: ReadyTuple, digest: str) -> Iterator[Finding]:
    yield Finding(IMPORTED, "note", f"Imported from {one.where}", where=digest)
    if one.repeats > 1:
        message = f"Its training list has it {one.repeats} times"
        yield Finding("training_list", "note", message, "set repeats in the bundle")
    if (weight := named_weight(one.name)) > 1:
        message = f"Shows water: it counts {weight} times, as in the Casper merge"
        yield Finding("weight", "note", message, "a sample's page changes how often it counts")


def _shared_notes(fps: Fraction | None, size: FrameSize, assumed: Fraction) -> Iterator[Finding]:
    if fps is None:
        message = f"Its pictures have no frame rate: {assumed} fps"
        yield Finding("rate_assumed", "note", message, "an export can re-tag it")
    if not size.is_even:
        message = f"Odd size, {size}"
        hint = "exports lose one column or row at the right or bottom, in all layers alike"
        yield Finding("odd_size", "note", message, hint)
