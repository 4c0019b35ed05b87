"""People and backgrounds that both sides of the HIM figures work on, painted once into a folder.

Photographs of 1200x1800 with mattes, clips of 1920x1080 as numbered JPEG and PNG, backgrounds of
1539x1180; hair and texture, so that the codecs have work to do. Our side reads what ingest made
of the same files.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np

from datasets_app.domain.assets.asset_index import read_index
from datasets_app.domain.assets.subject_reading import SubjectFiles
from datasets_app.domain.assets.subject_streams import stream_subject
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.footage import Surveyed
from datasets_app.domain.media.frames import FrameSize, GrayFrame, GrayStack, RgbFrame
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.synthesis.sources.asset_facts import AssetFacts
from datasets_app.domain.synthesis.sources.pool import Pool, PoolBackground, PoolForeground

PHOTO, SCENE, FRAME = FrameSize(1200, 1800), FrameSize(1539, 1180), FrameSize(1920, 1080)
PHOTOS, CLIPS, SCENES, LENGTH = 10, 6, 6, 40
RATE = Fraction(25)


@dataclass(frozen=True, slots=True)
class Material:
    """Files for the plain port; pool and paths for the recipes."""

    photos: list[Path]
    clips: list[Path]
    scenes: list[Path]
    frames: list[Path]
    stills: Pool
    moving: Pool
    sources: dict[str, Path]


def prepare(folder: Path) -> None:
    """Paint everything and let ingest read it."""
    made: list[dict[str, object]] = []
    for part in ("images", "alphas", "bg", "wide"):
        (folder / part).mkdir()
    for number in range(PHOTOS):
        colour, alpha = _person(PHOTO, number, 0)
        _save(folder / "images" / f"{number}.jpg", colour)
        _save(folder / "alphas" / f"{number}.png", alpha)
        made.append(_read(folder, f"photo-{number}", [(colour, alpha)]))
    for number in range(CLIPS):
        made.append(_clip(folder, number))
    for number in range(SCENES):
        _save(folder / "bg" / f"{number}.jpg", _scene(SCENE, number))
        _save(folder / "wide" / f"{number}.jpg", _scene(FRAME, number + 50))
    (folder / "material.json").write_text(json.dumps(made))


def material(folder: Path) -> Material:
    """Return what ``prepare`` left."""
    sources: dict[str, Path] = {}
    people = [
        _opened(number, one, folder, sources)
        for number, one in enumerate(json.loads((folder / "material.json").read_text()))
    ]
    scenes, wide = (sorted((folder / part).iterdir()) for part in ("bg", "wide"))
    return Material(
        photos=sorted((folder / "images").iterdir()),
        clips=sorted(folder.glob("clip-*/")),
        scenes=scenes,
        frames=wide,
        stills=Pool((), _only(people, "still"), _behind(scenes, SCENE, sources)),
        moving=Pool((), _only(people, "clip"), _behind(wide, FRAME, sources)),
        sources=sources,
    )


def _clip(folder: Path, number: int) -> dict[str, object]:
    frames = [_person(FRAME, number + 100, frame) for frame in range(LENGTH)]
    for part, ending, which in (("fgr", "jpg", 0), ("pha", "png", 1)):
        (folder / f"clip-{number}" / part).mkdir(parents=True)
        for frame, pair in enumerate(frames):
            _save(folder / f"clip-{number}" / part / f"{frame:04d}.{ending}", pair[which])
    return _read(folder, f"walk-{number}", frames)


def _person(size: FrameSize, seed: int, frame: int) -> tuple[RgbFrame, GrayFrame]:
    """Return a figure with hair before a textured wall, and its matte."""
    rng = np.random.default_rng(seed)
    alpha = np.zeros((size.height, size.width), np.uint8)
    sway = round(size.width * 0.01 * np.sin(frame / 5))
    unit = size.height // 10
    centre = (size.width // 2 + sway, size.height // 2 + unit)
    breadth = round(unit * rng.uniform(1.4, 2.2))
    cv2.ellipse(alpha, centre, (breadth, round(3.6 * unit)), 0, 0, 360, 255, -1)
    head = (centre[0], centre[1] - round(3.8 * unit))
    cv2.circle(alpha, head, unit, 255, -1)
    for _ in range(120):
        angle, length = rng.uniform(np.pi, 2 * np.pi), rng.uniform(1.0, 1.35) * unit
        end = (round(head[0] + length * np.cos(angle)), round(head[1] + length * np.sin(angle)))
        cv2.line(alpha, head, end, 255, 1, cv2.LINE_AA)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 1.2)
    share = alpha[..., None].astype(np.float32) / 255
    mixed = share * _scene(size, seed + 7) + (1 - share) * _scene(size, seed + 9)
    return np.rint(mixed).astype(np.uint8), alpha


@cache
def _scene(size: FrameSize, seed: int) -> RgbFrame:
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(
        rng.integers(0, 256, (9, 12, 3), np.uint8), (size.width, size.height), interpolation=2
    )
    grain = rng.normal(0, 6, (size.height, size.width, 1)).astype(np.float32)
    fine = cv2.GaussianBlur(grain, (0, 0), 0.8)[..., None] * 2
    scene: RgbFrame = np.clip(coarse + fine, 0, 255).astype(np.uint8)
    return scene


def _save(path: Path, frame: RgbFrame | GrayFrame) -> None:
    shown = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR) if frame.ndim == 3 else frame
    quality = [cv2.IMWRITE_JPEG_QUALITY, 92] if path.suffix == ".jpg" else []
    cv2.imwrite(str(path), shown, quality)


def _read(folder: Path, name: str, frames: list[tuple[RgbFrame, GrayFrame]]) -> dict[str, object]:
    size = FrameSize(frames[0][0].shape[1], frames[0][0].shape[0])
    colour, alpha = folder / f"{name}.mkv", folder / f"{name}-pha.mkv"
    with RgbMasterWriter(colour, size, RATE) as rgb, GrayMasterWriter(alpha, size, RATE) as gray:
        for picture, matte in frames:
            rgb.write(picture)
            gray.write(matte)
    work = folder / f"{name}-files"
    work.mkdir()
    made = stream_subject(
        SubjectFiles(colour, colour.name, alpha, alpha.name),
        Surveyed(len(frames), size, RATE, {}, ()),
        work,
        limits=Limits(),
        progress=ignore_progress,
        should_stop=never_stop,
    )
    (work / "index.npz").write_bytes(made.index)
    facts = made.facts.as_json()
    return {"name": name, "frames": len(frames), "size": asdict(size), "facts": facts}


def _opened(
    number: int, one: dict[str, object], folder: Path, sources: dict[str, Path]
) -> PoolForeground:
    name, work = str(one["name"]), folder / f"{one['name']}-files"
    sources |= {f"{name}-cut": work / "cutout.bin", name: folder / f"{name}.mkv"}
    size = FrameSize(**one["size"])  # type: ignore[arg-type]
    frames = int(str(one["frames"]))
    load: partial[GrayStack] = partial(_small, work / "index.npz")
    return PoolForeground(
        id=number,
        digest=name,
        alpha_digest=f"{name}-pha",
        kind="still" if frames == 1 else "clip",
        group=name,
        name=name,
        frames=frames,
        width=size.width,
        height=size.height,
        fps=None if frames == 1 else RATE,
        soft=True,
        origin="asset",
        caption="",
        facts=AssetFacts.from_json(one["facts"]),  # type: ignore[arg-type]
        cutout=f"{name}-cut",
        load_small=load,
    )


def _small(path: Path) -> GrayStack:
    return read_index(path).small


def _only(people: list[PoolForeground], kind: str) -> tuple[PoolForeground, ...]:
    return tuple(one for one in people if one.kind == kind)


def _behind(
    paths: list[Path], size: FrameSize, sources: dict[str, Path]
) -> tuple[PoolBackground, ...]:
    found = []
    for number, path in enumerate(paths):
        digest = f"{path.parent.name}-{path.stem}"
        sources[digest] = path
        found.append(
            PoolBackground(
                id=number,
                digest=digest,
                kind="still",
                group=digest,
                name=digest,
                frames=1,
                width=size.width,
                height=size.height,
                fps=None,
                origin="asset",
                caption="",
            )
        )
    return tuple(found)
