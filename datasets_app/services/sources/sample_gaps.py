"""What is said of footage only after samples were made of it reaches those that lack it.

A sample keeps the caption and the rights that it was planned with; only what was empty is filled,
so that nothing has to be rendered again for a word that was forgotten.
"""

from __future__ import annotations

from typing import Any

from datasets_app.models import Asset, Sample, Video
from matteweb.accounts.actor import Actor
from matteweb.accounts.services import audit

_RIGHTS = ("licence", "licence_url", "attribution")


def caption_fill(*, video: Video, text: str, actor: Actor) -> int:
    """Caption the samples that would have inherited it from the video; return how many."""
    silent = video.samples.filter(caption="")
    found = [sample for sample in silent if _is_of(_captioned(sample.sources), video)]
    for sample in found:
        sample.caption = text
    return _keep(found, "caption", video, actor)


def rights_fill(*, footage: Video | Asset, actor: Actor) -> int:
    """Write the footage's rights where its samples have no licence of it; return how many."""
    rights = {field: getattr(footage, field) for field in _RIGHTS}
    found = []
    for sample in footage.samples.all() if footage.licence else ():
        gaps = [one for one in sample.sources if _is_of(one, footage) and not one["licence"]]
        for source in gaps:
            source.update(rights)
        if gaps:
            found.append(sample)
    return _keep(found, "sources", footage, actor)


def _captioned(sources: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the source whose caption a sample bears: what lies behind, else what is shown."""
    behind = [source for source in sources if source.get("role") == "background"]
    return (behind or sources or [{}])[0]


def _is_of(source: dict[str, Any], footage: Video | Asset) -> bool:
    kind = "video" if isinstance(footage, Video) else "asset"
    return (source.get("kind", "video"), source.get("id")) == (kind, footage.pk)


def _keep(samples: list[Sample], field: str, footage: Video | Asset, actor: Actor) -> int:
    for sample in samples:
        sample.save(update_fields=[field])
        audit(
            actor=actor,
            project=sample.project,
            action="sample.fill",
            target_kind="sample",
            target_id=sample.pk,
            detail={"field": field, "from": footage.name},
        )
    return len(samples)
