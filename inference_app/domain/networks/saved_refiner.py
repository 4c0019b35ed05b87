"""The refiner on disk: its weights, and in the file's metadata the shape that they fit."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from inference_app.domain.networks.tensor_file import Tensors, read_tensors, write_tensors
from inference_app.domain.networks.wavelet_refiner import RefinerShape, WaveletRefiner
from inference_app.domain.networks.wavelets import WAVELETS
from matteweb.errors import BadInput


def save_refiner(
    path: Path, shape: RefinerShape, tensors: Tensors, facts: dict[str, str], *, half: bool = False
) -> None:
    """Write weights with their shape; ``half`` stores them as 16-bit numbers."""
    if half:
        tensors = {name: tensor.half() for name, tensor in tensors.items()}
    about = {"network": "wavelet_refiner", "shape": json.dumps(shape.as_json())}
    write_tensors(path, tensors, about | facts)


def load_refiner(path: Path) -> WaveletRefiner:
    """Return the network of a file, ready to predict.

    Raises BadInput when the file is no safetensors file, belongs to another network, or lacks
    something.
    """
    tensors, facts = read_tensors(path)
    if facts.get("network") != "wavelet_refiner" or "shape" not in facts:
        raise BadInput(
            f"{path.name} does not hold weights of the wavelet refiner",
            hint="choose a file that `manage.py train` wrote",
        )
    shape = json.loads(facts["shape"])
    widths = tuple(int(width) for width in shape["widths"])
    if len(widths) != 4 or shape["wavelet"] not in WAVELETS:
        raise BadInput(f"{path.name} names a shape that there is not: {shape}")
    net = WaveletRefiner(
        RefinerShape((widths[0], widths[1], widths[2], widths[3]), shape["wavelet"])
    )
    try:
        net.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except RuntimeError as error:
        raise BadInput(f"{path.name} does not fit its own shape: {error}") from error
    net.eval()
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
