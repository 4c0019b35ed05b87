"""Assets and videos of the library as trees of the layouts that hold such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.bundles.documents import ATTRIBUTION_PATH
from datasets_app.domain.layouts import LAYOUTS
from datasets_app.domain.layouts.base import HoldsAssets
from datasets_app.domain.media.picture_sources import is_picture_name
from datasets_app.domain.progress import Progress, ShouldStop, ignore_progress, never_stop
from datasets_app.domain.trees.entries import LayoutContents, SourceAsset
from datasets_app.models import Asset
from datasets_app.models.video import IngestState
from datasets_app.selectors.assets import assets_chosen, choice_require
from datasets_app.selectors.footage import usable_videos
from datasets_app.selectors.image_sets import annotations_of
from datasets_app.services.space import spaces_require
from datasets_app.services.trees.library_clips import annotated_clips, masked_clips
from datasets_app.services.trees.stored_files import StoredFiles
from matteweb.accounts.models import Project
from matteweb.errors import BadInput

TRACKS_LAYOUT: Final = "cvat_video"
CLIP_LAYOUTS: Final = ("paste_source", "davis", "youtube_vos", "png_sequences")
SEQUENCES_LAYOUT: Final = "png_sequences"
SCENE_LAYOUT: Final = "kubric_assets"
_SELECTS: Final = ("kind", "side")


@dataclass(frozen=True, slots=True)
class LibraryLayout:
    """A layout in which the library can be written, and what of it."""

    slug: str
    label: str
    summary: str


def library_layouts() -> list[LibraryLayout]:
    """Return the layouts of assets, of videos with masks, and the one of annotated videos."""
    found = [one for one in LAYOUTS if isinstance(one, HoldsAssets)]
    clips = [LAYOUTS[slug] for slug in (*CLIP_LAYOUTS, TRACKS_LAYOUT)]
    infos = [one.info for one in (*found, *clips)]
    return [LibraryLayout(info.slug, info.label, info.summary) for info in infos]


def library_require(layout: str, selection: Mapping[str, str]) -> None:
    """Raise BadInput for a layout that holds nothing of the library, or an unknown choice."""
    if layout not in {one.slug for one in library_layouts()}:
        raise BadInput(
            f"{LAYOUTS[layout].info.label} holds neither assets nor videos",
            hint=f"choose one of {', '.join(one.slug for one in library_layouts())}",
        )
    if wrong := sorted(set(selection) - set(_SELECTS)):
        raise BadInput(f"assets are not chosen by {wrong[0]}", hint=f"by {', '.join(_SELECTS)}")
    choice_require(**selection)


def library_export(
    *,
    project: Project,
    layout: str,
    folder: Path,
    selection: Mapping[str, str] | None = None,
    progress: Progress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> dict[str, Any]:
    """Write the chosen assets, every video with its masks, or every annotated video, into
    ``folder`` as a tree of ``layout``, from the files as they came and with their attributions.

    Return {"entries", "left_out": [{"name", "reason"}]}. Raises BadInput for another layout or
    when nothing fits, Conflict for a folder that is not empty, NoSpace, Cancelled.
    """
    selection = selection or {}
    library_require(layout, selection)
    with work_folder(f"library-{project.pk}-{layout}") as work:
        chosen = _chosen(project, layout, selection, work)
        if not chosen.contents.size:
            raise BadInput(
                f"nothing of {project.name} has a place in {LAYOUTS[layout].info.label}",
                hint="choose another layout, or bring in what it holds",
            )
        files = chosen.files
        needs = ((work, files.unpacked_bytes), (folder.parent, files.bytes))
        spaces_require(needs, purpose=folder.name)
        files.unpack(should_stop)
        LAYOUTS[layout].write(chosen.contents, folder, progress=progress, should_stop=should_stop)
    (folder / ATTRIBUTION_PATH).write_text(_attributions(chosen.sources), encoding="utf-8")
    return {"entries": chosen.contents.size, "left_out": chosen.left_out}


@dataclass(slots=True)
class _Chosen:
    """What is to be written: its entries, their rows and files, and what has no place."""

    contents: LayoutContents
    sources: list[Any]
    files: StoredFiles
    left_out: list[dict[str, str]] = field(default_factory=list)


def _chosen(project: Project, layout: str, selection: Mapping[str, str], work: Path) -> _Chosen:
    """Lay out, inside ``work``, what of the library has a place in ``layout``."""
    files = StoredFiles()
    if layout == TRACKS_LAYOUT:
        rows = list(annotations_of(project).filter(video__state=IngestState.READY))
        clips = tuple(annotated_clips(rows, work, files))
        return _Chosen(LayoutContents(clips=clips), [row.video for row in rows], files)
    if layout in CLIP_LAYOUTS:
        videos = list(usable_videos(project))
        opaque = _sequences(project) if layout == SEQUENCES_LAYOUT else []
        contents = LayoutContents(
            clips=tuple(masked_clips(videos, work / "videos", files)),
            assets=tuple(_entry(row, work / "assets" / str(row.pk), files) for row in opaque),
        )
        return _Chosen(contents, [*videos, *opaque], files)
    ready = assets_chosen(project, **selection).filter(state=IngestState.READY)
    return _assets(layout, ready.select_related("alpha_original").order_by("pk"), work)


def _assets(layout: str, rows: Iterable[Asset], work: Path) -> _Chosen:
    chosen = LAYOUTS[layout]
    if not isinstance(chosen, HoldsAssets):
        raise BadInput(f"{chosen.info.label} holds no assets", hint="choose another layout")
    found: list[SourceAsset] = []
    fitting: list[Asset] = []
    files = StoredFiles()
    left_out = []
    taken: set[str] = set()
    for row in rows:
        if row.is_scene_file and layout != SCENE_LAYOUT:
            left_out.append({"name": row.name, "reason": "it is made for scenes"})
            continue
        own = StoredFiles()
        entry = _unique(_entry(row, work / str(row.pk), own), taken, row.pk)
        if reason := chosen.takes_asset(entry):
            left_out.append({"name": row.name, "reason": reason})
            continue
        found.append(entry)
        fitting.append(row)
        files.add(own)
    return _Chosen(LayoutContents(assets=tuple(found)), fitting, files, left_out)


def _sequences(project: Project) -> list[Asset]:
    """Return the foregrounds that came as numbered pictures with opacity."""
    rows = assets_chosen(project, kind=Asset.Kind.FOREGROUND_CLIP).filter(
        state=IngestState.READY, alpha_original=None, filename__iendswith=".zip"
    )
    return list(rows.select_related("alpha_original").order_by("pk"))


def _entry(row: Asset, inside: Path, files: StoredFiles) -> SourceAsset:
    """Return an asset with its files under the names that they came with."""
    suffix = Path(row.filename).suffix.lower()
    still = is_picture_name(row.filename)
    name = row.origin_path or row.name
    if still and Path(name).suffix.lower() != suffix:
        name = f"{name}{suffix}"
    alpha = row.alpha_original
    return SourceAsset(
        kind=_kind(row),
        name=name,
        colour=files.lay(row.original, row.filename, inside / "colour"),
        alpha=None if alpha is None else files.lay(alpha, row.alpha_filename, inside / "alpha"),
        own_alpha=row.is_foreground and alpha is None,
        split=row.split,
        group=row.source_group,
        excluded=row.excluded,
        licence=row.licence if row.is_scene_file else "",
    )


def _kind(row: Asset) -> Literal["foreground", "background", "scene"]:
    if row.is_scene_file:
        return "scene"
    return "foreground" if row.is_foreground else "background"


def _unique(entry: SourceAsset, taken: set[str], pk: int) -> SourceAsset:
    """Return the asset under a name that no other has in this tree."""
    path = Path(entry.name)
    name = entry.name
    if name.lower() in taken:
        name = path.with_name(f"{path.stem}-{pk}{path.suffix}").as_posix()
    taken.add(name.lower())
    return replace(entry, name=name)


def _attributions(rows: Iterable[Any]) -> str:
    lines = []
    for row in dict.fromkeys(rows):
        said = " ".join(row.attribution.split()) or "no attribution recorded"
        lines.append(f"- {row.name}: {said} ({row.licence or 'licence unknown'})")
    return "# Attribution\n\n" + "\n".join(lines) + "\n"
