"""A measurement that looks at one frame after the other and judges them by one rule."""

from __future__ import annotations

from collections.abc import Callable

from datasets_app.domain.metrics.base import LayerFrames, MetricResult, Symptom, mean_of
from datasets_app.domain.quality.outbursts import Rule, outbursts


class EachFrame:
    """One number per frame from ``value``; with a ``rule``, notes of ``symptom`` where it stands
    out. Keeps the numbers alone, and what ``value`` keeps."""

    def __init__(
        self,
        value: Callable[[LayerFrames], float | None],
        *,
        rule: Rule | None = None,
        symptom: Symptom | None = None,
        scale: float | None = None,
    ) -> None:
        self._value, self._rule, self._symptom, self._scale = value, rule, symptom, scale
        self._values: list[float | None] = []

    def add(self, frame: LayerFrames) -> float | None:
        """Take the next frame; return its number."""
        self._values.append(self._value(frame))
        return self._values[-1]

    def finish(self) -> MetricResult:
        """Return the numbers, their mean, and the runs that stand out."""
        values = tuple(self._values)
        if self._rule is None or self._symptom is None:
            return MetricResult(values, mean_of(self._values), scale=self._scale)
        level = self._rule.level(values)
        notes = outbursts(values, level, self._symptom)
        return MetricResult(values, mean_of(self._values), notes, level, self._scale)
