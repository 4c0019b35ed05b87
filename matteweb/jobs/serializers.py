"""The shapes of ``events`` for the published schema of the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from matteweb.jobs.selectors import ENDED_SHOWN
from matteweb.jobs.states import JobState


class JobSerializer(serializers.Serializer[Any]):
    """A job as lists show it."""

    id = serializers.IntegerField()
    seq = serializers.IntegerField(help_text="number of the last change, over all jobs")
    kind = serializers.CharField()
    title = serializers.CharField()
    target_id = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(JobState.choices)
    cancel_requested = serializers.BooleanField()
    step = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    unit = serializers.CharField()
    rate = serializers.FloatField(allow_null=True, help_text="units per second")
    seconds_left = serializers.FloatField(allow_null=True)
    attempt = serializers.IntegerField()
    error = serializers.CharField(help_text="why it failed or waits")
    error_code = serializers.CharField(help_text="the kind of error, e.g. bad_input, no_space")
    hint = serializers.CharField(help_text="what to do about it")
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class StepSerializer(serializers.Serializer[Any]):
    """One part of the work of a job."""

    name = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    unit = serializers.CharField()
    seconds = serializers.FloatField()


class LogLineSerializer(serializers.Serializer[Any]):
    """One line of a job's log."""

    at = serializers.DateTimeField()
    step = serializers.CharField()
    text = serializers.CharField()


class JobDetailSerializer(JobSerializer):
    """A job with all that is known of it."""

    params = serializers.DictField()
    steps = StepSerializer(many=True)
    log = LogLineSerializer(many=True)
    traceback = serializers.CharField()


class SnapshotSerializer(serializers.Serializer[Any]):
    """A snapshot; the next one asks for what is newer than ``seq``."""

    seq = serializers.IntegerField()
    jobs = JobSerializer(many=True)
    slots = serializers.IntegerField(help_text="jobs that the living workers run at once")
    disk_free = serializers.IntegerField(help_text="bytes")
    disk_total = serializers.IntegerField(help_text="bytes")
    disk_reserve = serializers.IntegerField(help_text="bytes; with less free, jobs wait")


class SnapshotQuery(serializers.Serializer[Any]):
    """What to leave out of a snapshot."""

    ended = serializers.IntegerField(
        min_value=0,
        max_value=ENDED_SHOWN,
        default=ENDED_SHOWN,
        help_text="how many of the jobs that have ended to tell, without `since`",
    )

    since = serializers.IntegerField(
        min_value=0, required=False, help_text="only jobs that changed after this number"
    )
