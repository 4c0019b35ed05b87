"""Our networks on disk: weights, and in the metadata which network and shape they fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from inference_app.domain.networks.own import OWN, OwnNetwork
from inference_app.domain.networks.tensor_file import Tensors, read_tensors, write_tensors
from matteweb.errors import BadInput


def save_network(
    path: Path, net: OwnNetwork, tensors: Tensors, facts: dict[str, str], *, half: bool = False
) -> None:
    """Write weights with the name and shape of ``net``; ``half`` stores them as 16-bit numbers."""
    if half:
        tensors = {name: tensor.half() for name, tensor in tensors.items()}
    about = {"network": net.name, "shape": json.dumps(net.shape.as_json())}
    write_tensors(path, tensors, about | facts)


def load_network(path: Path, name: str = "") -> Any:
    """Return the network of a file, ready to predict.

    ``name``: which of our networks it has to be; any of them when empty. Raises BadInput when the
    file is no safetensors file, belongs to another network, or lacks something.
    """
    tensors, facts = read_tensors(path)
    found = facts.get("network", "")
    if found not in OWN or name not in ("", found) or "shape" not in facts:
        raise BadInput(
            f"{path.name} does not hold weights of {name or 'a network of ours'}",
            hint="choose a file that `manage.py train` wrote",
        )
    try:
        net = OWN[found].make(json.loads(facts["shape"]))
        net.load_state_dict({key: tensor.float() for key, tensor in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise BadInput(f"{path.name} does not fit its own shape: {error}") from error
    net.eval()
    return net.to(memory_format=torch.channels_last)
