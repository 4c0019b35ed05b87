"""Each wavelet comes back exactly, keeps channels apart, and splits what it says."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from inference_app.domain.networks.wavelets import (
    WAVELETS,
    analysed_and_mixed,
    spread_and_synthesised,
)

NAMES = ("haar", "db2", "db4", "cdf53")


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def noise(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


@pytest.mark.parametrize("size", [(2, 2), (8, 12), (34, 6)])
def test_the_inverse_gives_back_what_was_split(name: str, size: tuple[int, int]) -> None:
    planes = noise(2, 3, *size)
    wavelet = WAVELETS[name]
    back = wavelet.synthesise(wavelet.analyse(planes))
    assert torch.allclose(back, planes, rtol=0, atol=1e-12)


def test_splitting_is_the_inverse_of_merging_too(name: str) -> None:
    bands = noise(1, 8, 8, 10)
    wavelet = WAVELETS[name]
    again = wavelet.analyse(wavelet.synthesise(bands))
    assert torch.allclose(again, bands, rtol=0, atol=1e-12)


def test_each_band_of_a_channel_depends_on_that_channel_alone(name: str) -> None:
    planes = noise(1, 3, 8, 8)
    before = WAVELETS[name].analyse(planes)
    for channel in range(3):
        changed = planes.clone()
        changed[:, channel] += noise(1, 8, 8)
        differs = (WAVELETS[name].analyse(changed) != before).flatten(2).any(2)[0]
        assert differs.nonzero().flatten().tolist() == [channel + 3 * band for band in range(4)]


@pytest.mark.parametrize("name", ["haar", "db2", "db4"])
def test_orthonormal_wavelets_keep_the_energy(name: str) -> None:
    planes = noise(1, 2, 16, 16)
    bands = WAVELETS[name].analyse(planes)
    assert torch.isclose((bands**2).sum(), (planes**2).sum(), rtol=1e-12)


def test_a_constant_has_no_detail_and_the_stated_gain(name: str) -> None:
    wavelet = WAVELETS[name]
    low, *details = wavelet.analyse(torch.full((1, 1, 16, 16), 0.7, dtype=torch.float64)).chunk(
        4, 1
    )
    assert torch.allclose(low, torch.full_like(low, 0.7 * wavelet.low_gain), atol=1e-12)
    assert max(float(band.abs().max()) for band in details) < 1e-12


@pytest.mark.parametrize(("name", "gone"), [("db2", 2), ("db4", 4)])
def test_daubechies_details_vanish_on_polynomials_inside(name: str, gone: int) -> None:
    x = torch.arange(64, dtype=torch.float64)
    for degree in range(gone):
        ramp = ((x / 64) ** degree).expand(64, 64)[None, None].contiguous()
        details = WAVELETS[name].analyse(ramp)[0, 1]
        assert float(details[:, :28].abs().max()) < 1e-9


def test_an_edge_along_y_shows_in_the_band_of_x_alone(name: str) -> None:
    planes = torch.zeros(1, 1, 16, 16, dtype=torch.float64)
    planes[..., 7:] = 1
    _, along_x, along_y, both = WAVELETS[name].analyse(planes).chunk(4, 1)
    assert float(along_x.abs().max()) > 0.1
    assert float(along_y.abs().max()) < 1e-12 and float(both.abs().max()) < 1e-12


def test_the_haar_bands_are_sums_and_differences_of_four_pixels() -> None:
    a, b, c, d = 1.0, 2.0, 4.0, 8.0
    bands = WAVELETS["haar"].analyse(torch.tensor([[[[a, b], [c, d]]]])).flatten()
    wanted = [a + b + c + d, a - b + c - d, a + b - c - d, a - b - c + d]
    assert torch.allclose(bands, torch.tensor(wanted) / 2)


def test_an_odd_side_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="even sides"):
        WAVELETS["haar"].analyse(torch.zeros(1, 1, 4, 5))


def test_haar_folded_into_a_convolution_gives_what_both_in_turn_give() -> None:
    haar, planes, weight = WAVELETS["haar"], noise(2, 3, 8, 12), noise(5, 12, 3, 3)
    in_turn = functional.conv2d(haar.analyse(planes), weight, padding=1)
    assert torch.allclose(analysed_and_mixed(haar, planes, weight), in_turn, atol=1e-12)
    planes, weight, bias = noise(2, 3, 4, 6), noise(8, 3, 1, 1), noise(8)
    in_turn = haar.synthesise(functional.conv2d(planes, weight, bias))
    assert torch.allclose(spread_and_synthesised(haar, planes, weight, bias), in_turn, atol=1e-12)
