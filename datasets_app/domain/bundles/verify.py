"""Proof that a folder or a ZIP is exactly the bundle that its manifest describes.

Needs neither Django nor a database; decoding needs PyAV, and only when it is asked for.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets_app.domain.bundles.casper_json import (
    casper_rows,
    common_root,
    read_casper,
    training_list_path,
)
from datasets_app.domain.bundles.export_note import (
    EXPORT_NOTE_PATH,
    ExportNote,
    layer_paths,
    read_export_note,
)
from datasets_app.domain.bundles.export_tree import ExportTree, opened_export
from datasets_app.domain.bundles.manifest import MANIFEST_PATH, Manifest, read_manifest
from datasets_app.domain.bundles.manifest_parts import FileFact
from datasets_app.domain.findings import Collecting, Finding, Severity, errors_in
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from matteweb.errors import BadInput, Cancelled

_AGAIN = "export or pull it again"


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was checked and what is wrong. ``bundle`` is the manifest's id, "" without one;
    ``decoded`` counts samples whose frames were read."""

    bundle: str
    samples: int
    files: int
    bytes: int
    decoded: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found that makes it another bundle."""
        return not errors_in(self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return it as a plain object."""
        return {
            "ok": self.ok,
            "bundle": self.bundle,
            "samples": self.samples,
            "files": self.files,
            "bytes": self.bytes,
            "decoded": self.decoded,
            "findings": [finding.as_json() for finding in self.findings],
        }


