"""Captions: the texts and their file forms; what a scene says of itself."""

from __future__ import annotations

from datasets_app.domain.captions.texts import (
    JSON_KEYS,
    LENGTHS,
    VIDEO_SUFFIXES,
    WORD_LIMITS,
    CaptionFile,
    CaptionForm,
    Captions,
    caption_name,
    captions_as_dict,
    captions_as_list,
    clean_caption,
    json_bytes,
    parse_captions,
    shortest,
    word_findings,
)

__all__ = [
    "JSON_KEYS",
    "LENGTHS",
    "VIDEO_SUFFIXES",
    "WORD_LIMITS",
    "CaptionFile",
    "CaptionForm",
    "Captions",
    "caption_name",
    "captions_as_dict",
    "captions_as_list",
    "clean_caption",
    "json_bytes",
    "parse_captions",
    "shortest",
    "word_findings",
]
