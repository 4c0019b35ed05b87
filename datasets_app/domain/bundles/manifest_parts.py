"""The parts of a manifest, from the field types up to one source with its rights."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from datasets_app.domain.captions import shortest

_MAX_SAFE = 2**53 - 1
_PATH = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9._+-]+(?:/[A-Za-z0-9._+-]+)*")


def _clean_text(text: str) -> str:
    if any(unicodedata.category(char) == "Cs" for char in text):
        raise ValueError("text holds half of a surrogate pair")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


def _reduced(fps: tuple[int, int]) -> tuple[int, int]:
    divisor = math.gcd(*fps)
    return fps[0] // divisor, fps[1] // divisor


def _safe_path(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path!r} is not a plain relative path")
    return path


def plain(value: Any) -> Any:
    """Return ``value`` with integers and strings only, so that no reader rounds it differently.

    A fraction becomes its shortest decimal string (0.4 -> "0.4", 1.0 -> "1.0") and an integer
    beyond 2**53 a string. Raises ValueError for NaN, infinity and anything that is not JSON.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, int):
        return value if abs(value) <= _MAX_SAFE else str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} has no place in a manifest")
        return format(Decimal(repr(value)), "f")
    if isinstance(value, dict):
        return {_clean_text(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    raise ValueError(f"{type(value).__name__} has no place in a manifest")


Text = Annotated[str, AfterValidator(_clean_text)]
Label = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9+.-]{0,59}$")]
SplitName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_+][A-Za-z0-9._+-]{0,59}$")]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="sha256, in hex")]
BundlePath = Annotated[str, Field(max_length=400), AfterValidator(_safe_path)]
Count = Annotated[int, Field(ge=0, le=_MAX_SAFE)]
PositiveInt = Annotated[int, Field(ge=1, le=_MAX_SAFE)]
Fps = Annotated[
    tuple[PositiveInt, PositiveInt],
    AfterValidator(_reduced),
    Field(description="frames per second as [numerator, denominator], reduced"),
]
Plain = Annotated[
    dict[str, Any],
    BeforeValidator(plain),
    Field(description="integers, strings, booleans, null; a fraction is a decimal string"),
]


class Part(BaseModel):
    """Base of every part: immutable, and closed to fields that the schema does not name."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_serialization_defaults_required=True
    )


class Content(Part):
    """The identity of some bytes. ``crc32`` is what a ZIP needs to know in advance."""

    sha256: Digest
    size: Count
    crc32: int = Field(ge=0, le=2**32 - 1)


class FileFact(Content):
    """One file of the bundle."""

    path: BundlePath


class Stream(FileFact):
    """One of the videos of a sample; a tuple has rgb_full, mask and rgb_removed."""

    layer: Slug


class Master(Content):
    """The lossless original of a layer; not a file of the bundle, but kept for lossless export."""

    layer: Slug


class ManifestCaption(Part):
    """The four lengths of the Casper captioner; at least one is not empty."""

    short_prompt: Text = ""
    prompt: Text = ""
    verbose_prompt: Text = ""
    summary: Text = ""

    def training_text(self) -> str:
        """Return what the trainer reads: the shortest that there is, without outer quotes."""
        return shortest((self.short_prompt, self.prompt, self.verbose_prompt, self.summary))


class Provenance(Part):
    """What remakes a sample. ``recipe`` is "imported" for a tuple that was made elsewhere."""

    recipe: Slug
    version: Count
    seed: Text = ""
    params: Plain = Field(default_factory=dict)
    plan: Plain = Field(default_factory=dict)
    code_version: Text = ""


class Source(Part):
    """One thing that a sample was made from, and whose it is."""

    kind: Slug
    role: Text = ""
    name: Text
    sha256: Digest
    group: Text = Field(default="", description="sources that show the same scene share it")
    licence: Text = Field(default="", description="SPDX expression; empty = unknown")
    licence_url: Text = ""
    attribution: Text = ""

    def sort_key(self) -> tuple[str, ...]:
        """Return an order that depends on every field, so equal sets give equal lists."""
        return (self.role, self.kind, self.sha256, self.name, *self._rest())

    def _rest(self) -> tuple[str, ...]:
        return (self.group, self.licence, self.licence_url, self.attribution)


class VerdictSummary(Part):
    """What reviewers said, counted; no names."""

    decision: Literal["accepted"] = "accepted"
    accepts: Count = 0
    rejects: Count = 0
    skips: Count = 0
    reviewers: Count = 0
    by_command: bool = Field(default=False, description="accepted without anyone looking")
