"""Filmed clips with mattes as the real data of CRGNN has them: image/, alpha/ and trimap/.

Only some frames of a clip have a matte, so frames are paired by name and the others stay out. In
the published set the alpha and trimap of one frame belong to another picture, which nobody saw:
what a matte and its trimap contradict each other in is therefore said, frame by frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from natsort import natsorted, ns

from datasets_app.domain.findings import Finding
from datasets_app.domain.layouts.base import LayoutOf
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.picture_file import read_picture_gray
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import LayoutContents, Pictures, SourceAsset
from datasets_app.domain.trees.portable import portable_file
from datasets_app.domain.trees.reading import folders
from datasets_app.domain.trees.subject_trees import by_stem, pictures_of, subject_findings
from datasets_app.domain.trees.writing import write_stream
from matteweb.errors import BadInput, Cancelled

_IMAGE: Final = "image"
_ALPHA: Final = "alpha"
_TRIMAP: Final = "trimap"
_SURE: Final = 250
_CONTRADICTED: Final = 0.02
"""Share of the pixels of which a trimap is sure that a matte may put on the other side."""


class Crgnn(LayoutOf[SourceAsset, SourceAsset]):
    """Foregrounds in their own scene; pairs go by clip and by the name of each frame."""

    info = PluginInfo(
        slug="crgnn",
        label="CRGNN",
        summary="image/<clip> with alpha/<clip>, frames paired by name, trimap/<clip> beside them",
        version=1,
    )
    writes = ("assets",)

    def recognises(self, folder: Path) -> bool:
        """Whether image/ and alpha/ hold folders of pictures, one at least of the same name."""
        mattes = {clip.name for clip in folders(folder / _ALPHA) if pictures_of(clip)}
        clips = folders(folder / _IMAGE)
        return any(clip.name in mattes and pictures_of(clip) for clip in clips)

    def read(self, folder: Path) -> LayoutContents:
        """Pair by clip and frame; what has no partner becomes findings."""
        if not self.recognises(folder):
            raise BadInput(
                f"{folder.name} is no tree of filmed clips with mattes",
                hint="expected image/<clip>/<frame> and alpha/<clip>/<frame>",
            )
        findings: list[Finding] = []
        names = {clip.name for part in (_IMAGE, _ALPHA) for clip in folders(folder / part)}
        assets = [
            asset for name in sorted(names) if (asset := _clip(folder, name, findings)) is not None
        ]
        return LayoutContents(assets=tuple(assets), findings=tuple(findings))

    def faults(
        self, entry: SourceAsset, folder: Path, limits: Limits, should_stop: ShouldStop
    ) -> Iterable[Finding]:
        """Decode every frame, matte and trimap."""
        found = subject_findings(entry, limits, should_stop)
        return [*found, *_trimap_findings(entry, folder, limits, should_stop)]

    def takes(self, layers: Mapping[str, str], frames: int) -> str:
        """Take no finished sample."""
        return "it holds foregrounds, no samples"

    def takes_asset(self, asset: SourceAsset) -> str:
        """Take clips that are pictures, with a matte each."""
        if asset.kind != "foreground" or asset.alpha is None:
            return "it is no foreground with a matte of its own"
        streams = (asset.colour, asset.alpha)
        files = any(isinstance(one, Path) and not one.is_dir() for one in streams)
        return "it is a video or a still" if files else ""

    def fill(
        self,
        folder: Path,
        contents: LayoutContents,
        entries: Iterable[SourceAsset],
        should_stop: ShouldStop,
    ) -> None:
        """Copy frames and mattes; trimaps follow from the mattes and are not written."""
        taken: set[str] = set()
        for asset in entries:
            if asset.alpha is None:
                raise BadInput(f"{asset.name} has no matte of its own")
            name = portable_file(Path(asset.name).name, ("", taken))
            for part, stream in ((_IMAGE, asset.colour), (_ALPHA, asset.alpha)):
                if isinstance(stream, Path) and not stream.is_dir():
                    raise BadInput(
                        f"{asset.name} is no folder of pictures",
                        hint="choose VideoMatte240K, which holds videos too",
                    )
                write_stream(stream, folder / part, name)


def _clip(folder: Path, name: str, findings: list[Finding]) -> SourceAsset | None:
    """Return a clip with the frames that have a picture and a matte, None without any."""
    pictures, mattes = (_frames(folder, f"{part}/{name}", findings) for part in (_IMAGE, _ALPHA))
    both = [stem for stem in pictures if stem in mattes]
    for file in (mattes[stem] for stem in mattes if stem not in pictures):
        where = f"{_ALPHA}/{name}/{file.name}"
        message, hint = f"{where} has no picture", f"give it the name of its frame in {_IMAGE}"
        findings.append(Finding("unpaired", "warning", message, hint, where))
    if not both:
        message = f"no frame of {name} has both a picture and a matte"
        findings.append(Finding("unpaired", "warning", message, "frames share their name", name))
        return None
    if len(both) < len(pictures):
        message = f"{len(pictures) - len(both)} of {len(pictures)} frames of {name} have no matte"
        findings.append(Finding("unlabelled", "note", message, "they stay out", name))
    return SourceAsset(
        "foreground",
        name,
        Pictures(tuple(pictures[stem] for stem in both)),
        Pictures(tuple(mattes[stem] for stem in both)),
        group=name,
    )


def _frames(folder: Path, where: str, findings: list[Finding]) -> dict[str, Path]:
    files = pictures_of(folder / where)
    found = natsorted(files, key=lambda path: path.name, alg=ns.IGNORECASE)
    return by_stem(found, where, findings)


def _trimap_findings(
    asset: SourceAsset, folder: Path, limits: Limits, should_stop: ShouldStop
) -> Iterator[Finding]:
    twice: list[Finding] = []
    trimaps = _frames(folder, f"{_TRIMAP}/{asset.name}", twice)
    yield from twice
    mattes = asset.alpha.files if isinstance(asset.alpha, Pictures) else ()
    for path in mattes:
        if should_stop():
            raise Cancelled("the check was stopped")
        if path.stem in trimaps and _contradicted(path, trimaps[path.stem], limits):
            where = f"{_ALPHA}/{asset.name}/{path.name}"
            message = f"{where} and its trimap contradict each other"
            hint = "one of them belongs to another picture: look at the frame, leave it out"
            yield Finding("trimap_misfit", "warning", message, hint, where)


def _contradicted(matte: Path, trimap: Path, limits: Limits) -> bool:
    alpha, sure = (
        read_picture_gray(path, path.name, limits.max_side, "luma") for path in (matte, trimap)
    )
    if alpha.shape != sure.shape:
        return True
    inside, outside = sure >= _SURE, sure <= 255 - _SURE
    known = int(inside.sum() + outside.sum())
    wrong = int((alpha[inside] < 128).sum() + (alpha[outside] > 127).sum())
    return bool(known) and wrong > _CONTRADICTED * known
