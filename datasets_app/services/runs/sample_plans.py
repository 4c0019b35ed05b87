"""What a plan leaves on the row of its sample, whether it is the first plan or a later one."""

from __future__ import annotations

from typing import Any

from datasets_app.domain.captions import LENGTHS, Captions
from datasets_app.domain.recipes.base import Plan
from datasets_app.models import Sample, SynthesisRun
from datasets_app.services.runs.pool import sources_of_plan


def plan_fields(run: SynthesisRun, plan: Plan) -> dict[str, Any]:
    """Return the fields of a sample that follow from its plan, by name."""
    return {
        "plan": plan.model_dump(mode="json"),
        "caption": plan.caption,
        "longer_captions": longer_captions(plan.captions),
        "sources": sources_of_plan(run.pool, plan),
    }


def longer_captions(captions: Captions) -> dict[str, str]:
    """Return the lengths that stand beside a sample's own caption, by name, without empty ones."""
    lengths = (length for length in LENGTHS if length != "short")
    return {length: text for length in lengths if (text := getattr(captions, length))}


def sample_sources_link(*, sample: Sample) -> None:
    """Point a stored sample at the videos and assets that its ``sources`` name, and no others."""
    named = [(source["kind"], source["id"]) for source in sample.sources]
    sample.videos.set(pk for kind, pk in named if kind == "video")
    sample.assets.set(pk for kind, pk in named if kind == "asset")
