"""How a plan names what it reads: by digest; id and name are for people."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from datasets_app.domain.synthesis.sources.pool import (
    AssetForm,
    PoolBackground,
    PoolClip,
    PoolForeground,
    PoolMask,
)


class ClipRef(BaseModel):
    """A clip that a plan reads, found by digest; id and name are for people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    name: str
    digest: str
    width: int
    height: int

    @classmethod
    def of(cls, clip: PoolClip) -> ClipRef:
        """Refer to ``clip``."""
        return cls(
            id=clip.id, name=clip.name, digest=clip.digest, width=clip.width, height=clip.height
        )


class MaskRef(BaseModel):
    """A mask that a plan reads, found by digest. ``soft``: alpha 0..255, else {0, 255}."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    name: str
    digest: str
    width: int
    height: int
    soft: bool

    @classmethod
    def of(cls, mask: PoolMask) -> MaskRef:
        """Refer to ``mask``."""
        return cls(
            id=mask.id,
            name=mask.name,
            digest=mask.digest,
            width=mask.width,
            height=mask.height,
            soft=mask.soft,
        )


class AssetRef(BaseModel):
    """A foreground or background that a plan reads, an asset or a clip.

    ``alpha_digest`` is "" for a background, ``cutout`` "" where there is no side file. A still has
    one picture, which stands for as many frames as are asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    name: str
    digest: str
    alpha_digest: str
    cutout: str
    origin: Literal["asset", "video"]
    kind: AssetForm
    soft: bool
    frames: int
    width: int
    height: int

    @classmethod
    def of(cls, asset: PoolForeground | PoolBackground) -> AssetRef:
        """Refer to ``asset``."""
        subject = asset if isinstance(asset, PoolForeground) else None
        return cls(
            id=asset.id,
            name=asset.name,
            digest=asset.digest,
            alpha_digest=subject.alpha_digest if subject else "",
            cutout=subject.cutout if subject else "",
            origin=asset.origin,
            kind=asset.kind,
            soft=subject is not None and subject.soft,
            frames=asset.frames,
            width=asset.width,
            height=asset.height,
        )

    @property
    def files(self) -> tuple[str, ...]:
        """The digests of its colour and alpha masters."""
        return tuple(digest for digest in (self.digest, self.alpha_digest) if digest)
