"""The metrics: one file each, listed here. Pages show them in this order."""

from __future__ import annotations

from datasets_app.domain.metrics.base import Metric
from datasets_app.domain.metrics.coverage import Coverage
from datasets_app.domain.plugins import Registry

METRICS: Registry[Metric] = Registry("metric", [Coverage()])
