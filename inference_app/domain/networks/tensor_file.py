"""Numbers on disk: safetensors files, the only form in which weights are read or written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from matteweb.errors import BadInput

Tensors: TypeAlias = dict[str, Tensor]


def write_tensors(path: Path, tensors: Tensors, facts: dict[str, str]) -> None:
    """Write a safetensors file beside ``path`` and rename it there once it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, partial, facts)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def read_tensors(path: Path) -> tuple[Tensors, dict[str, str]]:
    """Return tensors and metadata. Raises BadInput when it is no safetensors file."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, dict(file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise BadInput(
            f"{path.name} cannot be read as safetensors: {error}",
            hint="weights in another form, such as a pickle, are never read: convert them first",
        ) from error
