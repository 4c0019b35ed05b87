"""From a mask file to the lossless stream of a video's mask, with the stack that planners read."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.mask_planning import PlanningStackWriter
from datasets_app.domain.media.mask_reading import (
    MaskReading,
    MaskSurvey,
    object_mask,
    read_stored,
)
from datasets_app.domain.media.pictures import (
    POSTER_SIDE,
    encode_exact_webp,
    poster_number,
    small_picture,
)
from datasets_app.domain.media.stream_files import StreamFiles, StreamWriter
from datasets_app.domain.progress import Progress, ShouldStop
from matteweb.errors import BadInput, Cancelled


@dataclass(frozen=True, slots=True)
class MaskFiles:
    """The stream of a mask, and its planning stack (npz) as bytes.

    The poster holds the file's own values, so that another reading can be tried on it.
    """

    stream: StreamFiles
    planning: bytes


def require_fit(survey: MaskSurvey, *, name: str, video: str, frames: int, size: FrameSize) -> None:
    """Raise BadInput unless the mask has the video's frame count and size."""
    if survey.frames != frames:
        raise BadInput(
            f"mask {name} has {survey.frames} frames but video {video} has {frames}",
            hint="export the mask again for exactly this clip: one mask frame per video frame",
        )
    if survey.size != size:
        raise BadInput(
            f"mask {name} is {survey.size} but video {video} is {size}",
            hint="export the mask at the size of the video",
        )


def stream_mask(
    path: Path,
    reading: MaskReading,
    folder: Path,
    *,
    frames: int,
    size: FrameSize,
    fps: Fraction,
    limits: Limits,
    progress: Progress,
    should_stop: ShouldStop,
    number: int | None = None,
) -> MaskFiles:
    """Read the mask once and write master, delivery, index, pictures and planning stack.

    ``number`` picks one object out of a mask of object numbers. Memory: a few frames. Raises
    Cancelled when asked to stop.
    """
    planning = PlanningStackWriter(frames, size)
    writer = StreamWriter(
        folder, "mask", kind="gray", size=size, fps=fps, expected=frames, master=True, pictures=True
    )
    raw = b""
    with writer, closing(read_stored(path, reading.channel, limits=limits)) as every:
        for done, stored in enumerate(every):
            if should_stop():
                raise Cancelled(f"stopped at frame {done} of {frames}")
            if done == poster_number(frames):
                raw = encode_exact_webp(small_picture(stored, POSTER_SIDE))
            mask = reading.apply(stored) if number is None else object_mask(stored, number)
            writer.write(mask)
            planning.add(mask)
            progress(done + 1, frames)
    files = writer.files()
    if files.poster is not None:
        files.poster.write_bytes(raw)
    return MaskFiles(files, planning.result())
