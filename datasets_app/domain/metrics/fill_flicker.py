"""Flicker of what stands in the removed picture in the object's place."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.metrics.base import Better, LayerFrames, MetricResult, mean_of
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.quality.changes import FILL_NEEDS, fill_change
from datasets_app.domain.quality.outbursts import Rule, outbursts

_SCALE = 25.0
_RULE = Rule(floor=4.0, ceiling=60.0, times=10.0)


class _FillFlickerMeter:
    def __init__(self) -> None:
        self._values: list[float | None] = []

    def add(self, frame: LayerFrames) -> float | None:
        value = fill_change(frame)
        self._values.append(value)
        return value

    def finish(self) -> MetricResult:
        level = _RULE.level(self._values)
        notes = outbursts(self._values, level, "the filled area flickers")
        return MetricResult(tuple(self._values), mean_of(self._values), notes, level, _SCALE)


class FillFlicker:
    """Levels of luma by which the area behind the object became lighter or darker than what is
    around it since the frame before, moved by optical flow: the median over its pixels. At the
    small size.
    """

    info = PluginInfo("fill_flicker", "Fill flicker", "Flicker behind the removed object", 1)
    needs = FILL_NEEDS
    unit = "levels"
    better: Better = "low"

    def unavailable(self) -> str:
        """Return "": it needs nothing that is not always installed."""
        return ""

    def start(self, size: FrameSize, fps: Fraction) -> _FillFlickerMeter:
        """Begin; nothing is kept but the numbers."""
        return _FillFlickerMeter()
