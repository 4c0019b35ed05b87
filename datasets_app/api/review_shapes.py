"""The shapes in which the review desk appears in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from datasets_app.domain.bundles.weights import MOST_WEIGHT
from datasets_app.models import CalibrationItem, Comment, ReviewPolicy
from datasets_app.models.review import MAX_VERDICTS_NEEDED, OnReject, SelfReview
from datasets_app.models.verdict import Reason
from datasets_app.selectors.review_queue import QueueName, QueueOrder
from datasets_app.services.desk.calibration import MAX_ITEMS
from datasets_app.services.desk.leases import MAX_HELD
from datasets_app.services.desk.review_bulk import ACTIONS, MAX_SAMPLES
from datasets_app.services.desk.review_policy import LARGEST_GAP


class PageGiven(serializers.Serializer[Any]):
    """Which open page is asking; it makes up its name, best a UUID."""

    session = serializers.CharField(min_length=8, max_length=36)
    samples = serializers.ListField(
        child=serializers.IntegerField(), default=list, max_length=MAX_HELD
    )


class ReleaseGiven(PageGiven):
    """What a page gives back; ``leaving`` is everything, for good, under this name."""

    leaving = serializers.BooleanField(default=False)


class LeasesGiven(PageGiven):
    """What a page wants to have on screen; ``samples`` is what it holds already."""

    queue = serializers.ChoiceField(
        [one.value for one in QueueName if one != QueueName.RETURNED], default=QueueName.WAITING
    )
    order = serializers.ChoiceField([one.value for one in QueueOrder], default=QueueOrder.WORST)
    run = serializers.IntegerField(required=False, allow_null=True)
    category = serializers.CharField(required=False, allow_blank=True, default="")
    finding = serializers.CharField(required=False, allow_blank=True, default="")
    count = serializers.IntegerField(min_value=1, max_value=MAX_HELD, default=3)
    leave_out = serializers.ListField(
        child=serializers.IntegerField(), default=list, max_length=MAX_SAMPLES
    )


class ReviewItemShape(serializers.Serializer[Any]):
    """One sample of the queue with the addresses of what belongs to it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    frames = serializers.IntegerField()
    review = serializers.CharField()
    disputed = serializers.BooleanField()
    score = serializers.FloatField(allow_null=True)
    finding = serializers.CharField(allow_blank=True)
    poster = serializers.CharField(allow_blank=True)
    player = serializers.CharField()
    side = serializers.CharField()
    verdicts = serializers.CharField()
    comments = serializers.CharField()
    lease = serializers.CharField()
    quality = serializers.CharField()


class LeasesShape(serializers.Serializer[Any]):
    """What the page holds now, what comes after it, how many wait in all."""

    items = ReviewItemShape(many=True)
    upcoming = ReviewItemShape(many=True)
    waiting = serializers.IntegerField()


class RenewedShape(serializers.Serializer[Any]):
    """What is still the page's; what is missing was taken by somebody else."""

    samples = serializers.ListField(child=serializers.IntegerField())


class CommentShape(serializers.ModelSerializer[Comment]):
    """A comment; ``region`` is [left, top, width, height] in pixels. ``sample_name`` tells which
    sample it was said of, where that one was rolled again."""

    author = serializers.CharField(source="author.username", read_only=True)
    resolved_by = serializers.CharField(source="resolved_by.username", default=None)
    sample_name = serializers.CharField(source="sample.name", read_only=True)
    region = serializers.ListField(child=serializers.IntegerField(), allow_null=True)

    class Meta:
        model = Comment
        fields = (
            "id",
            "sample",
            "sample_name",
            "author",
            "text",
            "first_frame",
            "last_frame",
            "region",
            "at",
            "resolved_at",
            "resolved_by",
        )


class CommentGiven(serializers.Serializer[Any]):
    """A comment to be made; without frames it speaks of all of them."""

    text = serializers.CharField()
    first_frame = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    last_frame = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    region = serializers.ListField(
        child=serializers.IntegerField(min_value=0),
        min_length=4,
        max_length=4,
        required=False,
        allow_null=True,
    )


class CommentChange(serializers.Serializer[Any]):
    """Whether a comment is settled."""

    resolved = serializers.BooleanField()


class AssignmentGiven(serializers.Serializer[Any]):
    """Who is author or reviewer; "" is nobody in particular."""

    part = serializers.ChoiceField(["author", "reviewer"])
    username = serializers.CharField(allow_blank=True)


