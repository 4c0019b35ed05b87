"""What is wrong with tracks that somebody drew: by themselves, and over the video they are of."""

from __future__ import annotations

from collections.abc import Iterator

from datasets_app.domain.annotation.tracks import Box, Track, Tracks
from datasets_app.domain.findings import Finding
from datasets_app.domain.media.frames import FrameSize


def drawn_findings(tracks: Tracks, where: str) -> Iterator[Finding]:
    """Yield what the tracks of the file ``where`` show without their video."""
    if not tracks.tracks:
        yield Finding("tracks_none", "warning", f"{where} has no tracks", "draw some", where)
    for track in tracks.tracks:
        bad = [s.frame for s in track.shapes if s.kind == "box" and not _has_area(track, s.frame)]
        if bad:
            message = f"{_named(track, where)} has a box without area on frame {bad[0]}"
            yield Finding("shape_empty", "error", message, "draw it again", where)
        if tracks.labels and track.label not in tracks.labels:
            message = f"{_named(track, where)} is no label of the task"
            yield Finding("label_unknown", "warning", message, "declare it, or rename it", where)


def misplaced_findings(
    tracks: Tracks, where: str, *, frames: int, size: FrameSize
) -> Iterator[Finding]:
    """Yield where the tracks of the file ``where`` leave a video of so many frames of this size."""
    if tracks.size is not None and tracks.size != size:
        message = f"{where} was drawn at {tracks.size}, the video is {size}"
        yield Finding("size_differs", "error", message, "use the video that was annotated", where)
    if tracks.frames is not None and tracks.frames != frames:
        message = f"{where} is about {tracks.frames} frames, the video has {frames}"
        yield Finding("frames_differ", "warning", message, "is it the same cut?", where)
    whole = Box(0, 0, size.width, size.height)
    for track in tracks.tracks:
        if track.last >= frames:
            message = (
                f"{_named(track, where)} goes on to frame {track.last}, the last is {frames - 1}"
            )
            yield Finding("frame_beyond", "error", message, "use the whole video", where)
        beside = [
            s for s in track.shapes if not s.outside and s.box.area > 0 and not s.box.overlap(whole)
        ]
        if beside:
            message = f"{_named(track, where)} lies beside the picture on frame {beside[0].frame}"
            yield Finding("shape_beside", "warning", message, "mark it as outside there", where)


def _has_area(track: Track, frame: int) -> bool:
    (left, top), (right, bottom) = next(s.points for s in track.shapes if s.frame == frame)
    return right > left and bottom > top


def _named(track: Track, where: str) -> str:
    return f"track {track.number} ({track.label or 'no label'}) of {where}"
