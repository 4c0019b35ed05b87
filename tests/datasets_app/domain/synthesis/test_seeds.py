"""Seeds are part of what a stored sample promises: their values must never change."""

from __future__ import annotations

import numpy as np

from datasets_app.domain.synthesis.seeds import generator, sample_key, sample_seed

SEED_0 = 287694522852952303759916764919565024081
DRAWS_0 = [366325755, 490595732, 615541368]


def test_seeds_have_the_values_that_stored_runs_were_made_with() -> None:
    assert sample_key("object_paste", 7) == "object_paste/7"
    assert sample_seed(0, "object_paste/0") == SEED_0
    assert generator(SEED_0).integers(1 << 30, size=3).tolist() == DRAWS_0


def test_neighbouring_seeds_have_nothing_in_common() -> None:
    seeds = {
        sample_seed(root, sample_key("object_paste", k)) for root in range(20) for k in range(20)
    }
    assert len(seeds) == 400
    firsts = [generator(seed).random() for seed in seeds]
    assert abs(np.mean(firsts) - 0.5) < 0.05


def test_a_seed_fits_its_column() -> None:
    assert 0 <= sample_seed(-5, "x/1") < 1 << 128
    assert len(str((1 << 128) - 1)) <= 64