class AssignmentShape(serializers.Serializer[Any]):
    """Who is author and reviewer of a sample."""

    author = serializers.CharField(allow_null=True)
    reviewer = serializers.CharField(allow_null=True)


class RerollShape(serializers.Serializer[Any]):
    """Where the new sample will be: ``run`` and ``index``."""

    run = serializers.IntegerField(source="run_id")
    index = serializers.IntegerField()


class BatchGiven(serializers.Serializer[Any]):
    """One act on many samples."""

    action = serializers.ChoiceField(list(ACTIONS))
    samples = serializers.ListField(child=serializers.IntegerField(), max_length=MAX_SAMPLES)
    reasons = serializers.ListField(child=serializers.ChoiceField(Reason.choices), default=list)
    username = serializers.CharField(allow_blank=True, default="")
    weight = serializers.IntegerField(min_value=1, max_value=MOST_WEIGHT, default=1)


class LeftOutShape(serializers.Serializer[Any]):
    """A sample that was left out, and why."""

    name = serializers.CharField()
    reason = serializers.CharField()


class BatchShape(serializers.Serializer[Any]):
    """What an act on many samples did; ``undoable`` by its own address."""

    id = serializers.IntegerField()
    action = serializers.CharField()
    at = serializers.DateTimeField()
    undoable = serializers.BooleanField()
    done = serializers.IntegerField()
    left_out = LeftOutShape(many=True)


class UndoneShape(serializers.Serializer[Any]):
    """How many samples are as before."""

    samples = serializers.IntegerField()


class PolicyShape(serializers.ModelSerializer[ReviewPolicy]):
    """The rules of review of a project."""

    verdicts_needed = serializers.IntegerField(min_value=1, max_value=MAX_VERDICTS_NEEDED)
    self_review = serializers.ChoiceField(SelfReview.choices)
    on_reject = serializers.ChoiceField(OnReject.choices)
    calibration_every = serializers.IntegerField(min_value=0, max_value=LARGEST_GAP)

    class Meta:
        model = ReviewPolicy
        fields = ("verdicts_needed", "self_review", "on_reject", "calibration_every")


class CalibrationGiven(serializers.Serializer[Any]):
    """Known-bad samples to be made; no fault named means each in turn."""

    count = serializers.IntegerField(min_value=1, max_value=MAX_ITEMS)
    faults = serializers.ListField(child=serializers.CharField(), default=list)
    strength = serializers.FloatField(min_value=0, max_value=1, default=0.6)


class CalibrationShape(serializers.ModelSerializer[CalibrationItem]):
    """A known-bad sample, for leads."""

    class Meta:
        model = CalibrationItem
        fields = (
            "id",
            "sample",
            "origin",
            "fault",
            "fault_version",
            "params",
            "seed",
            "expected",
            "created_at",
            "retired_at",
        )


class JobStarted(serializers.Serializer[Any]):
    """The job that does the work."""

    job = serializers.IntegerField()


class AgreementShape(serializers.Serializer[Any]):
    """``percent`` 0 to 100 of pairs of verdicts, ``kappa`` what is left of it beyond chance."""

    samples = serializers.IntegerField()
    percent = serializers.FloatField(allow_null=True)
    kappa = serializers.FloatField(allow_null=True)


class CalibrationScoreShape(serializers.Serializer[Any]):
    """Known-bad samples judged, rejected, and rejected for a reason that names the fault."""

    seen = serializers.IntegerField()
    found = serializers.IntegerField()
    named = serializers.IntegerField()
    percent = serializers.FloatField(allow_null=True)


class ReviewerShape(serializers.Serializer[Any]):
    """One reviewer's figures."""

    reviewer = serializers.CharField(source="user.username")
    verdicts = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    skipped = serializers.IntegerField()
    median_seconds = serializers.FloatField(allow_null=True)
    agreement = AgreementShape()
    calibration = CalibrationScoreShape()


class PairShape(serializers.Serializer[Any]):
    """Two reviewers on the samples that both judged; kappa is Cohen's."""

    first = serializers.CharField(source="first.username")
    second = serializers.CharField(source="second.username")
    agreement = AgreementShape()


class StatisticsShape(serializers.Serializer[Any]):
    """How the review of a project goes; kappa of all is Fleiss's."""

    reviewers = ReviewerShape(many=True)
    pairs = PairShape(many=True)
    agreement = AgreementShape()
    truncated = serializers.BooleanField()
