"""Networks of others: built as published, refused when the file is another, told apart by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from datasets_app.domain.progress import ignore_progress, never_stop
from inference_app.domain.device import Device
from inference_app.domain.predictors import PREDICTORS, depth_anything, vitmatte
from inference_app.domain.predictors.base import Shot
from inference_app.domain.predictors.weights import find_weights, why_not
from matteweb.errors import BadInput, WeightsMissing
from tests.inference_app.predictions import moving_disc, run
from tests.inference_app.tiny_models import (
    TinyDepthAnything,
    TinyOnnxFlow,
    TinyOnnxMatting,
    TinyRvm,
    TinyVitMatte,
    digest_of,
    kernel,
    write_graph,
)

BORROWED = ("vitmatte", "rvm", "birefnet", "onnx_matting", "depth_anything", "onnx_flow")


@pytest.mark.parametrize("slug", BORROWED)
def test_what_is_missing_is_named_with_size_licence_and_folder(slug: str, tmp_path: Path) -> None:
    predictor = PREDICTORS[slug]
    weight = predictor.weights[0]
    reason = why_not(predictor, tmp_path)
    assert weight.name in reason and weight.licence in reason and str(tmp_path) in reason
    with pytest.raises(WeightsMissing) as refused:
        find_weights(predictor, tmp_path)
    assert weight.sha256 in refused.value.hint
    (tmp_path / weight.name).write_bytes(b"something else")
    if weight.sha256:
        with pytest.raises(BadInput, match="its sha256 differs"):
            find_weights(predictor, tmp_path)
    else:
        with pytest.raises(BadInput, match="is no onnx file"):
            find_weights(predictor, tmp_path)
        (tmp_path / weight.name).write_bytes(b"\x08 something else")
        with pytest.raises(BadInput, match="cannot be read as ONNX"):
            predictor.load(find_weights(predictor, tmp_path), Device())


@pytest.mark.parametrize("module", [vitmatte, depth_anything])
def test_the_published_network_has_as_many_bytes_as_its_file(module: object) -> None:
    maker = vitmatte if module is vitmatte else depth_anything
    with torch.device("meta"):
        state = maker.network_of(maker.Shape()).state_dict()
    held = sum(tensor.numel() * tensor.element_size() for tensor in state.values())
    slug = "vitmatte" if maker is vitmatte else "depth_anything"
    # The rest is the header of the file, some 120 bytes per tensor.
    assert 0 < PREDICTORS[slug].weights[0].bytes - held < 160 * len(state)


@pytest.mark.parametrize("tiny", [TinyVitMatte(), TinyDepthAnything()])
def test_weights_of_another_shape_are_refused_by_name(
    tiny: TinyVitMatte | TinyDepthAnything, tmp_path: Path
) -> None:
    tiny.prepare(tmp_path)
    tiny.shape = replace(tiny.shape, hidden=32)
    with pytest.raises(BadInput, match="does not fit"):
        tiny.load(find_weights(tiny, tmp_path), Device())


def test_a_file_is_known_by_its_sha256(tmp_path: Path) -> None:
    tiny = TinyRvm()
    tiny.prepare(tmp_path)
    path = tmp_path / tiny.weights[0].name
    tiny.weights = (replace(tiny.weights[0], sha256=digest_of(path)),)
    assert find_weights(tiny, tmp_path) == {path.name: path}


def test_a_trimap_decides_where_it_is_sure(tmp_path: Path) -> None:
    tiny = TinyVitMatte()
    shot = next(moving_disc(1))
    trimap = np.full((48, 64), 128, np.uint8)
    trimap[:10], trimap[-10:] = 255, 0
    tiny.prepare(tmp_path)
    runner = tiny.load(find_weights(tiny, tmp_path), Device())
    (found,) = runner.predict(iter([Shot(shot.rgb, trimap)]), ignore_progress, never_stop)
    alpha = found.layers["alpha"]
    assert (alpha[:10] == 1).all() and (alpha[-10:] == 0).all()
    assert alpha[20:30].min() > 0 and alpha[20:30].max() < 1 and np.ptp(alpha[10:38]) > 0


def test_a_network_that_remembers_is_given_what_it_gave(tmp_path: Path) -> None:
    shot = next(moving_disc(1))
    found = run(TinyRvm(), iter([shot, shot]), tmp_path)
    first, second = (one.layers["alpha"] for one in found)
    assert (second > first).any()  # the same picture again: only the memory differs


def test_the_mask_is_the_fourth_plane(tmp_path: Path) -> None:
    shot = next(moving_disc(1))
    empty = Shot(shot.rgb, np.zeros((48, 64), np.uint8))
    one, other = (run(TinyOnnxMatting(), iter([s]), tmp_path)[0] for s in (shot, empty))
    assert not np.array_equal(one.layers["alpha"], other.layers["alpha"])


def test_depth_keeps_its_range_from_frame_to_frame(tmp_path: Path) -> None:
    dark = Shot(np.zeros((48, 64, 3), np.uint8))
    bright = next(moving_disc(1))
    alone = run(TinyDepthAnything(), iter([bright]), tmp_path)[0].layers["depth"]
    after = run(TinyDepthAnything(), iter([dark, bright]), tmp_path)[1].layers["depth"]
    assert alone.min() == 0 and alone.max() == 1
    assert not np.array_equal(alone, after)


def test_flow_of_two_equal_frames_is_none(tmp_path: Path) -> None:
    shot = next(moving_disc(1))
    found = run(TinyOnnxFlow(), iter([shot, shot]), tmp_path)
    assert not found[1].layers["flow"].any()


def test_a_graph_that_takes_something_else_is_refused(tmp_path: Path) -> None:
    from onnx import helper

    nodes = [helper.make_node("Conv", ["x", "kernel"], ["y"], pads=[1, 1, 1, 1])]
    shapes = {"x": [1, 7, "h", "w"]}, {"y": [1, 1, "h", "w"]}
    for tiny in (TinyOnnxMatting(), TinyOnnxFlow(), TinyRvm()):
        write_graph(tmp_path / tiny.weights[0].name, nodes, *shapes, kernel(1, 7))
        with pytest.raises(BadInput):
            tiny.load(find_weights(tiny, tmp_path), Device())
