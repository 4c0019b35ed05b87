"""Colour and matte of a subject out of the files that somebody brought in, frame by frame.

Three forms: a colour file and a matte file (fgr and pha), or one file with an opacity channel
(RGBA pictures, ProRes 4444). Each file is a video, a ZIP of numbered pictures, or one picture.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.footage import FootageKind, Surveyed, footage_kind, survey_footage
from datasets_app.domain.media.frames import FrameSize, GrayFrame, RgbFrame
from datasets_app.domain.media.mask_reading import is_video
from datasets_app.domain.media.orientation import orientation_of
from datasets_app.domain.media.picture_sequence import PictureSequence
from datasets_app.domain.media.probe import probe
from datasets_app.domain.media.reader import opened, read_gray, read_rgb
from datasets_app.domain.progress import Progress, ShouldStop
from matteweb.errors import BadInput


@dataclass(frozen=True, slots=True)
class SubjectFiles:
    """``alpha`` is None where the colour file has the opacity itself; the names are for people."""

    colour: Path
    colour_name: str
    alpha: Path | None
    alpha_name: str

    @property
    def kind(self) -> FootageKind:
        """What the colour file is, told by its name."""
        return footage_kind(self.colour_name)


def survey_subject(
    files: SubjectFiles,
    *,
    limits: Limits,
    decisions: dict[str, str],
    progress: Progress,
    should_stop: ShouldStop,
) -> Surveyed:
    """Read what the files are, without trusting their headers, and hold one to the other.

    Raises BadInput when there is no opacity anywhere, when the counts or sizes of colour and matte
    differ, and as `survey_footage` does.
    """
    found = survey_footage(
        files.colour,
        files.kind,
        name=files.colour_name,
        limits=limits,
        decisions=decisions,
        progress=progress,
        should_stop=should_stop,
    )
    if files.alpha is None:
        _require_opacity(files, limits, should_stop)
        return found
    frames, size = _measured(files.alpha, files.alpha_name, limits, should_stop)
    if frames != found.frames:
        raise BadInput(
            f"{files.colour_name} has {found.frames} frames but its matte {files.alpha_name} has "
            f"{frames}",
            hint="one matte per frame: export them again, or cut both to what they share",
        )
    if size != found.size:
        raise BadInput(
            f"{files.colour_name} is {found.size} but its matte {files.alpha_name} is {size}",
            hint="export the matte at the size of the colour",
        )
    return found


def subject_colours(files: SubjectFiles, limits: Limits) -> Generator[RgbFrame, None, None]:
    """Yield the colour of every frame, opacity dropped. Raises BadInput for damage."""
    if files.kind == "sequence":
        with PictureSequence(files.colour, limits=limits) as pictures:
            yield from pictures.read_rgb()
    else:
        yield from read_rgb(files.colour)


def subject_mattes(files: SubjectFiles, limits: Limits) -> Generator[GrayFrame, None, None]:
    """Yield the matte of every frame, 255 = subject. Raises BadInput for damage."""
    if files.alpha is None:
        yield from _opacity(files, limits)
    elif is_video(files.alpha):
        yield from read_gray(files.alpha)
    else:
        with PictureSequence(files.alpha, limits=limits) as pictures:
            yield from pictures.read_gray()


def rate_of(found: Surveyed) -> Fraction:
    """Return the frame rate; one picture has 1."""
    return found.fps or Fraction(1)


def _require_opacity(files: SubjectFiles, limits: Limits, should_stop: ShouldStop) -> None:
    if is_video(files.colour):
        facts = probe(files.colour, limits, name=files.colour_name, should_stop=should_stop)
        has = facts.has_alpha
    else:
        with PictureSequence(files.colour, limits=limits, name=files.colour_name) as pictures:
            has = pictures.has_alpha
    if not has:
        raise BadInput(
            f"{files.colour_name} has no opacity channel and no matte came with it",
            hint="add its matte, or a file with opacity (PNG, ProRes 4444)",
        )


def _measured(
    path: Path, name: str, limits: Limits, should_stop: ShouldStop
) -> tuple[int, FrameSize]:
    if is_video(path):
        facts = probe(path, limits, name=name, should_stop=should_stop)
        return facts.frames, FrameSize(facts.width, facts.height)
    with PictureSequence(path, limits=limits, name=name) as pictures:
        return len(pictures), pictures.size


def _opacity(files: SubjectFiles, limits: Limits) -> Iterator[GrayFrame]:
    if not is_video(files.colour):
        with PictureSequence(files.colour, limits=limits) as pictures:
            yield from pictures.read_gray("alpha")
        return
    with opened(files.colour) as (container, stream):
        for frame in container.decode(stream):
            yield orientation_of(frame).apply(_alpha_plane(frame))


def _alpha_plane(frame: av.VideoFrame) -> GrayFrame:
    rgba = frame.to_ndarray(format="rgba")
    return cast(GrayFrame, np.ascontiguousarray(rgba[..., 3]))
