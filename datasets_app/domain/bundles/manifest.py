"""The one schema of a frozen bundle, its canonical bytes and its identity.

A manifest holds what was chosen and nothing of the circumstances: no time, user, host, project or
mount root. Lists are sorted and numbers are integers, so the same choice frozen twice gives the
same canonical bytes (RFC 8785) and with them the same id (their sha256).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any, Literal

import rfc8785
from pydantic import Field, ValidationError, field_validator, model_validator

from datasets_app.domain.bundles.manifest_parts import (
    BundlePath,
    FileFact,
    Fps,
    Label,
    ManifestCaption,
    Master,
    Part,
    Provenance,
    Source,
    SplitName,
    Stream,
    Text,
    VerdictSummary,
)
from matteweb.errors import BadInput, Corrupt

MANIFEST_PATH = "manifest.json"
TUPLE_LAYERS = ("rgb_full", "mask", "rgb_removed")
"""What a tuple folder holds, in the order in which a person reads them."""

SHOWN_LAYER = "rgb_full"
"""The layer that every sample has."""


class ManifestSample(Part):
    """One entry: where it lies, what it is for, what it is made of and what people said of it."""

    id: int = Field(ge=1, description="number of the sample in the studio that froze it")
    name: Text
    folder: BundlePath = Field(description="category folder / sample folder")
    category: Label
    split: SplitName = "train"
    repeats: int = Field(ge=1, description="rows of this sample in its split's training list")
    captions: ManifestCaption
    frames: int = Field(ge=1)
    width: int = Field(ge=2, multiple_of=2)
    height: int = Field(ge=2, multiple_of=2)
    fps: Fps
    streams: tuple[Stream, ...]
    masters: tuple[Master, ...] = ()
    provenance: Provenance
    sources: tuple[Source, ...]
    verdict: VerdictSummary

    @field_validator("streams")
    @classmethod
    def _streams_sorted(cls, streams: tuple[Stream, ...]) -> tuple[Stream, ...]:
        found = tuple(sorted(streams, key=lambda stream: stream.layer))
        _all_different("layer", [stream.layer for stream in found])
        if SHOWN_LAYER not in {stream.layer for stream in found}:
            raise ValueError(f"a sample has at least the stream {SHOWN_LAYER}")
        return found

    @field_validator("masters")
    @classmethod
    def _masters_sorted(cls, masters: tuple[Master, ...]) -> tuple[Master, ...]:
        return tuple(sorted(masters, key=lambda master: master.layer))

    @field_validator("sources")
    @classmethod
    def _sources_sorted(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        return tuple(sorted(set(sources), key=lambda source: source.sort_key()))

    @model_validator(mode="after")
    def _folder_in_category(self) -> ManifestSample:
        if self.folder.split("/")[0] != self.category or self.folder.count("/") != 1:
            raise ValueError(f"folder {self.folder!r} is not one level under {self.category!r}")
        for stream in self.streams:
            if stream.path != f"{self.folder}/{stream.layer}.mp4":
                raise ValueError(f"stream path {stream.path!r} is not in {self.folder!r}")
        return self

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that it has: those of a tuple as a person reads them, then others by name."""
        known = {layer: place for place, layer in enumerate(TUPLE_LAYERS)}
        names = (stream.layer for stream in self.streams)
        return tuple(sorted(names, key=lambda layer: (known.get(layer, len(known)), layer)))

    @property
    def is_tuple(self) -> bool:
        """Whether it has the three layers that the Casper trainer reads."""
        return set(TUPLE_LAYERS) <= set(self.layers)

    def stream(self, layer: str) -> Stream:
        """Return the stream of one of its layers."""
        return next(stream for stream in self.streams if stream.layer == layer)


class Manifest(Part):
    """Everything that a frozen bundle is. Build it with ``files.freeze_manifest``."""

    kind: Literal["matteweb-bundle"] = "matteweb-bundle"
    schema_version: Literal[1] = 1
    samples: tuple[ManifestSample, ...] = Field(min_length=1)
    licence_reason: Text = Field(
        default="", description="why sources that the licence gate names may be used"
    )
    documents: tuple[FileFact, ...] = Field(
        default=(), description="files that follow from the samples: lists, captions, attributions"
    )

    @field_validator("samples")
    @classmethod
    def _samples_sorted(cls, samples: tuple[ManifestSample, ...]) -> tuple[ManifestSample, ...]:
        _all_different("id", [str(sample.id) for sample in samples])
        _all_different("folder", [sample.folder.casefold() for sample in samples])
        return tuple(sorted(samples, key=lambda sample: sample.folder))

    @field_validator("documents")
    @classmethod
    def _documents_sorted(cls, documents: tuple[FileFact, ...]) -> tuple[FileFact, ...]:
        _all_different("document", [document.path for document in documents])
        return tuple(sorted(documents, key=lambda document: document.path))

    def canonical(self) -> bytes:
        """Return the canonical bytes (RFC 8785); these are the file ``manifest.json``."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    def identity(self) -> str:
        """Return the bundle's id: the sha256 of the canonical bytes, in hex."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def splits(self) -> tuple[str, ...]:
        """Return the splits that occur, ``train`` first."""
        found = {sample.split for sample in self.samples}
        return tuple(sorted(found, key=lambda split: (split != "train", split)))


def _all_different(what: str, values: list[str]) -> None:
    value, times = Counter(values).most_common(1)[0] if values else ("", 0)
    if times > 1:
        raise ValueError(f"{what} {value!r} occurs {times} times")


def read_manifest(data: bytes, *, expected_id: str = "") -> Manifest:
    """Read the canonical bytes of a manifest.

    Raises BadInput when they are no manifest of this schema, and Corrupt when they are one that
    was re-written (not canonical) or is not the one called ``expected_id``.
    """
    try:
        manifest = Manifest.model_validate(json.loads(data))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(f"{MANIFEST_PATH}: {place}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{MANIFEST_PATH} is not JSON: {error}") from error
    digest = hashlib.sha256(data).hexdigest()
    if manifest.canonical() != data:
        raise Corrupt(f"{MANIFEST_PATH} was re-written: it is not in canonical form")
    if expected_id and digest != expected_id:
        raise Corrupt(f"{MANIFEST_PATH} has id {digest}, not {expected_id}")
    return manifest


def manifest_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a manifest, as served to the public."""
    schema = Manifest.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "MatteWeb bundle manifest, version 1",
        **{key: value for key, value in schema.items() if key != "title"},
    }
