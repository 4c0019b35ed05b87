"""A network as `transformers` stores it, read from a folder on this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError
from transformers.utils.logging import disable_progress_bar

from inference_app.domain.device import Device
from inference_app.domain.model_folders import SIZES, WEIGHTS
from matteweb.errors import BadInput

_WRONG: Final = (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError)


def saved_model(folder: Path, kinds: Mapping[str, tuple[str, str]], device: Device) -> Any:
    """Return the network of ``folder``, ready to answer.

    ``kinds``: module and class by the ``model_type`` that its sizes name. Raises BadInput when the
    files are not what they should be; a tensor that is missing is one.
    """
    try:
        kind = json.loads((folder / SIZES).read_text())["model_type"]
        module, name = kinds[kind]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadInput(
            f"{SIZES} in {folder.name} does not describe one of: {', '.join(sorted(kinds))}",
            hint="put the config.json that belongs to the weights beside them",
        ) from error
    disable_progress_bar()  # type: ignore[no-untyped-call]
    network_class = getattr(import_module(module), name)
    try:
        network, found = network_class.from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    except (*_WRONG, SafetensorError) as error:
        raise BadInput(
            f"{WEIGHTS} in {folder.name} cannot be used: {error}",
            hint="weights in another form, such as a pickle, are never read: convert them first",
        ) from error
    wrong = [str(one) for one in (*found["missing_keys"], *found["mismatched_keys"])]
    if wrong:
        raise BadInput(
            f"{WEIGHTS} does not fit {SIZES} in {folder.name}: "
            f"{len(wrong)} tensors differ, {sorted(wrong)[0]} for one"
        )
    return network.eval().to(device.of_torch())
