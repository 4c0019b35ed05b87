"""Exports whose streams are not the frozen bytes: another rate, or another form without loss.

A file ``export.json`` says what was done and lists what came out, so that such an export can be
verified too: it names the frozen bundle, and each of its files by digest.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

from datasets_app.domain.bundles.documents import bundle_documents
from datasets_app.domain.bundles.export_note import (
    EXPORT_NOTE_PATH,
    ExportNote,
    Form,
    layer_paths,
)
from datasets_app.domain.bundles.folder_export import BlobPath
from datasets_app.domain.bundles.lossless import write_ffv1, write_pictures
from datasets_app.domain.bundles.manifest import MANIFEST_PATH, Manifest, ManifestSample
from datasets_app.domain.bundles.manifest_parts import FileFact
from datasets_app.domain.bundles.retag import retag_fps
from datasets_app.domain.captions import json_bytes
from datasets_app.domain.media.checksum import digest_file
from datasets_app.domain.media.measured import LayerKind, layer_kind, measure_of
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from matteweb.errors import Cancelled, Conflict, Corrupt


def write_variant(
    manifest: Manifest,
    folder: Path,
    blob_path: BlobPath,
    *,
    form: Form,
    fps: Fraction | None = None,
    root: str = "",
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> ExportNote:
    """Write the bundle in another form into ``folder``, which must be new or empty.

    ``fps`` re-tags every stream, None keeps each sample's own rate. ``root`` as in
    ``bundle_files``. Progress counts samples. No frame is dropped, repeated or blended: raises
    Corrupt when a stream has another number of frames than the manifest says. Raises Conflict,
    NoSpace, Cancelled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Conflict(f"{folder.name} is not empty", hint="choose an empty or a new folder")
    written: list[FileFact] = []
    for number, sample in enumerate(manifest.samples):
        progress(number, len(manifest.samples))
        for layer, path in layer_paths(sample, form).items():
            source = blob_path(_source_digest(sample, layer, form))
            rate = fps or Fraction(*sample.fps)
            kind = _kind(sample, layer, form)
            task = _Task(source, folder / path, form, rate, kind, should_stop)
            frames, files = task.run()
            if frames != sample.frames:
                raise Corrupt(
                    f"{path} has {frames} frames, the manifest says {sample.frames}",
                    hint="the stored master was changed; restore it from a backup",
                )
            written += [_fact(folder, file) for file in files]
    note = ExportNote(
        bundle=manifest.identity(),
        form=form,
        fps=(fps.numerator, fps.denominator) if fps else None,
        files=tuple(written),
    )
    _write_texts(manifest, folder, root, note)
    progress(len(manifest.samples), len(manifest.samples))
    return note


@dataclass(frozen=True, slots=True)
class _Task:
    source: Path
    target: Path
    form: Form
    fps: Fraction
    kind: LayerKind
    should_stop: ShouldStop

    def run(self) -> tuple[int, list[Path]]:
        """Write one layer beside its place, then move it there. Returns frames and files."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        partial = self.target.with_name(f"part-{self.target.name}")
        frames = self._write(partial)
        partial.rename(self.target)
        return frames, sorted(self.target.iterdir()) if self.form == "png" else [self.target]

    def _write(self, out: Path) -> int:
        if self.should_stop():
            raise Cancelled("the export was stopped")
        if self.form == "png":
            return write_pictures(self.source, out, kind=self.kind, should_stop=self.should_stop)
        if self.form == "ffv1":
            return write_ffv1(
                self.source, out, self.fps, kind=self.kind, should_stop=self.should_stop
            )
        return retag_fps(self.source, out, self.fps)


def _source_digest(sample: ManifestSample, layer: str, form: Form) -> str:
    masters = {master.layer: master.sha256 for master in sample.masters}
    if form != "mp4" and layer in masters:
        return masters[layer]
    return sample.stream(layer).sha256


def _kind(sample: ManifestSample, layer: str, form: Form) -> LayerKind:
    """Return how the source's frames are read; of a measured layer the master alone has numbers."""
    kind = layer_kind(layer)
    exact = form != "mp4" and any(master.layer == layer for master in sample.masters)
    return kind if exact or measure_of(kind) is None else "rgb"


def _fact(folder: Path, file: Path) -> FileFact:
    return FileFact(path=file.relative_to(folder).as_posix(), **asdict(digest_file(file)))


def _write_texts(manifest: Manifest, folder: Path, root: str, note: ExportNote) -> None:
    for path, data in bundle_documents(manifest, root=root).items():
        (folder / path).write_bytes(data)
    (folder / EXPORT_NOTE_PATH).write_bytes(json_bytes(note.model_dump(mode="json")))
    # Last, so that a folder with a manifest is a complete one.
    (folder / MANIFEST_PATH).write_bytes(manifest.canonical())
