"""What holds for all tests of networks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inference_app.domain import model_folders


@pytest.fixture(autouse=True)
def _own_weights() -> Iterator[None]:
    """What a test says of where weights lie ends with it."""
    before = list(model_folders._places)
    yield
    model_folders._places[:] = before
