"""The shapes in which the data studio appears in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from datasets_app.models import (
    Asset,
    Bundle,
    Caption,
    Layer,
    Mask,
    Sample,
    SynthesisRun,
    Verdict,
    Video,
)
from datasets_app.models.caption import CaptionLength
from datasets_app.models.verdict import Decision, Reason

_SOURCE = (
    "id",
    "name",
    "filename",
    "state",
    "error",
    "hint",
    "findings",
    "facts",
    "licence",
    "licence_url",
    "attribution",
    "source_group",
    "tags",
    "created_at",
    "withdrawn_at",
)
_STREAM = ("frames", "width", "height", "fps_num", "fps_den")


class MaskShape(serializers.ModelSerializer[Mask]):
    """One mask; ``coverage`` is the mean share of the frame, 0..1."""

    class Meta:
        model = Mask
        fields = ("id", "name", "kind", "state", "error", "hint", "reading", "coverage", *_STREAM)


class CaptionShape(serializers.ModelSerializer[Caption]):
    """One length of a caption."""

    class Meta:
        model = Caption
        fields = ("length", "text", "origin", "approved", "edited_at")


class VideoShape(serializers.ModelSerializer[Video]):
    """A video with its masks and captions; ``sha256`` is that of the untouched upload."""

    sha256 = serializers.CharField(source="original_id", read_only=True)
    masks = MaskShape(many=True, read_only=True)
    captions = CaptionShape(many=True, read_only=True)

    class Meta:
        model = Video
        fields = (*_SOURCE, *_STREAM, "split", "sha256", "masks", "captions")


class StillShape(serializers.ModelSerializer[Asset]):
    """A still picture."""

    sha256 = serializers.CharField(source="original_id", read_only=True)

    class Meta:
        model = Asset
        fields = (*_SOURCE, "kind", "width", "height", "sha256")


class FootageChange(serializers.Serializer[Any]):
    """What a person may say of footage; what is left out stays as it is."""

    name = serializers.CharField(required=False, max_length=200)
    licence = serializers.CharField(required=False, allow_blank=True, max_length=80)
    licence_url = serializers.URLField(required=False, allow_blank=True, max_length=500)
    attribution = serializers.CharField(required=False, allow_blank=True)
    source_group = serializers.CharField(required=False, allow_blank=True, max_length=120)
    tags = serializers.ListField(child=serializers.CharField(max_length=60), required=False)


class VideoChange(FootageChange):
    """What a person may say of a video; what is left out stays as it is."""

    split = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=60,
        help_text="train, or what it is held out as",
    )


class DecisionGiven(serializers.Serializer[Any]):
    """The answer to one finding."""

    code = serializers.CharField()
    choice = serializers.CharField()


class WithdrawalGiven(serializers.Serializer[Any]):
    """Why a source may no longer be used."""

    reason = serializers.CharField()


class CaptionGiven(serializers.Serializer[Any]):
    """One length of a caption; an empty text removes it."""

    length = serializers.ChoiceField(CaptionLength.choices)
    text = serializers.CharField(allow_blank=True)
    approved = serializers.BooleanField(default=False)


class MaskReadingGiven(serializers.Serializer[Any]):
    """How a mask is to be read."""

    polarity = serializers.ChoiceField(["white", "black"], required=False)
    threshold = serializers.IntegerField(min_value=0, max_value=254, required=False)


class FindingShape(serializers.Serializer[Any]):
    """One thing worth knowing: ``error`` blocks, ``warning`` asks, ``note`` tells."""

    code = serializers.CharField()
    severity = serializers.ChoiceField(["note", "warning", "error"])
    message = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)
    where = serializers.CharField(allow_blank=True)
    choices = serializers.ListField(child=serializers.CharField())


class CaptionsImported(serializers.Serializer[Any]):
    """How many videos were captioned, and what could not be used."""

    captioned = serializers.IntegerField()
    findings = FindingShape(many=True)


class ArchivedShape(serializers.Serializer[Any]):
    """An archived object; ``kind`` and ``id`` are its address in the archive."""

    kind = serializers.CharField()
    id = serializers.IntegerField()
    name = serializers.CharField()
    archived_at = serializers.DateTimeField()


class DependentShape(serializers.Serializer[Any]):
    """Objects of one kind that would miss an object, and what happens to them."""

    kind = serializers.CharField()
    count = serializers.IntegerField()
    consequence = serializers.CharField()


class LayerShape(serializers.ModelSerializer[Layer]):
    """One stream of a sample; its files are at ``files/layer/<id>/<what>``."""

    class Meta:
        model = Layer
        fields = ("id", "name", "frames", "width", "height")


class RecipeShape(serializers.Serializer[Any]):
    """A recipe; ``params_schema`` is the JSON schema of its parameters."""

    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    version = serializers.IntegerField()
    category = serializers.CharField()
    needs = serializers.CharField()
    why_not = serializers.CharField(allow_blank=True)
    params_schema = serializers.DictField()


class RunGiven(serializers.Serializer[Any]):
    """A run to be launched."""

    recipe = serializers.CharField()
    params = serializers.DictField(default=dict)
    count = serializers.IntegerField(min_value=1)
    seed = serializers.IntegerField()
    trial = serializers.BooleanField(default=False)


class SurveyGiven(serializers.Serializer[Any]):
    """Parameters to be asked about before a run."""

    recipe = serializers.CharField()
    params = serializers.DictField(default=dict)
    count = serializers.IntegerField(default=1, min_value=1)


class RunShape(serializers.ModelSerializer[SynthesisRun]):
    """A run; ``counts`` are its samples by state."""

    counts = serializers.DictField(read_only=True)

    class Meta:
        model = SynthesisRun
        fields = (
            "id",
            "recipe",
            "recipe_version",
            "params",
            "survey",
            "root_seed",
            "count",
            "trial",
            "code_version",
            "created_at",
            "counts",
        )


class VerdictShape(serializers.ModelSerializer[Verdict]):
    """One verdict."""

    reviewer = serializers.CharField(source="reviewer.username", read_only=True)

    class Meta:
        model = Verdict
        fields = (
            "id",
            "reviewer",
            "decision",
            "reasons",
            "comment",
            "first_frame",
            "last_frame",
            "seconds",
            "by_command",
            "at",
            "undone_at",
        )


class VerdictGiven(serializers.Serializer[Any]):
    """A verdict to be given; a rejection needs a reason."""

    decision = serializers.ChoiceField(Decision.choices)
    reasons = serializers.ListField(child=serializers.ChoiceField(Reason.choices), default=list)
    comment = serializers.CharField(allow_blank=True, default="")
    first_frame = serializers.IntegerField(min_value=0, required=False)
    last_frame = serializers.IntegerField(min_value=0, required=False)
    seconds = serializers.FloatField(min_value=0, required=False)


class SampleShape(serializers.ModelSerializer[Sample]):
    """A sample with everything that remakes it."""

    verdicts = VerdictShape(many=True, read_only=True)
    layers = LayerShape(many=True, read_only=True)

    class Meta:
        model = Sample
        fields = (
            "id",
            "name",
            "run",
            "index",
            "state",
            "review",
            "recipe",
            "recipe_version",
            "seed",
            "plan",
            "sources",
            "code_version",
            "platform",
            "caption",
            "longer_captions",
            "category",
            "split",
            "weight",
            *_STREAM,
            "notes",
            "error",
            "hint",
            "created_at",
            "rendered_at",
            "verdicts",
            "layers",
        )


class BundleShape(serializers.ModelSerializer[Bundle]):
    """A bundle; ``manifest_id`` is its identity once frozen."""

    class Meta:
        model = Bundle
        fields = (
            "name",
            "state",
            "manifest_id",
            "settings",
            "problems",
            "withdrawn",
            "created_at",
            "frozen_at",
        )


class SampleFilterGiven(serializers.Serializer[Any]):
    """Which accepted samples a bundle takes; what is left out takes all."""

    runs = serializers.ListField(child=serializers.IntegerField(), default=list)
    categories = serializers.ListField(child=serializers.CharField(), default=list)
    least_frames = serializers.IntegerField(min_value=0, default=0)
    ids = serializers.ListField(child=serializers.IntegerField(), default=list)


class OutlookGiven(serializers.Serializer[Any]):
    """A choice of samples, shares (percent) and repeats, to be asked about or frozen."""

    samples = SampleFilterGiven(required=False)
    shares = serializers.DictField(child=serializers.CharField(), default=dict)
    repeats = serializers.DictField(child=serializers.IntegerField(min_value=1), default=dict)
    most_rows = serializers.IntegerField(
        min_value=0, default=0, help_text="bound on what target shares may repeat, 0 for none"
    )
    splits = serializers.DictField(child=serializers.CharField(), default=dict)
    split_seed = serializers.IntegerField(default=0)
    keep_splits = serializers.BooleanField(
        default=False, help_text="samples with a split of their own keep it; the others are drawn"
    )
    licence_reason = serializers.CharField(allow_blank=True, default="")


class FreezeGiven(OutlookGiven):
    """A bundle to be made and frozen."""

    name = serializers.SlugField(max_length=80)


class CategoryOutlookShape(serializers.Serializer[Any]):
    """What a category would give; shares are percentages of all rows."""

    category = serializers.CharField()
    samples = serializers.IntegerField()
    weight = serializers.IntegerField(help_text="of its samples, each as often as it counts")
    sources = serializers.IntegerField()
    repeats = serializers.IntegerField()
    rows = serializers.IntegerField()
    share = serializers.FloatField()
    target = serializers.FloatField(allow_null=True)
    natural = serializers.FloatField(help_text="its share when nothing repeats")


class SplitOutlookShape(serializers.Serializer[Any]):
    """What a split would hold; ``rows`` are in the order of the categories, ``target`` is null for
    one that nobody asked for: samples came with it."""

    name = serializers.CharField()
    target = serializers.FloatField(allow_null=True)
    samples = serializers.IntegerField()
    sources = serializers.IntegerField()
    total = serializers.IntegerField()
    rows = serializers.ListField(child=serializers.IntegerField())


class LicenceLineShape(serializers.Serializer[Any]):
    """One licence of the choice, and why it needs a written reason."""

    licence = serializers.CharField(allow_blank=True)
    sources = serializers.IntegerField()
    samples = serializers.IntegerField()
    concerns = serializers.ListField(child=serializers.CharField())
    sentence = serializers.CharField()


class OutlookShape(serializers.Serializer[Any]):
    """What a choice would give; ``blocked`` says why it cannot be frozen, empty when it can."""

    samples = serializers.IntegerField()
    sources = serializers.IntegerField()
    total = serializers.IntegerField()
    exact = serializers.BooleanField()
    formula = serializers.CharField(allow_blank=True)
    categories = CategoryOutlookShape(many=True)
    splits = SplitOutlookShape(many=True)
    licences = LicenceLineShape(many=True)
    findings = FindingShape(many=True)
    blocked = serializers.CharField(allow_blank=True)
