"""The networks that we train ourselves, by name: how one is made, and what it can be asked.

A further one is a module beside this, a line in ``OWN`` and its name in `training.plan.Trainable`,
which is read where torch is not loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from torch import Tensor
from torch.nn import functional

from inference_app.domain.networks import flow_unet, wavelet_refiner
from inference_app.domain.networks.wavelets import WAVELETS
from matteweb.errors import BadInput

MULTIPLE = 16
"""Both sides of a frame are padded to a multiple of this."""


class Shape(Protocol):
    """The sizes of a network."""

    def as_json(self) -> dict[str, object]:
        """Return plain values, as a checkpoint keeps them."""
        ...


class OwnNetwork(Protocol):
    """What every network of ours is, beside a `torch.nn.Module`."""

    name: ClassVar[str]

    @property
    def shape(self) -> Shape:
        """The sizes it was made with."""
        ...

    def begin(self) -> Any:
        """Return the state before a clip's first frame."""
        ...

    def __call__(
        self, rgb: Tensor, mask: Tensor | None, state: Any, shown: Tensor | None = None
    ) -> tuple[list[Tensor], Any]:
        """Refine one frame; returns alphas at 1/8, 1/4, 1/2 and 1/1, and the new state."""
        ...


def refiner_of(values: Mapping[str, Any]) -> wavelet_refiner.WaveletRefiner:
    """Return a refiner of a stored shape."""
    wavelet = str(values["wavelet"])
    if wavelet not in WAVELETS:
        raise BadInput(f"there is no wavelet {wavelet!r}", hint=f"known: {', '.join(WAVELETS)}")
    shape = wavelet_refiner.RefinerShape(_four(values["widths"]), wavelet)
    return wavelet_refiner.WaveletRefiner(shape)


def flow_unet_of(values: Mapping[str, Any]) -> flow_unet.FlowUnet:
    """Return a flow U-Net of a stored shape."""
    return flow_unet.FlowUnet(flow_unet.FlowUnetShape(_four(values["widths"])))


@dataclass(frozen=True, slots=True)
class Kind:
    """``make``: a new network of a stored shape. ``shapes``: those that have a name."""

    make: Callable[[Mapping[str, Any]], Any]
    shapes: Mapping[str, Shape]


OWN: dict[str, Kind] = {
    "wavelet_refiner": Kind(refiner_of, wavelet_refiner.SHAPES),
    "flow_unet": Kind(flow_unet_of, flow_unet.SHAPES),
}


def padded(planes: Tensor) -> Tensor:
    """Repeat the last column and row until both sides are multiples of 16."""
    height, width = planes.shape[-2:]
    return functional.pad(planes, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode="replicate")


def _four(widths: Any) -> tuple[int, int, int, int]:
    first, second, third, last = (int(width) for width in widths)
    return first, second, third, last
