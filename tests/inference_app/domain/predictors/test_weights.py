"""Weights are found or named; other bytes under the right name are refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from datasets_app.domain.plugins import PluginInfo
from inference_app.domain.device import Device
from inference_app.domain.networks.saved_network import load_network
from inference_app.domain.predictors.base import LoadedPredictor, Traits, WeightFile
from inference_app.domain.predictors.weights import find_weights, missing_weights, why_not
from matteweb.errors import BadInput, WeightsMissing

BYTES = b"numbers"


class Wanting:
    info = PluginInfo("wanting", "Wanting", "A predictor with a file", 1)
    traits = Traits("matting", (), "none", ("alpha",), "MIT")
    weights = (
        WeightFile(
            "net.safetensors",
            42_000_000,
            hashlib.sha256(BYTES).hexdigest(),
            "MIT",
            url="https://example.org/net",
        ),
    )

    def unavailable(self) -> str:
        return ""

    def load(self, files: Mapping[str, Path], device: Device) -> LoadedPredictor:
        raise NotImplementedError


def test_a_missing_file_is_named_with_size_licence_folder_and_source(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing) as caught:
        find_weights(Wanting(), tmp_path)
    said = str(caught.value)
    for part in ("net.safetensors", "42.0 MB", "MIT", str(tmp_path), "https://example.org/net"):
        assert part in said
    assert Wanting.weights[0].sha256 in said
    assert missing_weights(Wanting(), tmp_path) == Wanting.weights
    assert "net.safetensors" in why_not(Wanting(), tmp_path)


def test_the_right_bytes_are_found_and_others_are_refused(tmp_path: Path) -> None:
    (tmp_path / "net.safetensors").write_bytes(BYTES)
    assert find_weights(Wanting(), tmp_path) == {"net.safetensors": tmp_path / "net.safetensors"}
    assert why_not(Wanting(), tmp_path) == ""
    (tmp_path / "net.safetensors").write_bytes(BYTES + b"!")
    with pytest.raises(BadInput, match="sha256 differs"):
        find_weights(Wanting(), tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x80\x04\x95pickle", b"PK\x03\x04archive"])
def test_weights_that_are_no_safetensors_are_never_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="cannot be read as safetensors"):
        load_network(path)
