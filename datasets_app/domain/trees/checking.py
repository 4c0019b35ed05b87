"""What every layout asks of its entries once the frames are decoded."""

from __future__ import annotations

from datasets_app.domain.findings import Collecting, Finding
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.progress import ShouldStop
from datasets_app.domain.trees.entries import (
    Footage,
    Pictures,
    SourceClip,
    SourceMask,
)
from datasets_app.domain.trees.footage import Measure, decode_footage


def mask_misfits(clip: SourceClip, limits: Limits, should_stop: ShouldStop) -> list[Finding]:
    """Return what keeps the masks from lying over the clip: another length, another size, or a
    file that cannot be read. Raises BadInput when the clip itself cannot, Cancelled."""
    whole = decode_footage(clip.video, limits, should_stop, name=place(clip.video))
    found: list[Finding] = []
    for mask in clip.masks:
        with Collecting(found, "unreadable", place(mask.path)):
            found += _misfit(mask, whole, decode_footage(mask.path, limits, should_stop))
    return found


def _misfit(mask: SourceMask, whole: Measure, own: Measure) -> list[Finding]:
    where, found = place(mask.path), []
    covered = whole.frames if mask.frames is None else len(mask.frames)
    if own.frames != covered:
        message = f"{where} has {own.frames} frames, its video has {covered}"
        found.append(Finding("mask_frames", "error", message, "cut both at the same frames", where))
    if own.size != whole.size:
        message = f"{where} is {own.size}, its video is {whole.size}"
        found.append(
            Finding("mask_size", "error", message, "make the mask at the video's size", where)
        )
    return found


def place(footage: Footage) -> str:
    """Return where footage lies, short enough for a sentence: its folder and its name."""
    path = footage.files[0].parent if isinstance(footage, Pictures) else footage
    return f"{path.parent.name}/{path.name}"
