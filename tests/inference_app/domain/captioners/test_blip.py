"""The captioner on this machine: the real architecture, small, with weights drawn at random."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from datasets_app.domain.captions import word_findings
from datasets_app.domain.progress import never_stop
from inference_app.domain.captioners.base import TokenBudget
from inference_app.domain.captioners.blip import BLIP, BlipCaptioner
from inference_app.domain.model_folders import use_weights
from inference_app.domain.networks.tensor_file import write_tensors
from matteweb.errors import BadInput, Cancelled, Conflict

WORDS = ["[PAD]", "a", "red", "boat", "on", "the", "lake", "##s", "[SEP]", "[DEC]"]
SIZES = {
    "text_config": {
        "vocab_size": len(WORDS), "hidden_size": 16, "encoder_hidden_size": 16,
        "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "max_position_embeddings": 64, "bos_token_id": 9, "pad_token_id": 0, "eos_token_id": 8,
        "sep_token_id": 8,
    },
    "vision_config": {
        "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": 32, "patch_size": 16,
    },
    "projection_dim": 16,
}  # fmt: skip
PICTURES = [np.full((24, 40, 3), 60 * number, np.uint8) for number in range(4)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers.models.blip.configuration_blip import BlipConfig
    from transformers.models.blip.modeling_blip import BlipForConditionalGeneration

    place = tmp_path_factory.mktemp("weights")
    torch.manual_seed(4)
    network = BlipForConditionalGeneration(BlipConfig.from_dict(SIZES))
    for tensor in network.parameters():
        torch.nn.init.normal_(tensor, std=0.6)
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    write_tensors(place / BLIP.name / BLIP.files[0], state, {})
    (place / BLIP.name / BLIP.files[1]).write_text(json.dumps(SIZES))
    (place / BLIP.name / BLIP.files[2]).write_text("\n".join(WORDS))
    return place


def test_pictures_become_captions_in_four_lengths_and_again_the_same(folder: Path) -> None:
    use_weights(folder)
    assert BlipCaptioner().unavailable() == ""
    budget = TokenBudget(1)
    first, again = (BlipCaptioner().describe(PICTURES, budget, never_stop) for _ in range(2))
    assert first == again
    captions = first.captions
    assert word_findings(captions) == []
    assert captions.short.endswith(".")
    assert captions.verbose.startswith(captions.short[:10])
    known = {word.lower() for word in WORDS} | {word.strip("#") for word in WORDS}
    assert "##" not in captions.verbose
    said = captions.verbose.lower().replace(".", "").split()
    assert all(any(part in word for part in known) for word in said)
    assert budget.spent == 0


def test_what_is_missing_is_named_with_its_folder(tmp_path: Path) -> None:
    use_weights(tmp_path)
    assert str(tmp_path) in BlipCaptioner().unavailable()
    with pytest.raises(Conflict, match=r"model\.safetensors, config\.json, vocab\.txt"):
        BlipCaptioner().describe(PICTURES, TokenBudget(1), never_stop)


def test_files_that_do_not_belong_together_are_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / BLIP.name).mkdir()
    for name in BLIP.files:
        (tmp_path / BLIP.name / name).write_bytes((folder / BLIP.name / name).read_bytes())
    use_weights(tmp_path)
    wider = json.loads(json.dumps(SIZES))
    wider["vision_config"]["num_hidden_layers"] = 2
    (tmp_path / BLIP.name / BLIP.files[1]).write_text(json.dumps(wider))
    with pytest.raises(BadInput, match="tensors differ"):
        BlipCaptioner().describe(PICTURES, TokenBudget(1), never_stop)
    (tmp_path / BLIP.name / BLIP.files[1]).write_text("not JSON")
    with pytest.raises(BadInput, match="does not describe a BLIP network"):
        BlipCaptioner().describe(PICTURES, TokenBudget(1), never_stop)
    (tmp_path / BLIP.name / BLIP.files[1]).write_text(json.dumps(SIZES))
    (tmp_path / BLIP.name / BLIP.files[0]).write_bytes(b"a pickle, perhaps")
    with pytest.raises(BadInput, match="cannot be read as safetensors"):
        BlipCaptioner().describe(PICTURES, TokenBudget(1), never_stop)


def test_it_stops_between_pictures(folder: Path) -> None:
    use_weights(folder)
    with pytest.raises(Cancelled):
        BlipCaptioner().describe(PICTURES, TokenBudget(1), lambda: True)
