"""Decoded frames in, the layers of a removal sample out: one frame in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from datasets_app.domain.media.frames import GrayFrame, RgbFrame, frame_size
from datasets_app.domain.recipes.base import Layers
from datasets_app.domain.synthesis.compositing import trimask
from datasets_app.domain.synthesis.compositing.colour_match import ColourMatch
from datasets_app.domain.synthesis.compositing.compositor import Compositor, Pasted, blend
from datasets_app.domain.synthesis.compositing.contact_shadow import contact_shadow, shaded
from matteweb.errors import BadInput


@dataclass(frozen=True, slots=True)
class PasteLook:
    """How an object is fitted to its new background. ``match``: gains of its colours; ``shadow``:
    how dark the background is where it stands, 0..1."""

    match: ColourMatch | None = None
    shadow: float = 0.0

    def of(self, pasted: Pasted, background: RgbFrame) -> Layers:
        """Return the layers that become others by it, composed anew; none when it changes
        nothing."""
        if self.match is None and not self.shadow:
            return {}
        foreground = pasted.foreground
        if self.match is not None:
            foreground = self.match.apply(foreground, pasted.alpha)
        behind = background
        if self.shadow:
            behind = shaded(background, contact_shadow(pasted.alpha, self.shadow))
        full = behind.copy()
        if not pasted.touched.empty:
            part = pasted.touched.slices
            full[part] = blend(foreground[part], behind[part], pasted.alpha[part])
        layers: Layers = {"rgb_full": full, "fgr": foreground}
        return layers | ({"bgr": behind} if self.shadow else {})


PLAIN = PasteLook()


def paste_layers(
    compositor: Compositor,
    mode: trimask.MaskMode,
    pictures: Iterable[RgbFrame],
    masks: Iterable[GrayFrame],
    backgrounds: Iterable[RgbFrame],
    preserved: Iterable[GrayFrame | None],
    *,
    margin: int,
    look: PasteLook = PLAIN,
) -> Iterator[Layers]:
    """Yield rgb_full, rgb_removed, mask, alpha and fgr of each frame, and ``bgr`` where the object
    casts a shadow: the background with it.

    ``masks`` are object masks (white cuts the object out of ``pictures``), ``preserved`` object
    masks of the background, or None where nothing is to be kept; all four are equally long.
    ``margin`` pixels around the object are to be removed with it.
    ``rgb_removed`` is the background's own array. Raises BadInput when the object touches no
    pixel in any frame.
    """
    seen = False
    for picture, cut, background, keep in zip(pictures, masks, backgrounds, preserved, strict=True):
        pasted = compositor.paste(picture, cut, background)
        seen_as = look.of(pasted, background)
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
        } | seen_as
    if not seen:
        raise BadInput(
            "the object touches no pixel of the sample",
            hint="its mask changed since the sample was planned: bring it in again",
        )
