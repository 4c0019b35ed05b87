"""Files of a bundle that follow from its manifest: training lists, captions, attributions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from datasets_app.domain.bundles.casper_json import casper_bytes, training_list_path
from datasets_app.domain.bundles.categories import category_key
from datasets_app.domain.bundles.manifest import Manifest, ManifestSample
from datasets_app.domain.bundles.manifest_parts import Source
from datasets_app.domain.captions import json_bytes
from datasets_app.domain.media.measured import layer_kind, measure_of

ATTRIBUTION_PATH = "ATTRIBUTION.md"
MEASURES_PATH = "measured_layers.json"


def bundle_documents(
    manifest: Manifest, *, root: str = "", weighted: bool = False
) -> dict[str, bytes]:
    """Return path -> bytes, in the order in which an export writes them.

    Training lists first, then one caption list per category, then the attributions, then how
    measured layers are read, if there are any. Only the training lists depend on ``root`` and on
    ``weighted`` (see `weighted_rows`).
    """
    splits = sorted({"train", *manifest.splits()}, key=lambda split: (split != "train", split))
    form: dict[str, Any] = {"root": root, "weighted": weighted}
    found = {training_list_path(s): casper_bytes(manifest, s, **form) for s in splits}
    for category in sorted({s.category for s in manifest.samples}, key=category_key):
        inside = [sample for sample in manifest.samples if sample.category == category]
        found[f"{category}.json"] = json_bytes(caption_rows(inside))
    found[ATTRIBUTION_PATH] = attribution_text(manifest).encode()
    if measures := measured_layers(manifest):
        found[MEASURES_PATH] = json_bytes(measures)
    return found


def measured_layers(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """Return, for each layer of numbers, how its 16 bits are read: value = (number - zero) * step,
    or a half-precision number; 0 in every channel where nothing was measured. The numbers are in
    the forms without loss; the delivered stream shows what they look like."""
    names = sorted({layer for sample in manifest.samples for layer in sample.layers})
    found = {name: measure_of(layer_kind(name)) for name in names}
    return {name: measure.as_json() for name, measure in found.items() if measure is not None}


def caption_rows(samples: Iterable[ManifestSample]) -> list[dict[str, str]]:
    """Return the Casper caption list of one category; ``path`` is the sample's folder name.

    ``short_prompt`` is what the trainer's own merge reads, so it is never empty here: it is the
    shortest caption that the sample has.
    """
    return [
        {
            "path": sample.folder.split("/")[-1],
            "short_prompt": sample.captions.training_text(),
            "prompt": sample.captions.prompt,
            "verbose_prompt": sample.captions.verbose_prompt,
            "summary": sample.captions.summary,
        }
        for sample in samples
    ]


def attribution_text(manifest: Manifest) -> str:
    """Return Markdown that credits every source once, grouped by licence."""
    samples_of: dict[Source, set[str]] = defaultdict(set)
    for sample in manifest.samples:
        for source in sample.sources:
            credited = source.model_copy(update={"role": "", "kind": "source"})
            samples_of[credited].add(sample.folder)
    lines = ["# Attribution", "", f"{len(manifest.samples)} samples, {len(samples_of)} sources."]
    if manifest.licence_reason:
        lines += ["", "Reason given for the use of restricted or unknown material:", ""]
        lines += [f"> {line}" for line in manifest.licence_reason.splitlines()]
    by_licence: dict[str, list[Source]] = defaultdict(list)
    for source in sorted(samples_of, key=lambda s: (s.licence, s.name, s.sort_key())):
        by_licence[source.licence].append(source)
    for licence, sources in by_licence.items():
        lines += ["", f"## {_one_line(licence) or 'Unknown licence'}", ""]
        lines += [_credit(source, len(samples_of[source])) for source in sources]
    return "\n".join(lines) + "\n"


def _credit(source: Source, uses: int) -> str:
    parts = [f"**{_one_line(source.name)}**"]
    parts += [_one_line(text) for text in (source.attribution, source.licence_url) if text.strip()]
    parts.append(f"in {uses} sample{'' if uses == 1 else 's'}")
    parts.append(f"sha256 `{source.sha256}`")
    return f"- {'; '.join(parts)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
