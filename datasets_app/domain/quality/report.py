"""What was measured of one clip, in the form in which it is stored and shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from datasets_app.domain.metrics.base import Metric, Note
from datasets_app.domain.quality import edge_crops
from datasets_app.domain.quality.edge_crops import EdgeCrop
from datasets_app.domain.quality.measure import Box, Measured, ObjectPlaces

VERSION: Final = 2
"""Rises when the same notes give other findings."""

_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class QualityFacts:
    """``findings``, the worst first: {metric, title, first, last, layers, box, words, advice, text,
    strength}; ``box`` is [x, y, width, height] in pixels, None for the whole frame.

    ``found``: the metrics that found something, each between spaces, to be searched for.
    ``score``: the strength of the worst, 0 when nothing was found. ``tracks``: JSON of every
    metric's numbers.
    """

    score: float
    finding: str
    found: str
    findings: list[dict[str, Any]]
    totals: dict[str, float | None]
    crops: list[dict[str, Any]]
    tracks: bytes


def suite_of(metrics: Iterable[Metric]) -> str:
    """Return what changes when a metric comes, goes or counts differently, or findings or crops are
    told differently: 16 characters."""
    versions = sorted(f"{metric.info.slug} {metric.info.version}" for metric in metrics)
    versions += [f"edge crops {edge_crops.VERSION}", f"findings {VERSION}"]
    return hashlib.sha256("\n".join(versions).encode()).hexdigest()[:16]


def facts_of(
    measured: list[Measured],
    crops: list[EdgeCrop],
    frames: int,
    *,
    layers: Collection[str],
    places: ObjectPlaces,
) -> QualityFacts:
    """Return what is stored of the results; ``layers`` are those that the clip has."""
    found = [
        _finding(one.metric, note, layers, places.box(note.first, note.last, note.symptom.place))
        for one in measured
        for note in one.result.notes
    ]
    found.sort(key=lambda one: (-one["strength"], one["first"], one["metric"]))
    return QualityFacts(
        score=found[0]["strength"] if found else 0.0,
        finding=found[0]["text"] if found else "",
        found=found_words({one["metric"] for one in found}),
        findings=found,
        totals={one.metric.info.slug: _rounded(one.result.total) for one in measured},
        crops=[crop.as_json() for crop in crops],
        tracks=_tracks(measured, frames),
    )


def frame_words(first: int, last: int) -> str:
    """Return "frame 31" or "frames 31-33"."""
    return f"frame {first}" if first == last else f"frames {first}-{last}"


def found_words(metrics: Iterable[str]) -> str:
    """Return the slugs in the form of `QualityFacts.found`: " flicker spill ", or ""."""
    slugs = " ".join(sorted(metrics))
    return f" {slugs} " if slugs else ""


def _finding(
    metric: Metric, note: Note, layers: Collection[str], box: Box | None
) -> dict[str, Any]:
    concerned = [layer for layer in note.symptom.layers if layer in layers]
    where = [frame_words(note.first, note.last), *concerned]
    return {
        "metric": metric.info.slug,
        "title": metric.info.label,
        "first": note.first,
        "last": note.last,
        "layers": concerned,
        "box": None if box is None else list(box),
        "words": note.symptom.words,
        "advice": note.symptom.advice,
        "text": f"{', '.join(where)}: {note.symptom.words}",
        "strength": round(note.strength, 3),
    }


def _tracks(measured: list[Measured], frames: int) -> bytes:
    body = {
        "frames": frames,
        "tracks": [
            {
                "metric": one.metric.info.slug,
                "title": one.metric.info.label,
                "summary": one.metric.info.summary,
                "version": one.metric.info.version,
                "unit": one.metric.unit,
                "better": one.metric.better,
                "total": _rounded(one.result.total),
                "alert": _rounded(one.result.alert),
                "scale": _rounded(one.result.scale),
                "values": [_rounded(value) for value in one.result.frames],
            }
            for one in measured
        ],
    }
    return json.dumps(body, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), _DIGITS)
