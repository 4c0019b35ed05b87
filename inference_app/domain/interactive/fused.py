"""The built-in engine with a trained network where two directions meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.interactive.chain import ChainFrame
from inference_app.domain.interactive.flow import FlowSource
from inference_app.domain.interactive.fusion import steadied
from inference_app.domain.interactive.meetings import Settle, meeting_at, nearness
from inference_app.domain.interactive.pictures import Pictures
from inference_app.domain.interactive.planes import SoftMask
from inference_app.domain.interactive.scribble import (
    ScribbleEngine,
    ScribbleSession,
    Words,
    plus_and_minus,
)
from inference_app.domain.interactive.spans import SettleSpan, Span
from inference_app.domain.remembered_digest import remembered_sha256

_Before = Mapping[int, Mapping[int, SoftMask]]


class FusedEngine:
    """The built-in engine with the fusion network of one file, to be measured beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._settle: Settle | None = None
        # A training calls its file "fusion"; its folder tells it from others.
        name = path.resolve().parent.name if path.stem == "fusion" else path.stem
        self.info = PluginInfo(
            f"fused_{name}",
            f"{ScribbleEngine.info.label} with {name}",
            "The built-in engine with a learned fusion",
            version=ScribbleEngine.info.version,
        )

    def unavailable(self) -> str:
        """Return why it cannot run here, or ""."""
        return "" if self._path.is_file() else f"there is no file {self._path}"

    def provenance(self) -> dict[str, str]:
        """Return the digest of the fusion network."""
        return {self.info.slug: remembered_sha256(self._path)}

    def cool(self) -> None:
        """Give the network back."""
        self._settle = None

    def open(self, pictures: Pictures, flow: FlowSource) -> FusedSession:
        """Begin with a clip. Raises BadInput when the file holds something else."""
        if self._settle is None:
            from inference_app.domain.networks.fusion_net import fusion_of

            self._settle = fusion_of(self._path)
        return FusedSession(pictures, flow, self._settle)


class FusedSession(ScribbleSession):
    """The same rounds; where two directions meet, ``settle`` decides."""

    def __init__(self, pictures: Pictures, flow: FlowSource, settle: Settle) -> None:
        super().__init__(pictures, flow)
        self._settle = settle

    def settling(self, frame: int, before: _Before | None) -> SettleSpan | None:
        """Return what settles the frames around the changed reference ``frame``."""
        return SpanFusion(self, self._settle, frame, before)


class SpanFusion:
    """Tells a network what is known of each frame where two directions meet."""

    def __init__(
        self, session: ScribbleSession, settle: Settle, frame: int, before: _Before | None
    ) -> None:
        self._session, self._settle, self._frame = session, settle, frame
        self._before = {} if before is None else before.get(frame, {})
        self._words: dict[tuple[Span, int], tuple[Words, Words]] = {}

    def __call__(
        self,
        span: Span,
        objects: Sequence[int],
        ahead: ChainFrame,
        back: ChainFrame,
        met: ChainFrame,
    ) -> ChainFrame:
        """Return ``met`` with the masks that the network makes of both directions."""
        left, right = span.left, span.right
        assert left is not None and right is not None  # noqa: S101
        near = nearness(left, right, met.frame, self._frame)
        old, new = (ahead, back) if self._frame == right else (back, ahead)
        picture = self._session.pictures[met.frame]
        masks = np.empty_like(met.masks)
        for place, number in enumerate(objects):
            both = (old.masks[place], new.masks[place])
            said = self._said(span, number, met.frame)
            meeting = meeting_at(picture, both, (old.trust, new.trust), near, *said)
            masks[place] = self._settle(meeting)
        masks /= np.maximum(masks.sum(axis=0), 1)
        return replace(met, masks=steadied(masks, ahead, back, left, right))

    def _said(self, span: Span, number: int, frame: int) -> tuple[SoftMask, SoftMask]:
        """Return what the correction added and took away of an object, carried to ``frame``."""
        old = self._before.get(number)
        if old is None:
            nothing = np.zeros((1, 1), np.float32)
            return nothing, nothing
        key = (span, number)
        if key not in self._words:
            change = self._session.references[self._frame][number] - old
            self._words[key] = plus_and_minus(self._session.flow, self._frame, change)
        plus, minus = self._words[key]
        return plus.at(frame), minus.at(frame)
