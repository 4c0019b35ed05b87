"""Rows, constraints and enums; no behaviour beyond their own fields."""

from __future__ import annotations

from datasets_app.models.asset import Asset
from datasets_app.models.blob import Blob, Stream
from datasets_app.models.bundle import Bundle, BundleEntry, BundleFile
from datasets_app.models.caption import Caption
from datasets_app.models.mask import Mask
from datasets_app.models.sample import Layer, Sample
from datasets_app.models.synthesis_run import SynthesisRun
from datasets_app.models.upload import Upload
from datasets_app.models.verdict import Verdict
from datasets_app.models.video import Video

__all__ = [
    "Asset",
    "Blob",
    "Bundle",
    "BundleEntry",
    "BundleFile",
    "Caption",
    "Layer",
    "Mask",
    "Sample",
    "Stream",
    "SynthesisRun",
    "Upload",
    "Verdict",
    "Video",
]
