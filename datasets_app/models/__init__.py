"""Rows, constraints and enums; no behaviour beyond their own fields."""

from __future__ import annotations

from datasets_app.models.annotation import Annotation
from datasets_app.models.asset import Asset, AssetLayer
from datasets_app.models.blob import Blob, Stream
from datasets_app.models.bundle import Bundle, BundleEntry, BundleFile
from datasets_app.models.calibration import CalibrationItem
from datasets_app.models.caption import Caption
from datasets_app.models.comment import Comment
from datasets_app.models.export import LayoutExport
from datasets_app.models.guidance import GuidanceSet
from datasets_app.models.image_set import ImageSet, SetPicture
from datasets_app.models.mask import Mask
from datasets_app.models.quality import QualityReport
from datasets_app.models.review import (
    LeftPage,
    Reroll,
    ReviewBatch,
    ReviewCase,
    ReviewLease,
    ReviewPolicy,
)
from datasets_app.models.sample import Layer, Sample
from datasets_app.models.synthesis_run import SynthesisRun
from datasets_app.models.upload import Upload
from datasets_app.models.verdict import Verdict
from datasets_app.models.video import Video

__all__ = [
    "Annotation",
    "Asset",
    "AssetLayer",
    "Blob",
    "Bundle",
    "BundleEntry",
    "BundleFile",
    "CalibrationItem",
    "Caption",
    "Comment",
    "GuidanceSet",
    "ImageSet",
    "Layer",
    "LayoutExport",
    "LeftPage",
    "Mask",
    "QualityReport",
    "Reroll",
    "ReviewBatch",
    "ReviewCase",
    "ReviewLease",
    "ReviewPolicy",
    "Sample",
    "SetPicture",
    "Stream",
    "SynthesisRun",
    "Upload",
    "Verdict",
    "Video",
]
