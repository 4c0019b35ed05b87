"""What a language model is asked, a template per length, and its answer cut to that length."""

from __future__ import annotations

import re
from typing import Final

from datasets_app.domain.captions import WORD_LIMITS, clean_caption

VERSION: Final = 1
"""Rises when a template changes: stored beside what it led to."""

SYSTEM: Final = (
    "You write captions of videos for the training of a video model. Describe only what is to be "
    "seen, in plain English sentences, in the present tense. Do not mention frames, pictures or "
    "that it is a video. No headings, no lists, no quotation marks."
)
LOOK: Final = (
    "These {count} pictures are taken from one video, in their order. Describe it in at most "
    "{words} words: who or what is there, the place and the light, what moves and how, and how "
    "the camera moves."
)
SHORTEN: Final[dict[str, str]] = {
    "prompt": "Shorten this description to at most {words} words. Keep the subject, the place, the "
    "motion and the light:\n\n{text}",
    "short": "Say this in one sentence of at most {words} words, the subject and the place first:"
    "\n\n{text}",
    "summary": "Name the video in at most {words} words, without a full stop:\n\n{text}",
}
SUMMARY_WORDS: Final = 8

_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


def word_limit(length: str) -> int:
    """Return the most words of a caption of that length."""
    return WORD_LIMITS.get(length, SUMMARY_WORDS)


def within(text: str, length: str) -> str:
    """Return ``text`` on one line, cut to its limit: after the last whole sentence that fits, or
    after a word where none does."""
    words = clean_caption(" ".join(text.split())).split()
    limit = word_limit(length)
    if len(words) <= limit:
        return " ".join(words)
    kept = " ".join(words[:limit])
    ends = [found.end() for found in _SENTENCE_END.finditer(kept)]
    if ends and ends[-1] >= len(kept) // 2:
        return kept[: ends[-1]]
    return kept.rstrip(",;:") + ("" if length == "summary" else ".")
