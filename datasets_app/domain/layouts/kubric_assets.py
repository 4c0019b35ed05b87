"""Models and pictures of light as Kubric keeps them: a manifest, and a folder for each asset.

Greff et al., "Kubric: a scalable dataset generator", CVPR 2022: GSO, KuBasic and HDRI_haven have
this form once their archives are unpacked. What a manifest says of physics is not needed here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from datasets_app.domain.assets.scene_files import scene_file_kind, survey_scene_file
from datasets_app.domain.captions import json_bytes
from datasets_app.domain.findings import Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import LayoutContents, SourceAsset
from datasets_app.domain.trees.reading import visible
from datasets_app.domain.trees.writing import copy_entry
from matteweb.errors import BadInput

MANIFEST: Final = "manifest.json"
_MOST_BYTES = 64 * 10**6
_TYPES: Final = {"model": ("FileBasedObject", "render_filename"), "light": ("Texture", "filename")}


class KubricAssets(LayoutOf[SourceAsset, SourceAsset]):
    """A manifest of assets with their licences, beside a folder for each."""

    info = PluginInfo(
        slug="kubric_assets",
        label="Kubric assets",
        summary="a manifest, and a folder with .glb, .obj, .hdr or .exr for each asset",
        version=1,
    )
    writes = ("assets",)

    def recognises(self, folder: Path) -> bool:
        """Whether a manifest of assets lies in the folder."""
        return folder.is_dir() and _manifest(folder) is not None

    def read(self, folder: Path) -> LayoutContents:
        """List models and lights with their licences. What is packed, missing or nothing that a
        scene uses becomes a finding."""
        found = _manifest(folder) if folder.is_dir() else None
        if found is None:
            raise BadInput(
                f"{folder.name} has no manifest of Kubric assets",
                hint='expected manifest.json with {"assets": {id: {"kwargs": ...}}}',
            )
        assets: list[SourceAsset] = []
        left: dict[str, list[str]] = {"packed": [], "missing": [], "name": []}
        for key in sorted(found):
            path, why = _file_of(folder, key, found[key])
            if path is None:
                left[why].append(key)
                continue
            licence = str(found[key].get("license") or "")[:80]
            name = f"{key}/{path.relative_to(folder / key).as_posix()}"
            assets.append(SourceAsset("scene", name, path, group=key, licence=licence))
        return LayoutContents(assets=tuple(assets), findings=tuple(_left_out(left)))

    def faults(
        self, entry: SourceAsset, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> list[Finding]:
        """Read the structure of a model, the header of a light."""
        path = _path(entry)
        survey_scene_file(path, path.name, should_stop=should_stop)
        return []

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take no finished sample."""
        return "it holds models and lights, no samples"

    def takes_asset(self, asset: SourceAsset) -> str:
        """Take what scenes are made with."""
        return "" if asset.kind == "scene" else "it is no model and no picture of light"

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[SourceAsset],
        should_stop: ShouldStop,
    ) -> None:
        """Copy the files, each into the folder of its asset, then write the manifest."""
        told: dict[str, Any] = {}
        for asset in entries:
            path = _path(asset)
            kind = scene_file_kind(path.name)
            if asset.kind != "scene" or kind is None:
                raise BadInput(f"{asset.name} is no model or light and has no place here")
            key, _, name = asset.name.partition("/")
            name = name or path.name
            copy_entry(path, folder / key / name)
            asset_type, field = _TYPES[kind]
            told[key] = {
                "asset_type": asset_type,
                "license": asset.licence,
                "kwargs": {field: name},
            }
        words = {"name": folder.name, "version": "1.0", "assets": told}
        (folder / MANIFEST).write_bytes(json_bytes(words))


def _path(asset: SourceAsset) -> Path:
    if not isinstance(asset.colour, Path):
        raise BadInput(f"{asset.name} is no file of its own")
    return asset.colour


def _manifest(folder: Path) -> dict[str, Any] | None:
    """Return the assets of the first file in the folder that is a manifest, by id."""
    for path in visible(folder):
        if path.suffix.lower() != ".json" or not path.is_file():
            continue
        if path.stat().st_size > _MOST_BYTES:
            continue
        try:
            words = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            continue
        assets = words.get("assets") if isinstance(words, dict) else None
        if isinstance(assets, dict) and assets and all(map(_is_asset, assets.values())):
            return assets
    return None


def _is_asset(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("kwargs"), dict)


def _file_of(folder: Path, key: str, item: Mapping[str, Any]) -> tuple[Path | None, str]:
    """Return the file of an asset that a scene uses, else why there is none."""
    if not _inside(key):
        return None, "name"
    inside = folder / key
    if not inside.is_dir():
        packed = any((folder / f"{key}{end}").is_file() for end in (".tar.gz", ".tgz", ".zip"))
        return None, "packed" if packed else "missing"
    named = (item["kwargs"].get(field) for _, field in _TYPES.values())
    wanted = [name for name in named if isinstance(name, str) and _inside(name)]
    candidates = [inside / name for name in wanted] + visible(inside)
    fitting = (one for one in candidates if one.is_file() and scene_file_kind(one.name))
    found = next(fitting, None)
    return found, "" if found is not None else "missing"


def _inside(name: str) -> bool:
    """Whether a name from a manifest stays inside the folder that it is joined to."""
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\0" not in name


def _left_out(left: Mapping[str, list[str]]) -> Iterator[Finding]:
    words = {
        "packed": ("is still packed", "unpack the archive into a folder of its name"),
        "missing": ("has no file that a scene uses", "fetch it again, or leave it out"),
        "name": ("has a name that leads out of the folder", "take it out of the manifest"),
    }
    for code, keys in left.items():
        said, hint = words[code]
        for key in keys:
            yield Finding(f"asset_{code}", "warning", f"{key} {said}", hint, key)
