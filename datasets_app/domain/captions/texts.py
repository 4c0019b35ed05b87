"""Captions in four lengths, and the two JSON forms in which the Casper tools exchange them.

The list form is what its captioner writes: ``[{"path", "short_prompt", "prompt", "verbose_prompt",
"summary"}]``. The dict form is what its ObjectPaste generator reads: ``{name: {"full": text}}``.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Literal

from datasets_app.domain.findings import Finding
from matteweb.errors import BadInput

LENGTHS = ("short", "prompt", "verbose", "summary")
WORD_LIMITS: Mapping[str, int] = {"short": 25, "prompt": 75, "verbose": 125}
JSON_KEYS: Mapping[str, str] = {
    "short": "short_prompt",
    "prompt": "prompt",
    "verbose": "verbose_prompt",
    "summary": "summary",
}
VIDEO_SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mpg", ".mpeg"})

CaptionForm = Literal["list", "dict"]


@dataclass(frozen=True, slots=True)
class Captions:
    """What one video shows; "" where a length is missing."""

    short: str = ""
    prompt: str = ""
    verbose: str = ""
    summary: str = ""

    def training_text(self) -> str:
        """Return the shortest caption that there is: what a trainer reads."""
        return shortest((self.short, self.prompt, self.verbose, self.summary))

    def full_text(self) -> str:
        """Return the longest description that there is, as the dict form holds it."""
        return shortest((self.verbose, self.prompt, self.short, self.summary))


@dataclass(frozen=True, slots=True)
class CaptionFile:
    """A caption file as read: entries by name (see ``caption_name``) and what is wrong with it."""

    form: CaptionForm
    entries: Mapping[str, Captions]
    findings: tuple[Finding, ...] = ()


def clean_caption(text: str) -> str:
    """Return ``text`` in NFC without the outer quotes and blanks that captioners leave."""
    return unicodedata.normalize("NFC", text).strip().strip('"').strip()


def shortest(texts: Iterable[str]) -> str:
    """Return the first that says something, cleaned; "" when none does."""
    return next((clean for text in texts if (clean := clean_caption(text))), "")


def caption_name(path: str) -> str:
    """Return the name under which a caption's ``path`` is matched: its last part, without a video
    suffix, in NFC."""
    last = PurePosixPath(path.strip().replace("\\", "/")).name
    if PurePosixPath(last).suffix.lower() in VIDEO_SUFFIXES:
        last = PurePosixPath(last).stem
    return unicodedata.normalize("NFC", last)


def word_findings(captions: Captions, *, where: str = "") -> list[Finding]:
    """Return a warning for each length that has more words than the captioner allows."""
    found = []
    for length, limit in WORD_LIMITS.items():
        words = len(getattr(captions, length).split())
        if words > limit:
            message = f"{length} caption has {words} words, the limit is {limit}"
            found.append(Finding("caption_long", "warning", message, "shorten it", where))
    return found


def parse_captions(data: bytes, *, name: str) -> CaptionFile:
    """Read a caption file of either form. ``name`` is used in messages.

    Malformed, empty and repeated entries are findings, and left out; of a repeated entry the first
    is kept. Raises BadInput when the file is neither form.
    """
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"{name} is not JSON: {error}", hint="check that the download is complete"
        ) from error
    if isinstance(content, list):
        return _collect("list", [_list_entry(item, n) for n, item in enumerate(content, 1)])
    if isinstance(content, dict):
        return _collect("dict", [_dict_entry(key, item) for key, item in content.items()])
    raise BadInput(
        f"{name} holds no captions",
        hint='expected [{"path": ..., "short_prompt": ...}] or {name: {"full": ...}}',
    )


_Entry = tuple[str, Captions] | Finding


def _collect(form: CaptionForm, entries: Iterable[_Entry]) -> CaptionFile:
    found: dict[str, Captions] = {}
    findings: list[Finding] = []
    for entry in entries:
        if isinstance(entry, Finding):
            findings.append(entry)
            continue
        name, captions = entry
        if name in found:
            message = f"{name} has two captions; the first is used"
            findings.append(
                Finding("caption_twice", "error", message, "remove one of them", where=name)
            )
            continue
        found[name] = captions
        findings += word_findings(captions, where=name)
    return CaptionFile(form=form, entries=found, findings=tuple(findings))


def _list_entry(item: Any, number: int) -> _Entry:
    where = f"entry {number}"
    if not isinstance(item, dict) or not isinstance(item.get("path"), str):
        return _malformed(where, "has no text under 'path'")
    name = caption_name(item["path"])
    if not name:
        return _malformed(where, "has an empty path")
    return _with_texts(name, {length: item.get(key) for length, key in JSON_KEYS.items()})


def _dict_entry(key: str, item: Any) -> _Entry:
    name = caption_name(key)
    if not name:
        return _malformed("an entry", "has an empty name")
    if not isinstance(item, dict):
        return _malformed(name, 'is not an object such as {"full": ...}')
    texts = {length: item.get(json_key) for length, json_key in JSON_KEYS.items()}
    # The full text is the captioner's untrimmed description; the longest length is its place.
    if item.get("full") is not None:
        texts["verbose"] = item["full"]
    return _with_texts(name, texts)


def _with_texts(name: str, texts: Mapping[str, Any]) -> _Entry:
    captions = Captions()
    for length, text in texts.items():
        if text is None:
            continue
        if not isinstance(text, str):
            return _malformed(name, f"has no text under {length!r}")
        captions = replace(captions, **{length: clean_caption(text)})
    if not captions.training_text():
        return Finding("caption_empty", "warning", f"{name} has an empty caption", where=name)
    return name, captions


def _malformed(where: str, what: str) -> Finding:
    return Finding(
        "caption_malformed", "error", f"{where} {what}", "correct it or remove it", where
    )


def captions_as_list(entries: Mapping[str, Captions]) -> list[dict[str, str]]:
    """Return the list form, sorted by name."""
    return [
        {"path": name} | {JSON_KEYS[length]: text for length, text in asdict(entries[name]).items()}
        for name in sorted(entries)
    ]


def captions_as_dict(entries: Mapping[str, Captions]) -> dict[str, dict[str, str]]:
    """Return the dict form, sorted by name; of the four lengths it keeps the longest."""
    return {name: {"full": entries[name].full_text()} for name in sorted(entries)}


def json_bytes(value: Any) -> bytes:
    """Return JSON as the bytes of a file. ASCII only: the Casper tools open their files in the
    locale's encoding, which on a cluster is often not UTF-8."""
    return (json.dumps(value, indent=2, ensure_ascii=True) + "\n").encode("ascii")
