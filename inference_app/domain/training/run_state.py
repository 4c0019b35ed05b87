"""The moving parts of a training on disk, so that it goes on exactly where it was."""

from __future__ import annotations

import torch
from torch import nn

from inference_app.domain.networks.tensor_file import Tensors


def state_of(net: nn.Module, optimiser: torch.optim.AdamW) -> Tensors:
    """Return the weights and both moments of each, by name."""
    tensors: Tensors = {}
    for name, parameter in net.named_parameters():
        tensors[f"net/{name}"] = parameter.detach()
        if state := optimiser.state.get(parameter):
            tensors[f"first/{name}"] = state["exp_avg"]
            tensors[f"second/{name}"] = state["exp_avg_sq"]
    return tensors


def take_state(net: nn.Module, optimiser: torch.optim.AdamW, tensors: Tensors, step: int) -> None:
    """Put back what `state_of` returned after ``step`` steps."""
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            parameter.copy_(tensors[f"net/{name}"])
            if step:
                optimiser.state[parameter] = {
                    "step": torch.tensor(float(step)),
                    "exp_avg": tensors[f"first/{name}"].to(parameter).clone(),
                    "exp_avg_sq": tensors[f"second/{name}"].to(parameter).clone(),
                }
