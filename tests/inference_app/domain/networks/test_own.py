"""The networks that we train ourselves: one table of them, and every one can be asked for."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from inference_app.domain.networks.own import OWN
from inference_app.domain.training.plan import Trainable


def test_every_network_of_the_table_can_be_trained_and_no_other() -> None:
    assert set(get_args(Trainable)) == OWN.keys()


@pytest.mark.parametrize("name", OWN)
def test_a_network_is_made_again_from_what_its_checkpoint_keeps(name: str) -> None:
    for shape in OWN[name].shapes.values():
        made = OWN[name].make(json.loads(json.dumps(shape.as_json())))
        assert made.name == name and made.shape == shape
