"""The one frame reader of this process."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from datasets_app.domain.media.frame_reader import FrameLimits, FrameReader


@cache
def frame_reader() -> FrameReader:
    """Return the reader; it starts its process when it is first asked."""
    return FrameReader(FrameLimits(memory_mib=settings.PROBE_MEMORY_MIB))
