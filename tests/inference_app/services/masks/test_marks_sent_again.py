"""What is sent again because nobody answered: stored once, but never taken for another mark."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inference_app.models import Interaction
from inference_app.services.masks.mask_sessions import Mark, interaction_add
from matteweb.accounts.models import User
from tests import factories
from tests.matteweb.permission_objects import mask_session

DOT = Mark(frame=0, kind="brush", points=[(1.234, 2.0)], pressure=[0.12345], radius=3, soft=0.25)


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"radius": 12.5}, {"soft": 0.5}, {"pressure": [0.9]}])
def test_a_mark_that_differs_by_its_brush_alone_is_another(other: dict[str, Any]) -> None:
    owner: User = factories.user()
    session = mask_session(factories.project(owner=owner), owner)

    def sent(mark: Mark) -> Interaction:
        actor = factories.actor(owner)
        return interaction_add(session=session, number=1, mark=mark, actor=actor, again=True)

    first = sent(DOT)
    assert sent(DOT) == first  # rounded as it is stored
    second = sent(replace(DOT, **other))
    assert second != first and sent(replace(DOT, **other)) == second
