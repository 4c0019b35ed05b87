"""Masks of what stands before a lit screen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydantic import Field

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.plugins import PluginInfo
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.synthesis.chroma.keying import Keyer, KeySettings, held, require_screen
from inference_app.domain.automatic.base import ClipFile, MakerParams, NoNetwork
from matteweb.errors import Cancelled

_LOOKS, _LOOK_SIDE = 8, 320


class ChromaParams(MakerParams):
    """How the screen is told from the object."""

    tolerance: float = Field(
        0.12, ge=0, le=0.9, title="Tolerance", description="What still counts as bare screen"
    )
    softness: float = Field(
        0.8, ge=0.05, le=2, title="Softness", description="How slowly the edge becomes solid"
    )
    holes: float = Field(
        0.002, ge=0, le=0.05, title="Holes", description="Closed up to this share of the frame"
    )
    steady: int = Field(
        1,
        ge=0,
        le=4,
        title="Steadying",
        description="Resting edges are averaged over so many frames to both sides",
        json_schema_extra={"unit": "frames"},
    )


class Chroma(NoNetwork):
    """The keyer, over a whole clip."""

    info = PluginInfo(
        "chroma", "Green or blue screen", "What stands before a lit screen, with soft edges", 1
    )
    params: type[MakerParams] = ChromaParams

    def make(
        self, clip: ClipFile, params: ChromaParams, progress: Progress, should_stop: ShouldStop
    ) -> Iterator[GrayFrame]:
        """Yield alpha. Raises BadInput when eight looks at the clip find no screen."""
        looks = clip.small(_LOOK_SIDE)
        places = np.unique(np.linspace(0, clip.frames - 1, _LOOKS).round().astype(int))
        screen = require_screen((looks[int(place)] for place in places), clip.name)
        settings = KeySettings(params.tolerance, params.softness, holes=params.holes)
        keyer = Keyer(settings, screen)

        def pairs() -> Iterator[tuple[RgbFrame, GrayFrame]]:
            for frame in clip.each():
                if should_stop():
                    raise Cancelled("keying was stopped")
                yield frame, keyer.alpha(frame)

        for done, (_, alpha) in enumerate(held(pairs(), params.steady), 1):
            progress(done, clip.frames)
            yield alpha
