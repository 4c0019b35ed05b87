"""Videos and masks of this installation as sources of frames, named by their numbers."""

from __future__ import annotations

from fractions import Fraction

from datasets_app.adapters.blob_location import blob_location
from datasets_app.domain.media.frames import FrameSize
from datasets_app.models import Mask, Video
from datasets_app.models.video import IngestState
from inference_app.domain.clip_files import STILL_RATE, ClipFile, MaskFile
from inference_app.selectors.model_runs import can_guide
from matteweb.errors import BadInput, Conflict, NotFound


def stored_clip(number: int) -> ClipFile:
    """Return the frames of a video. Raises NotFound, and Conflict for one that is not read."""
    video = Video.objects.filter(pk=number).select_related("master", "original").first()
    if video is None:
        raise NotFound(f"there is no file and no video {number}")
    source = video.master or video.original
    if video.state != IngestState.READY or source is None:
        raise Conflict(f"video {number} ({video.name}) is not read", hint="look at its page")
    rate = Fraction(video.fps_num or STILL_RATE.numerator, video.fps_den or 1)
    size = FrameSize(video.width or 1, video.height or 1)
    return ClipFile(blob_location(source), video.frames or 1, size, rate, is_still=False)


def stored_mask(video: int, number: int | None) -> MaskFile | None:
    """Return the masks of a video: those of mask ``number``, else of the only one that can guide,
    None without.

    Raises NotFound for a number that is no mask of the video, BadInput where there are several.
    """
    rows = Mask.objects.filter(video=video).select_related("video", "master")
    masks = [mask for mask in rows if can_guide(mask)]
    chosen = [mask for mask in masks if number in (None, mask.pk)]
    told = ", ".join(f"{mask.pk} ({mask.name})" for mask in masks) or "none"
    if number is not None and not chosen:
        raise NotFound(f"video {video} has no mask {number}", hint=f"its masks: {told}")
    if len(chosen) > 1:
        raise BadInput(f"video {video} has several masks", hint=f"choose by --mask: {told}")
    for mask in chosen:
        if mask.master is not None:
            size = FrameSize(mask.video.width or 1, mask.video.height or 1)
            return MaskFile(blob_location(mask.master), None, mask.video.frames or 1, size)
    return None
