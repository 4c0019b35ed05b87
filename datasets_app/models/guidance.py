"""A set of guidance masks that a segmenter made of a finished sample, one mask per instance."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from datasets_app.models.sample import Sample
from matteweb.accounts.models import User


class GuidanceSet(models.Model):
    """``place``: number of the source in the names of its layers, ``mask_<place>_<instance>`` and
    ``unmatched_<place>``. ``name``: of its folder in layouts. ``maker``: the segmenter.

    ``report``: {"instances": [{"iou", "matched", "synthetic", "absent"}], "switches", "unmatched"},
    the last four in frames; ``iou`` is the mean over matched frames, as text, "" without any.
    """

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="guidance_sets")
    place = models.IntegerField()
    name = models.CharField(max_length=60)
    maker = models.CharField(max_length=60)
    maker_version = models.IntegerField()
    report = models.JSONField(default=dict)
    code_version = models.CharField(max_length=80, default="")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["sample", "place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sample", "place"], name="guidance_place_once"),
            models.UniqueConstraint(fields=["sample", "name"], name="guidance_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def owns(self, layer: str) -> bool:
        """Whether a layer of the sample belongs to this set."""
        return layer.startswith((f"mask_{self.place:02d}_", f"unmatched_{self.place:02d}"))
