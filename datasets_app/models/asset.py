"""What a recipe draws on besides videos: backgrounds, subjects with an alpha of their own, and
what rendered scenes are made with."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from datasets_app.models.blob import Blob, Stream
from datasets_app.models.video import Source
from matteweb.accounts.models import Project


class AssetSplit(models.TextChoices):
    """Where a list file puts an asset; a recipe may draw from one side only."""

    ANY = "", "Any"
    TRAIN = "train", "Train"
    TEST = "test", "Test"


class Asset(Source, Stream):
    """A still, a clip, or a file of a scene. A foreground has an ``alpha`` layer and two side
    files: ``index`` (boxes, areas, small alphas) and ``cutout`` (tight crop in pure colour at
    every half size).

    ``alpha_original`` is empty where the file itself has the opacity. ``measures`` is what the
    index comes to, see ``AssetFacts``. ``excluded`` says why no recipe may draw it.
    """

    class Kind(models.TextChoices):
        STILL = "still", "Background still"
        BACKGROUND_CLIP = "background_clip", "Background clip"
        FOREGROUND_STILL = "foreground_still", "Foreground still"
        FOREGROUND_CLIP = "foreground_clip", "Foreground clip"
        MODEL = "model", "3D model"
        LIGHT = "light", "Picture of light"

    noun: ClassVar[str] = "asset"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="assets")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    alpha_original = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    alpha_filename = models.CharField(max_length=255, default="")
    index = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    cutout = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    measures = models.JSONField(default=dict)
    origin_path = models.CharField(
        max_length=500, default="", help_text="where it lay in the tree that it came from"
    )
    split = models.CharField(
        max_length=8, choices=AssetSplit.choices, default=AssetSplit.ANY, blank=True
    )
    excluded = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(split__in=AssetSplit.values), name="asset_split_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_foreground(self) -> bool:
        """Whether it is a subject with alpha."""
        return self.kind in (self.Kind.FOREGROUND_STILL, self.Kind.FOREGROUND_CLIP)

    @property
    def is_scene_file(self) -> bool:
        """Whether only a renderer reads it: it has neither frames nor layers."""
        return self.kind in (self.Kind.MODEL, self.Kind.LIGHT)

    @property
    def is_still(self) -> bool:
        """Whether one picture stands for any number of frames."""
        return self.kind in (self.Kind.STILL, self.Kind.FOREGROUND_STILL)


class AssetLayer(Stream):
    """A further stream of an asset, frame by frame beside its colour: ``alpha``."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="layers")
    name = models.CharField(max_length=20)

    class Meta:
        ordering: ClassVar = ["asset", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["asset", "name"], name="asset_layer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of asset {self.asset_id}"
