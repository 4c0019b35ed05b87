"""Decoded frames in, the layers of a removal sample out: one frame in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from datasets_app.domain.media.frames import GrayFrame, RgbFrame, frame_size
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.synthesis.compositing import trimask
from datasets_app.domain.synthesis.compositing.compositor import Compositor
from matteweb.errors import BadInput


def paste_layers(
    compositor: Compositor,
    mode: trimask.MaskMode,
    pictures: Iterable[RgbFrame],
    masks: Iterable[GrayFrame],
    backgrounds: Iterable[RgbFrame],
    preserved: Iterable[GrayFrame | None],
    *,
    margin: int,
) -> Iterator[Layers]:
    """Yield rgb_full, rgb_removed, mask, alpha and fgr of each frame.

    ``masks`` are object masks (white cuts the object out of ``pictures``), ``preserved`` object
    masks of the background, or None where nothing is to be kept; all four are equally long.
    ``margin`` pixels around the object are to be removed with it.
    ``rgb_removed`` is the background's own array. Raises BadInput when the object touches no
    pixel in any frame.
    """
    seen = False
    for picture, cut, background, keep in zip(pictures, masks, backgrounds, preserved, strict=True):
        pasted = compositor.paste(picture, cut, background)
        size = frame_size(background)
        mask = trimask.blank(size, mode, keep)
        if not pasted.touched.empty:
            part = pasted.touched.grown(margin, size).slices
            seen = trimask.remove(mask[part], pasted.alpha[part], margin) or seen
        yield {
            "rgb_full": pasted.full,
            "rgb_removed": background,
            "mask": mask,
            "alpha": pasted.alpha,
            "fgr": pasted.foreground,
        }
    if not seen:
        raise BadInput(
            "the object touches no pixel of the sample",
            hint="its mask changed since the sample was planned: bring it in again",
        )
