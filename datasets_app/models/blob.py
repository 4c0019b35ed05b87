"""Stored bytes, and the two forms in which a stream of pictures is stored."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Blob(models.Model):
    """Immutable bytes, known by their sha256.

    ``crc32`` makes every byte of a ZIP over blobs computable. ``external_path`` is set for a file
    that was linked where it lies instead of copied; it is verified on read, by sha256 again when
    its time of change is no longer ``external_mtime_ns``. ``stored_at`` is when the bytes were last
    handed in: collection leaves young ones alone, since what needs them may not be written yet.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    crc32 = models.BigIntegerField()
    external_path = models.TextField(default="")
    external_mtime_ns = models.BigIntegerField(null=True)
    stored_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.digest[:12]


class Stream(models.Model):
    """What everything has that a player can show: a lossless master and its browser form.

    ``delivery`` is H.264 in MP4 (colour: 4:2:0, CRF; masks and alpha: qp 0, full range, exact).
    ``frame_index`` is a JSON blob: codec string, avcC, byte offset, size, key flag, display index.
    """

    master = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    delivery = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    frame_index = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    poster = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    filmstrip = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    frames = models.IntegerField(null=True)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    fps_num = models.IntegerField(null=True)
    fps_den = models.IntegerField(null=True)

    class Meta:
        abstract = True
