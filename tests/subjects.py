"""Painted subjects with alpha: a soft-edged figure over a backdrop, as files and in a pool.

The figure's own colour is known, so that a rim of the old backdrop is seen.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from datasets_app.domain.assets.asset_index import read_index
from datasets_app.domain.assets.subject_reading import SubjectFiles
from datasets_app.domain.assets.subject_streams import stream_subject
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.footage import Surveyed
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame, frame_size
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.synthesis.sources.pool import Pool, PoolBackground, PoolForeground
from tests.scenes import texture

SIZE = FrameSize(64, 96)
CANVAS = FrameSize(160, 120)
RATE = Fraction(25)


def figure(size: FrameSize = SIZE, *, shift: int = 0, thin: bool = False) -> GrayFrame:
    """Return the alpha of a standing figure with a soft edge of about 3 px."""
    alpha = np.zeros((size.height, size.width), np.uint8)
    centre = (size.width // 2 + shift, size.height // 2)
    axes = (size.width // (8 if thin else 4), size.height * 2 // 5)
    cv2.ellipse(alpha, centre, axes, 0, 0, 360, 255, cv2.FILLED)
    soft: GrayFrame = cv2.GaussianBlur(alpha, (0, 0), 1.2)
    return soft


def filmed(alpha: GrayFrame, colour: tuple[int, int, int], backdrop: int) -> RgbFrame:
    """Return the figure in one colour before an even backdrop, mixed by ``alpha``."""
    share = alpha[..., None].astype(np.float32) / 255
    mixed = share * np.array(colour, np.float32) + (1 - share) * backdrop
    return np.rint(mixed).astype(np.uint8)


def rgba_png(path: Path, alpha: GrayFrame, colour: tuple[int, int, int] = (200, 40, 30)) -> Path:
    """Write one picture with opacity and straight colour."""
    plain = np.full((*alpha.shape, 3), colour, np.uint8)
    Image.fromarray(np.dstack([plain, alpha])).save(path)
    return path


def pictures_zip(path: Path, frames: list[np.ndarray]) -> Path:
    """Write numbered PNGs into a ZIP."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, frame in enumerate(frames):
            out = BytesIO()
            Image.fromarray(frame).save(out, "PNG")
            archive.writestr(f"{number:05d}.png", out.getvalue())
    return path


def pair(folder: Path, name: str, frames: int = 6, *, size: FrameSize = SIZE) -> tuple[Path, Path]:
    """Write colour and matte of a moving figure as lossless clips."""
    colour, alpha = folder / f"{name}.mkv", folder / f"{name}_pha.mkv"
    with RgbMasterWriter(colour, size, RATE) as rgb, GrayMasterWriter(alpha, size, RATE) as gray:
        for number in range(frames):
            matte = figure(size, shift=number)
            rgb.write(filmed(matte, (200, 40, 30), 120))
            gray.write(matte)
    return colour, alpha


@dataclass
class Subjects:
    """A growing pool of foregrounds and backgrounds; ``sources`` says where each digest lies."""

    folder: Path
    foregrounds: list[PoolForeground] = field(default_factory=list)
    backgrounds: list[PoolBackground] = field(default_factory=list)
    sources: dict[str, Path] = field(default_factory=dict)
    _made: Pool | None = None

    @property
    def pool(self) -> Pool:
        """Made once as long as nothing is added, as recipes hold it by identity."""
        have = (len(self.foregrounds), len(self.backgrounds))
        made = self._made
        if made is None or (len(made.foregrounds), len(made.backgrounds)) != have:
            self._made = made = Pool((), tuple(self.foregrounds), tuple(self.backgrounds))
        return made

    def subject(
        self,
        name: str,
        *,
        frames: int = 1,
        size: FrameSize = SIZE,
        thin: bool = False,
        step: float = 1.0,
        group: str = "",
    ) -> PoolForeground:
        """Add a figure in a colour of its own, one picture or a clip that moves by ``step`` px."""
        number = len(self.foregrounds)
        rng = np.random.default_rng(number + 11)
        hue = tuple(int(one) for one in rng.integers(40, 220, 3))
        colour, alpha = self.folder / f"{name}.mkv", self.folder / f"{name}-pha.mkv"
        with RgbMasterWriter(colour, size, RATE) as rgb, GrayMasterWriter(alpha, size, RATE) as out:
            for frame in range(frames):
                matte = figure(size, shift=round(frame * step), thin=thin)
                rgb.write(filmed(matte, hue, 120))  # type: ignore[arg-type]
                out.write(matte)
        return self._read(name, colour, alpha, frames, group or name)

    def backdrop(self, name: str, *, frames: int = 1, size: FrameSize = CANVAS) -> PoolBackground:
        """Add a texture, one picture or a clip that rolls."""
        picture = texture(size, len(self.backgrounds) + 40)
        path = self.folder / f"{name}.mkv"
        with RgbMasterWriter(path, size, RATE) as out:
            for frame in range(frames):
                out.write(np.ascontiguousarray(np.roll(picture, frame, 1)))
        self.sources[name] = path
        made = PoolBackground(
            id=len(self.backgrounds) + 1,
            digest=name,
            kind="still" if frames == 1 else "clip",
            group=name,
            name=name,
            frames=frames,
            width=size.width,
            height=size.height,
            fps=None if frames == 1 else RATE,
            origin="asset",
            caption="",
        )
        self.backgrounds.append(made)
        return made

    def _read(
        self, name: str, colour: Path, alpha: Path, frames: int, group: str
    ) -> PoolForeground:
        files = SubjectFiles(colour, colour.name, alpha, alpha.name)
        limits, size = Limits(), frame_size(next(read_gray(alpha)))
        found = Surveyed(frames, size, RATE, {}, ())
        work = self.folder / f"{name}-files"
        work.mkdir()
        made = stream_subject(
            files, found, work, limits=limits, progress=ignore_progress, should_stop=never_stop
        )
        index = work / "index.npz"
        index.write_bytes(made.index)
        digests = {f"{name}-rgb": colour, f"{name}-alpha": alpha, f"{name}-cut": made.cutout}
        self.sources |= digests
        subject = PoolForeground(
            id=len(self.foregrounds) + 1,
            digest=f"{name}-rgb",
            alpha_digest=f"{name}-alpha",
            kind="still" if frames == 1 else "clip",
            group=group,
            name=name,
            frames=frames,
            width=found.size.width,
            height=found.size.height,
            fps=None if frames == 1 else RATE,
            soft=True,
            origin="asset",
            caption="",
            facts=made.facts,
            cutout=f"{name}-cut",
            load_small=lambda: read_index(index).small,
        )
        self.foregrounds.append(subject)
        return subject


def crowd(folder: Path, *, frames: int = 1, people: int = 5) -> Subjects:
    """Return enough for a sample: ``people`` figures, two still and one moving backdrop."""
    made = Subjects(folder)
    for number in range(people):
        made.subject(f"person-{number}", frames=frames, thin=number % 2 == 1)
    made.backdrop("hall")
    made.backdrop("park")
    if frames > 1:
        made.backdrop("street", frames=frames + 4)
    return made
