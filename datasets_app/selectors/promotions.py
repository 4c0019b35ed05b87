"""Which sample became which foreground."""

from __future__ import annotations

from datasets_app.models import Asset, Layer, Sample

_NEEDED = {"fgr", "alpha"}


def origin_of(sample: Sample) -> str:
    """Return what a foreground made of ``sample`` says of where it came from."""
    return f"sample/{sample.pk}"


def foreground_of(sample: Sample) -> Asset | None:
    """Return the foreground that was made of ``sample``; None as long as there is none."""
    made = Asset.objects.filter(project=sample.project, origin_path=origin_of(sample))
    return made.filter(archived_at=None).first()


def can_be_foreground(sample: Sample) -> bool:
    """Return whether the sample has the layers of a foreground."""
    names = set(Layer.objects.filter(sample=sample).values_list("name", flat=True))
    return names >= _NEEDED
