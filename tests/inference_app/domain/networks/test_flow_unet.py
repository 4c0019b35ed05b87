"""The flow U-Net: what it is at first, what it is told, what it carries along."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inference_app.domain.networks.flow_unet import SHAPES, FlowUnet
from inference_app.domain.networks.guided_plane import guided_plane
from inference_app.domain.networks.motion import carried, motion_back

HEIGHT, WIDTH = 64, 96


def frame(seed: int = 1, shift: int = 0) -> torch.Tensor:
    """Return smooth noise (1, 3, H, W), moved to the right by ``shift`` pixels."""
    coarse = torch.rand((1, 3, 12, 16), generator=torch.Generator().manual_seed(seed))
    fine = torch.nn.functional.interpolate(coarse, (HEIGHT, WIDTH + 32), mode="bicubic")
    return fine.clamp(0, 1)[..., 16 - shift : 16 - shift + WIDTH].contiguous()


def square(left: int = 30) -> torch.Tensor:
    mask = torch.zeros(1, 1, HEIGHT, WIDTH)
    mask[..., 20:44, left : left + 24] = 1
    return mask


@pytest.fixture
def net() -> FlowUnet:
    torch.manual_seed(3)
    return FlowUnet(SHAPES["light"]).eval()


def moved_a_little(net: FlowUnet) -> FlowUnet:
    """Draw its last layers, which start at nothing."""
    for layer in (*net.heads, net.tail[-1]):
        torch.nn.init.normal_(layer.weight, std=0.1)
    return net


def test_it_starts_as_the_mask_smoothed_along_the_edges(net: FlowUnet) -> None:
    alphas, _ = net(frame(), square(), net.begin())
    smooth = guided_plane(frame().mean(1, keepdim=True), square())
    assert torch.allclose(alphas[-1], smooth, atol=1e-6)
    sizes = [tuple(alpha.shape[-2:]) for alpha in alphas]
    assert sizes == [(8, 12), (16, 24), (32, 48), (64, 96)]


def test_another_mask_gives_another_alpha(net: FlowUnet) -> None:
    net = moved_a_little(net)
    one, _ = net(frame(), square(), net.begin())
    other, _ = net(frame(), 1 - square(), net.begin())
    assert (one[-1] - other[-1]).abs().mean() > 0.1


def test_without_a_mask_the_last_alpha_is_believed_where_it_has_moved_to(net: FlowUnet) -> None:
    _, state = net(frame(), square(), net.begin())
    alphas, _ = net(frame(shift=6), None, state)
    expected, _ = net(frame(shift=6), square(36), net.begin())
    still, _ = net(frame(shift=6), square(), net.begin())
    apart = (alphas[-1] - expected[-1]).abs().mean()
    assert apart < 0.5 * (still[-1] - expected[-1]).abs().mean()


def test_hiding_a_mask_in_a_batch_is_the_same_as_having_none(net: FlowUnet) -> None:
    net = moved_a_little(net)
    rgb, mask = torch.cat((frame(), frame(2))), torch.cat((square(), square(40)))
    shown = torch.tensor([True, False])[:, None, None, None]
    both, _ = net(rgb, mask, net.begin(), shown)
    first, _ = net(rgb[:1], mask[:1], net.begin())
    second, _ = net(rgb[1:], None, net.begin())
    # Where nothing is known before, a hidden mask leaves nothing to believe.
    assert torch.allclose(both[-1][:1], first[-1], atol=1e-5)
    assert torch.allclose(both[-1][1:], second[-1], atol=1e-5)


def test_a_plane_is_carried_to_where_its_colours_went() -> None:
    moved, trust = carried(square(), frame(), frame(shift=6))
    inside = (slice(None), slice(None), slice(8, -8), slice(16, -16))
    assert (moved - square(36))[inside].abs().mean() < 0.02
    assert trust[inside].mean() > 0.9 and trust.min() >= 0 and trust.max() <= 1


def test_another_picture_is_not_trusted() -> None:
    _, trust = carried(square(), frame(1), frame(9))
    assert trust.mean() < 0.5


def test_frames_below_a_patch_stay_where_they_are() -> None:
    small = np.zeros((8, 40), np.uint8)
    assert not motion_back(small, small).any()
