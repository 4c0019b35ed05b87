"""The refiner listens to its mask, remembers, takes any wavelet, and stays small."""

from __future__ import annotations

import pytest
import torch

from inference_app.domain.networks.own import padded
from inference_app.domain.networks.wavelet_refiner import (
    SHAPES,
    RefinerShape,
    RefinerState,
    WaveletRefiner,
)

SMALL = (16, 16, 16, 16)


def frame(seed: int, height: int = 32, width: int = 48) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def network(wavelet: str = "haar") -> WaveletRefiner:
    torch.manual_seed(1)
    return WaveletRefiner(RefinerShape(SMALL, wavelet)).eval()


def half_mask() -> torch.Tensor:
    mask = torch.zeros(1, 1, 32, 48)
    mask[..., 20:] = 1
    return mask


@pytest.mark.parametrize("name", ["light", "heavy"])
def test_both_shapes_have_fewer_than_two_million_parameters(name: str) -> None:
    net = WaveletRefiner(SHAPES[name])
    assert sum(parameter.numel() for parameter in net.parameters()) < 2_000_000


@pytest.mark.parametrize("wavelet", ["haar", "db2", "db4", "cdf53"])
def test_any_wavelet_gives_alphas_of_four_sizes_and_learns(wavelet: str) -> None:
    net = network(wavelet)
    alphas, _ = net(frame(1), half_mask(), RefinerState())
    sizes = [tuple(plane.shape[-2:]) for plane in alphas]
    assert sizes == [(4, 6), (8, 12), (16, 24), (32, 48)]
    alphas[-1].mean().backward()
    assert all(parameter.grad is not None for parameter in net.parameters())


@torch.no_grad()
def test_changing_the_mask_changes_the_result() -> None:
    net = network()
    with_mask, _ = net(frame(1), half_mask(), RefinerState())
    other, _ = net(frame(1), 1 - half_mask(), RefinerState())
    without, _ = net(frame(1), None, RefinerState())
    assert float((with_mask[-1] - other[-1]).abs().max()) > 1e-4
    assert float((with_mask[-1] - without[-1]).abs().max()) > 1e-4


@torch.no_grad()
def test_a_frame_depends_on_the_ones_before() -> None:
    net = network()
    _, state = net(frame(1), half_mask(), RefinerState())
    _, other = net(frame(2), half_mask(), RefinerState())
    after, _ = net(frame(3), None, state)
    after_other, _ = net(frame(3), None, other)
    assert float((after[-1] - after_other[-1]).abs().max()) > 1e-6


@torch.no_grad()
def test_hiding_a_mask_in_a_batch_is_the_same_as_having_none() -> None:
    net = network()
    rgb, mask = torch.cat((frame(1), frame(2))), torch.cat((half_mask(), half_mask()))
    shown = torch.tensor([True, False])[:, None, None, None]
    both, _ = net(rgb, mask, RefinerState(), shown)
    first, _ = net(rgb[:1], mask[:1], RefinerState())
    second, _ = net(rgb[1:], None, RefinerState())
    assert torch.allclose(both[-1], torch.cat((first[-1], second[-1])), atol=1e-5)


def test_padding_repeats_the_border_to_multiples_of_sixteen() -> None:
    picture = frame(1, 33, 47)
    wide = padded(picture)
    assert wide.shape[-2:] == (48, 48)
    assert torch.equal(wide[..., :33, :47], picture)
    assert torch.equal(wide[..., 40, :47], picture[..., 32, :])
