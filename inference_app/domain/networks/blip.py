"""BLIP that puts a picture into words, as `transformers` has it, read from one's own files.

J. Li, D. Li, C. Xiong, S. Hoi, "BLIP: Bootstrapping Language-Image Pre-training", 2022. The sizes
of the network stand in its ``config.json``, its words in ``vocab.txt``: any captioner of this kind
may be used, the published ones or one's own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch

from datasets_app.domain.media.frames import RgbFrame
from inference_app.domain.device import Device, threads_pinned
from inference_app.domain.networks.tensor_file import read_tensors
from matteweb.errors import BadInput

WEIGHTS, SIZES, WORDS = "model.safetensors", "config.json", "vocab.txt"
_MEAN: Final = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_DEVIATION: Final = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
_NOT_STORED: Final = ("position_ids", "cls.predictions.decoder.weight", "decoder.bias")
_MOST_TOKENS: Final = 40


class Blip:
    """A network in memory. Not safe for two threads at once."""

    def __init__(self, folder: Path, device: Device) -> None:
        """Read the three files in ``folder``. Raises BadInput when they are not what they should
        be."""
        self._device = device
        self._network, self._words = _network(folder), _words(folder / WORDS)
        self._side = int(self._network.config.vision_config.image_size)
        self._network.eval().to(device.of_torch())

    def sentences(self, pictures: Sequence[RgbFrame]) -> list[str]:
        """Return what is said of each picture, lower case and without a full stop; the likeliest
        words, so that the same pictures give the same text."""
        seen = np.stack([self._prepared(picture) for picture in pictures])
        values = torch.from_numpy(seen).to(self._device.of_torch())
        with threads_pinned(self._device.threads), torch.inference_mode():
            numbers = self._network.generate(
                values, max_new_tokens=_MOST_TOKENS, do_sample=False, num_beams=1
            )
        return [self._said([int(number) for number in row]) for row in numbers]

    def _prepared(self, picture: RgbFrame) -> np.ndarray:
        size = (self._side, self._side)
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        return np.ascontiguousarray(((small - _MEAN) / _DEVIATION).transpose(2, 0, 1))

    def _said(self, numbers: list[int]) -> str:
        text = self._network.config.text_config
        marks = {text.bos_token_id, text.pad_token_id, text.eos_token_id}
        words: list[str] = []
        for number in numbers:
            if number == text.sep_token_id:
                break
            if number in marks or number >= len(self._words):
                continue
            piece = self._words[number]
            if piece.startswith("##") and words:
                words[-1] += piece[2:]
            else:
                words.append(piece)
        return " ".join(words)


def _network(folder: Path) -> Any:
    from transformers.models.blip.configuration_blip import BlipConfig
    from transformers.models.blip.modeling_blip import BlipForConditionalGeneration

    try:
        sizes = json.loads((folder / SIZES).read_text())
        network = BlipForConditionalGeneration(BlipConfig.from_dict(sizes))
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise BadInput(
            f"{SIZES} does not describe a BLIP network: {error}",
            hint="put the config.json that belongs to the weights beside them",
        ) from error
    tensors = read_tensors(folder / WEIGHTS)[0]
    try:
        found = network.load_state_dict(tensors, strict=False)
    except RuntimeError as error:
        raise BadInput(f"{WEIGHTS} does not fit {SIZES}: {error}") from error
    wrong = [
        name
        for name in (*found.missing_keys, *found.unexpected_keys)
        if not name.endswith(_NOT_STORED)
    ]
    if wrong:
        raise BadInput(
            f"{WEIGHTS} does not fit {SIZES}: {len(wrong)} tensors differ, {wrong[0]} for one"
        )
    network.tie_weights()
    return network


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{WORDS} cannot be read: {error}") from error
