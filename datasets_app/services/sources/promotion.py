"""A sample that was accepted becomes a foreground of the library, for other recipes to draw."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from django.db import transaction

from datasets_app.models import Asset, Layer, Sample
from datasets_app.models.sample import ReviewState, SampleState
from datasets_app.selectors.promotions import foreground_of, origin_of
from datasets_app.services.sources.assets import asset_create
from datasets_app.services.sources.footage import Rights
from matteweb.accounts.actor import Actor
from matteweb.accounts.services import audit
from matteweb.errors import BadInput, Conflict


@transaction.atomic
def sample_promote(*, sample: Sample, actor: Actor) -> Asset:
    """Make a foreground of the sample's layers ``fgr`` and ``alpha`` and queue its reading.

    It keeps the rights of the sample's sources, and their source group when they have one in
    common, so that it never comes before its own scene. Raises BadInput for a sample without those
    layers, Conflict when it is not accepted or is a foreground already.
    """
    colour, alpha = _layer(sample, "fgr"), _layer(sample, "alpha")
    if sample.state != SampleState.READY or sample.review != ReviewState.ACCEPTED:
        raise Conflict(
            f"{sample.name} is {sample.review}; only an accepted sample becomes a foreground",
            hint="review it first",
        )
    known = foreground_of(sample)
    if known is not None:
        raise Conflict(f"{sample.name} is the foreground {known.name} already")
    asset = asset_create(
        project=sample.project,
        colour=colour.master,
        filename=f"{sample.name}_fgr.mkv",
        alpha=alpha.master,
        alpha_filename=f"{sample.name}_alpha.mkv",
        name=sample.name,
        rights=_rights(sample.sources),
        fps=str(Fraction(sample.fps_num or 25, sample.fps_den or 1)),
        source_group=_group(sample.sources),
        origin_path=origin_of(sample),
        actor=actor,
    )
    audit(
        actor=actor,
        project=sample.project,
        action="sample.promote",
        target_kind="sample",
        target_id=sample.pk,
        detail={"asset": asset.pk},
    )
    return asset


def _layer(sample: Sample, name: str) -> Any:
    layer = Layer.objects.filter(sample=sample, name=name).select_related("master").first()
    if layer is None or layer.master is None:
        raise BadInput(
            f"{sample.name} has no layer {name}",
            hint="a foreground is made of fgr and alpha, as green_screen and composite give them",
        )
    return layer


def _rights(sources: Iterable[dict[str, Any]]) -> Rights:
    """Return what holds for all sources: every licence, every name, each once."""

    def joined(field: str, between: str) -> str:
        named = (str(source.get(field) or "").strip() for source in sources)
        return between.join(dict.fromkeys(word for word in named if word))

    urls = joined("licence_url", " ")
    return Rights(
        licence=joined("licence", " AND "),
        licence_url="" if " " in urls else urls,
        attribution=joined("attribution", "; "),
    )


def _group(sources: list[dict[str, Any]]) -> str:
    """Return the source group of the subject, else the only one that there is."""
    subjects = [one for one in sources if one.get("role") in {"foreground", "clip"}] or sources
    groups = {str(one.get("group") or "") for one in subjects}
    return groups.pop() if len(groups) == 1 else ""
