"""Where networks run: the device, the number type on it, and how many threads.

Nothing here imports torch before a function needs it: pages list devices without loading it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from matteweb.errors import BadInput

if TYPE_CHECKING:
    import torch

DeviceKind: TypeAlias = Literal["cpu", "cuda"]
NumberType: TypeAlias = Literal["float32", "bfloat16"]

DRIVER = Path("/proc/driver/nvidia/version")


@dataclass(frozen=True, slots=True)
class Device:
    """One place to compute. ``threads``: of the CPU, at least 1; ``index``: which CUDA device."""

    kind: DeviceKind = "cpu"
    index: int = 0
    dtype: NumberType = "float32"
    threads: int = 1

    def __str__(self) -> str:
        return f"cuda:{self.index}" if self.kind == "cuda" else "cpu"

    def of_torch(self) -> torch.device:
        """Return what torch calls this device."""
        import torch

        return torch.device(str(self))


def cuda_devices() -> int:
    """Return how many CUDA devices torch can use here; loads torch only beside a driver."""
    if not DRIVER.exists():
        return 0
    import torch

    return torch.cuda.device_count()


def device_named(name: str, *, threads: int = 1) -> Device:
    """Return the device called ``name``: "auto", "cpu", "cuda" or e.g. "cuda:1".

    Raises BadInput for a device that is not here.
    """
    if name == "cpu":
        return Device(threads=threads)
    here = cuda_devices()
    if name == "auto":
        return Device("cuda" if here else "cpu", threads=threads)
    kind, _, number = name.partition(":")
    if kind != "cuda" or (number and not number.isdigit()):
        raise BadInput(f"there is no device {name!r}", hint="known: auto, cpu, cuda, cuda:N")
    if int(number or 0) >= here:
        raise BadInput(
            f"this machine has {here} CUDA devices, so there is no {name!r}",
            hint="choose cpu or auto",
        )
    return Device("cuda", int(number or 0), threads=threads)


@contextmanager
def threads_pinned(threads: int) -> Iterator[None]:
    """Compute with ``threads`` CPU threads inside, and as before afterwards.

    Several processes with as many threads as there are cores wait for one another at every
    barrier: a training step took six times as long.
    """
    import cv2
    import torch

    before, before_cv = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        cv2.setNumThreads(before_cv)
