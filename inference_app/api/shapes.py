"""The shapes in which models and their runs appear in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from inference_app.models import Evaluation, HardExample, ModelRun, Training


class WeightShape(serializers.Serializer[Any]):
    """One file that a model reads; ``folder`` is where it belongs."""

    name = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    licence = serializers.CharField()
    url = serializers.CharField()
    folder = serializers.CharField()
    present = serializers.BooleanField()


class ModelShape(serializers.Serializer[Any]):
    """One predictor; ``why_not`` is empty when it can run here."""

    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    version = serializers.IntegerField()
    task = serializers.CharField()
    accepts = serializers.ListField(child=serializers.CharField())
    hints_on = serializers.CharField()
    gives = serializers.ListField(child=serializers.CharField())
    licence = serializers.CharField()
    weights = WeightShape(many=True)
    why_not = serializers.CharField()


class ModelRunGiven(serializers.Serializer[Any]):
    """A run to start: ``video`` alone for a model that needs no mask."""

    predictor = serializers.CharField(max_length=60)
    mask = serializers.IntegerField(required=False)
    video = serializers.IntegerField(required=False)
    training = serializers.IntegerField(
        required=False, help_text="a finished training whose weights are used"
    )
    longest = serializers.IntegerField(
        default=0, min_value=0, help_text="longer side at which it works; 0: the video's own"
    )


class ModelRunShape(serializers.ModelSerializer[ModelRun]):
    """A run; ``done`` of ``total`` frames; ``alpha_mask``: the mask of the video that it became."""

    total = serializers.IntegerField(source="video.frames", read_only=True)
    alpha_mask = serializers.IntegerField(source="result_id", read_only=True)

    class Meta:
        model = ModelRun
        fields = (
            "id",
            "video",
            "mask",
            "predictor",
            "predictor_version",
            "weights",
            "params",
            "state",
            "done",
            "total",
            "alpha_mask",
            "error",
            "hint",
            "created_at",
        )


class DeliveryShape(serializers.Serializer[Any]):
    """A form of a run: ``state`` is absent, ready, or the state of the job that writes it."""

    form = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    bytes = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()
    error = serializers.CharField()


class TrainingGiven(serializers.Serializer[Any]):
    """A training to start. ``values`` change the preset; ``painted`` and the numbers in
    ``bundles`` (name -> weight) say how often each source is drawn."""

    name = serializers.CharField(max_length=80)
    preset = serializers.CharField(max_length=40, default="light")
    values = serializers.DictField(default=dict)
    painted = serializers.FloatField(default=1.0, min_value=0)
    bundles = serializers.DictField(child=serializers.FloatField(), default=dict)


class TrainingShape(serializers.ModelSerializer[Training]):
    """A training; ``best`` is the band MAD (times 1000) on the fixed validation set."""

    class Meta:
        model = Training
        fields = (
            "id",
            "name",
            "plan",
            "sources",
            "state",
            "step",
            "best",
            "best_step",
            "curve",
            "notes",
            "card",
            "error",
            "hint",
            "created_at",
        )


class EvaluationGiven(serializers.Serializer[Any]):
    """An evaluation to start. ``bundles``: name -> split; ``clips`` of each set, 0 for all."""

    name = serializers.CharField(max_length=80, default="", allow_blank=True)
    predictors = serializers.ListField(child=serializers.CharField(), default=list)
    trainings = serializers.ListField(child=serializers.IntegerField(), default=list)
    held_out = serializers.ListField(child=serializers.CharField(), default=list)
    bundles = serializers.DictField(child=serializers.CharField(), default=dict)
    clips = serializers.IntegerField(default=0, min_value=0)


class EvaluationShape(serializers.ModelSerializer[Evaluation]):
    """An evaluation; its tables are another address, as csv, json or latex."""

    class Meta:
        model = Evaluation
        fields = (
            "id",
            "name",
            "models_measured",
            "sets",
            "clips",
            "state",
            "error",
            "hint",
            "created_at",
        )


class HardExampleShape(serializers.ModelSerializer[HardExample]):
    """A frame that a model found hard; its signs are shares of the object's area."""

    video = serializers.CharField(source="run.video.name", read_only=True)
    predictor = serializers.CharField(source="run.predictor", read_only=True)

    class Meta:
        model = HardExample
        fields = (
            "id",
            "run",
            "video",
            "predictor",
            "frame",
            "score",
            "uncertainty",
            "flicker",
            "disagreement",
            "state",
            "created_at",
        )


class HardSearchGiven(serializers.Serializer[Any]):
    """Runs to look at; none: the newest of each model and video."""

    runs = serializers.ListField(child=serializers.IntegerField(), default=list)


class HardSearchShape(serializers.Serializer[Any]):
    """The job that looks, and at which runs."""

    job = serializers.IntegerField()
    runs = serializers.ListField(child=serializers.IntegerField())


class HardMoveGiven(serializers.Serializer[Any]):
    """Where an example goes: annotation, review, done, or found again."""

    state = serializers.CharField(max_length=12)