def verify_export(
    path: Path,
    *,
    decode: bool = False,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> VerifyReport:
    """Verify the bundle in the folder or ZIP ``path`` and return everything that is wrong with it.

    Every file is read and compared with its digest; nothing may be missing or in excess; the
    training lists must name exactly the samples of their split. ``decode`` also reads every frame
    and applies the preflight. Progress counts bytes. Raises NotFound without the path, BadInput
    when it is neither folder nor ZIP, Cancelled.
    """
    with opened_export(path) as tree:
        return _Verification(tree, progress, should_stop).run(decode=decode)


class _Verification:
    """One pass over an export; collects findings instead of stopping at the first."""

    def __init__(self, tree: ExportTree, progress: Progress, should_stop: ShouldStop) -> None:
        self._tree = tree
        self._progress = progress
        self._should_stop = should_stop
        self._findings: list[Finding] = []
        self._bytes = 0

    def run(self, *, decode: bool) -> VerifyReport:
        """Do it."""
        manifest = self._manifest()
        if manifest is None:
            return self._report(None, 0)
        note = self._note(manifest)
        streams = note.files if note else tuple(s for one in manifest.samples for s in one.streams)
        own = {MANIFEST_PATH, *([EXPORT_NOTE_PATH] if note else [])}
        self._complete({*own, *(f.path for f in (*manifest.documents, *streams))})
        lists = {training_list_path(split): split for split in ("train", *manifest.splits())}
        for fact in (*manifest.documents, *streams):
            if fact.path not in lists:
                self._same_bytes(fact)
        for list_path, split in lists.items():
            with self._collecting(list_path):
                self._training_list(manifest, list_path, split)
        decoded = self._decode(manifest, note) if decode else 0
        return self._report(manifest, decoded)

    def _report(self, manifest: Manifest | None, decoded: int) -> VerifyReport:
        return VerifyReport(
            bundle=manifest.identity() if manifest else "",
            samples=len(manifest.samples) if manifest else 0,
            files=len(self._tree.sizes),
            bytes=sum(self._tree.sizes.values()),
            decoded=decoded,
            findings=tuple(self._findings),
        )

    def _manifest(self) -> Manifest | None:
        if MANIFEST_PATH not in self._tree.sizes:
            self._add("missing", f"there is no {MANIFEST_PATH}", "is this the bundle's own folder?")
            return None
        with self._collecting(MANIFEST_PATH):
            return read_manifest(self._read(MANIFEST_PATH))
        return None

    def _note(self, manifest: Manifest) -> ExportNote | None:
        if EXPORT_NOTE_PATH not in self._tree.sizes:
            return None
        with self._collecting(EXPORT_NOTE_PATH):
            note = read_export_note(self._read(EXPORT_NOTE_PATH))
            self._note_fits(manifest, note)
            return note
        return None

    def _note_fits(self, manifest: Manifest, note: ExportNote) -> None:
        if note.bundle != manifest.identity():
            raise BadInput(f"{EXPORT_NOTE_PATH} belongs to bundle {note.bundle}")
        if note.form == "png":
            found = Counter(file.path.rpartition("/")[0] for file in note.files)
            samples = manifest.samples
            wanted = Counter({p: s.frames for s in samples for p in layer_paths(s, "png").values()})
        else:
            found = Counter(file.path for file in note.files)
            paths = (layer_paths(sample, note.form) for sample in manifest.samples)
            wanted = Counter(path for by_layer in paths for path in by_layer.values())
        if found != wanted:
            path = sorted(set(found.items()) ^ set(wanted.items()))[0][0]
            raise BadInput(f"{EXPORT_NOTE_PATH} does not fit the manifest at {path}")

    def _complete(self, expected: set[str]) -> None:
        for path in sorted(expected - set(self._tree.sizes)):
            self._add("missing", "is missing", _AGAIN, path)
        for path in sorted(set(self._tree.sizes) - expected):
            self._add("extra", "does not belong to the bundle", "move it elsewhere", path)

    def _same_bytes(self, fact: FileFact) -> None:
        size = self._tree.sizes.get(fact.path)
        if size is None:
            return
        if size != fact.size:
            self._add("changed", f"has {size} bytes instead of {fact.size}", _AGAIN, fact.path)
            return
        with self._collecting(fact.path):
            digest = hashlib.sha256()
            for data in self._chunks(fact.path):
                digest.update(data)
            if digest.hexdigest() != fact.sha256:
                self._add("changed", "has other bytes than were frozen", _AGAIN, fact.path)

    def _training_list(self, manifest: Manifest, path: str, split: str) -> None:
        if path not in self._tree.sizes:
            return
        rows = read_casper(self._read(path), name=path)
        root = common_root(rows)
        wanted = casper_rows((s for s in manifest.samples if s.split == split), root=root)
        listed = sum(row.weight for row in rows)
        found = [
            {"file_path": row.folder, "text": row.text, "type": row.type}
            for row in rows
            for _ in range(row.weight if listed == len(wanted) else 1)
        ]
        if found == wanted:
            if root:
                self._add("mounted", f"its paths begin with {root}", "", path, severity="note")
            return
        frozen, written = _counted(wanted), _counted(found)
        if frozen == written:
            self._add("order", "has its rows in another order", "", path, severity="warning")
            return
        other = sorted((frozen - written) + (written - frozen))[0][0]
        message = f"does not list what was frozen: {listed} rows instead of {len(wanted)}"
        self._add("rows", f"{message}; look at {other}", _AGAIN, path)

    def _decode(self, manifest: Manifest, note: ExportNote | None) -> int:
        try:
            from datasets_app.domain.bundles.preflight import check_sample
        except ImportError as error:
            message = f"no stream was decoded: {error.name or error} is not installed"
            self._add("not_decoded", message, "pip install av numpy opencv-python-headless")
            return 0
        done = 0
        for sample in manifest.samples:
            paths = layer_paths(sample, note.form if note else "mp4")
            with (
                tempfile.TemporaryDirectory(prefix="matteweb-verify-") as work,
                self._collecting(sample.folder),
            ):
                frames, found = check_sample(
                    {layer: self._tree.place(p, Path(work)) for layer, p in paths.items()},
                    sample.captions.training_text(),
                    where=sample.folder,
                    should_stop=self._should_stop,
                )
                self._findings += found
                done += frames > 0
                if frames and frames != sample.frames:
                    message = f"has {frames} frames instead of {sample.frames}"
                    self._add("frames", message, _AGAIN, sample.folder)
        return done

    def _read(self, path: str) -> bytes:
        return b"".join(self._chunks(path))

    def _chunks(self, path: str) -> Iterator[bytes]:
        for data in self._tree.chunks(path):
            if self._should_stop():
                raise Cancelled("the verification was stopped")
            yield data
            self._bytes += len(data)
            self._progress(self._bytes, sum(self._tree.sizes.values()))

    def _collecting(self, where: str) -> Collecting:
        return Collecting(self._findings, "unreadable", where)

    def _add(
        self, code: str, message: str, hint: str, where: str = "", *, severity: Severity = "error"
    ) -> None:
        self._findings.append(Finding(code, severity, message, hint, where))


def _counted(rows: list[dict[str, str]]) -> Counter[tuple[str, str, str]]:
    return Counter((row["file_path"], row["text"], row["type"]) for row in rows)
