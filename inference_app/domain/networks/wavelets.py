"""Two-dimensional wavelets that come back exactly: Haar (db1), db2, db4 and lifting CDF 5/3.

One level turns (B, C, H, W) with even sides into (B, 4 C, H/2, W/2), in four groups of C planes:
low-pass, detail along x, detail along y, detail along both. Plane c of a group depends on plane c
of the input alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

Split = Callable[[Tensor, int], tuple[Tensor, Tensor]]
Merge = Callable[[Tensor, Tensor, int], Tensor]

# Daubechies, Ten Lectures on Wavelets (1992), table 6.1: low-pass filters of sum sqrt(2).
DAUBECHIES = {
    "db2": (0.48296291314453414, 0.83651630373780790, 0.22414386804201339, -0.12940952255126037),
    "db4": (
        0.23037781330889650,
        0.71484657055291567,
        0.63088076792985890,
        -0.02798376941685985,
        -0.18703481171909309,
        0.03084138183556076,
        0.03288301166688520,
        -0.01059740178506903,
    ),
}


@dataclass(frozen=True, slots=True)
class Wavelet:
    """One wavelet. ``low_gain``: what one level in both axes multiplies a constant with."""

    name: str
    split: Split
    merge: Merge
    low_gain: float

    def analyse(self, planes: Tensor) -> Tensor:
        """Turn (B, C, H, W) into (B, 4 C, H/2, W/2). Raises ValueError when a side is odd."""
        if planes.shape[-1] % 2 or planes.shape[-2] % 2:
            raise ValueError(f"a wavelet needs even sides, not {tuple(planes.shape[-2:])}")
        low, high = self.split(planes, -1)
        low_low, low_high = self.split(low, -2)
        high_low, high_high = self.split(high, -2)
        return torch.cat((low_low, high_low, low_high, high_high), 1)

    def synthesise(self, bands: Tensor) -> Tensor:
        """Turn (B, 4 C, H, W) into (B, C, 2 H, 2 W): the inverse of ``analyse``."""
        low_low, high_low, low_high, high_high = bands.chunk(4, 1)
        low = self.merge(low_low, low_high, -2)
        high = self.merge(high_low, high_high, -2)
        return self.merge(low, high, -1)


def _interleaved(even: Tensor, odd: Tensor, axis: int) -> Tensor:
    """Return the samples of both, in turn, along ``axis`` (-1 or -2)."""
    woven = torch.stack((even, odd), axis)
    return woven.flatten(-2) if axis == -1 else woven.flatten(-3, -2)


def _evens_and_odds(planes: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    if axis == -1:
        return planes[..., ::2], planes[..., 1::2]
    return planes[..., ::2, :], planes[..., 1::2, :]


def _haar_split(planes: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    even, odd = _evens_and_odds(planes, axis)
    return (even + odd) * 0.5**0.5, (even - odd) * 0.5**0.5


def _haar_merge(low: Tensor, high: Tensor, axis: int) -> Tensor:
    return _interleaved((low + high) * 0.5**0.5, (low - high) * 0.5**0.5, axis)


def _daubechies(name: str) -> Wavelet:
    """Return a periodic orthonormal filter bank."""
    low_pass = DAUBECHIES[name]
    high_pass = tuple((-1) ** k * tap for k, tap in enumerate(reversed(low_pass)))

    def split(planes: Tensor, axis: int) -> tuple[Tensor, Tensor]:
        shifted = [
            _evens_and_odds(torch.roll(planes, -k, axis), axis)[0] for k in range(len(low_pass))
        ]
        low = sum(tap * part for tap, part in zip(low_pass, shifted, strict=True))
        high = sum(tap * part for tap, part in zip(high_pass, shifted, strict=True))
        return torch.as_tensor(low), torch.as_tensor(high)

    def merge(low: Tensor, high: Tensor, axis: int) -> Tensor:
        empty = torch.zeros_like(low)
        parts = [
            torch.roll(_interleaved(a * low + b * high, empty, axis), k, axis)
            for k, (a, b) in enumerate(zip(low_pass, high_pass, strict=True))
        ]
        return torch.as_tensor(sum(parts))

    return Wavelet(name, split, merge, 2.0)


def _before(planes: Tensor, axis: int) -> Tensor:
    """Return x[n-1], the first sample standing for what lies before it."""
    first = planes.narrow(axis, 0, 1)
    return torch.cat((first, planes.narrow(axis, 0, planes.shape[axis] - 1)), axis)


def _after(planes: Tensor, axis: int) -> Tensor:
    """Return x[n+1], the last sample standing for what lies after it."""
    last = planes.narrow(axis, planes.shape[axis] - 1, 1)
    return torch.cat((planes.narrow(axis, 1, planes.shape[axis] - 1), last), axis)


def _cdf53_split(planes: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    even, odd = _evens_and_odds(planes, axis)
    detail = odd - (even + _after(even, axis)) / 2
    return even + (_before(detail, axis) + detail) / 4, detail


def _cdf53_merge(low: Tensor, high: Tensor, axis: int) -> Tensor:
    even = low - (_before(high, axis) + high) / 4
    return _interleaved(even, high + (even + _after(even, axis)) / 2, axis)


WAVELETS: dict[str, Wavelet] = {
    "haar": Wavelet("haar", _haar_split, _haar_merge, 2.0),
    "db2": _daubechies("db2"),
    "db4": _daubechies("db4"),
    "cdf53": Wavelet("cdf53", _cdf53_split, _cdf53_merge, 1.0),
}
WAVELETS["db1"] = WAVELETS["haar"]


def analysed_and_mixed(wavelet: Wavelet, planes: Tensor, weight: Tensor) -> Tensor:
    """Return the convolution of ``wavelet.analyse(planes)`` with ``weight``, sides kept.

    For Haar the four sums and differences move into the weight, (O, 4 C, K, K), which is small, and
    the picture is only rearranged.
    """
    padding = weight.shape[-1] // 2
    if wavelet.name != "haar":
        return functional.conv2d(wavelet.analyse(planes), weight, padding=padding)
    bands = torch.unflatten(weight, 1, (4, -1))
    folded = torch.einsum("obckl,bp->ocpkl", bands, haar_matrix(weight)).flatten(1, 2)
    return functional.conv2d(functional.pixel_unshuffle(planes, 2), folded, padding=padding)


def spread_and_synthesised(
    wavelet: Wavelet, planes: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    """Return ``wavelet.synthesise`` of a convolution by a (4 C, I, 1, 1) weight."""
    if wavelet.name != "haar":
        return wavelet.synthesise(functional.conv2d(planes, weight, bias))
    matrix = haar_matrix(weight)
    folded = torch.einsum("bciKL,bp->cpiKL", torch.unflatten(weight, 0, (4, -1)), matrix).flatten(
        0, 1
    )
    offset = torch.einsum("bc,bp->cp", torch.unflatten(bias, 0, (4, -1)), matrix).flatten()
    return functional.pixel_shuffle(functional.conv2d(planes, folded, offset), 2)


def haar_matrix(like: Tensor) -> Tensor:
    """Return what each band (row) takes of the pixels a b / c d (column)."""
    rows = [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
    return torch.tensor(rows, dtype=like.dtype, device=like.device) / 2
