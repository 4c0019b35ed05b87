"""What is sent again because nobody answered: stored once, but never taken for another mark."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inference_app.models import Interaction, MaskSession
from inference_app.services.masks.mask_sessions import Mark, interaction_add
from matteweb.accounts.models import User
from tests import factories
from tests.matteweb.permission_objects import mask_session

DOT = Mark(frame=0, kind="brush", points=[(1.234, 2.0)], pressure=[0.12345], radius=3, soft=0.25)


@pytest.fixture
def session(db: None) -> MaskSession:
    """Return one that has a mark of its owner."""
    owner = factories.user()
    return mask_session(factories.project(owner=owner), owner)


def sent(session: MaskSession, mark: Mark, who: User | None = None) -> Interaction:
    actor = factories.actor(who or session.created_by)
    return interaction_add(session=session, number=1, mark=mark, actor=actor, again=True)


def test_a_mark_that_is_sent_again_is_stored_once(session: MaskSession) -> None:
    before, later = session.interactions.count(), replace(DOT, frame=1)
    first = sent(session, DOT)
    assert sent(session, DOT) == first and session.interactions.count() == before + 1
    sent(session, DOT, factories.user())  # somebody else's is no answer to mine
    assert sent(session, DOT) == first and sent(session, later) != first
    # What was drawn like this a while ago is not what was sent just now.
    assert sent(session, DOT) != first and session.interactions.count() == before + 4


@pytest.mark.parametrize("other", [{"radius": 12.5}, {"soft": 0.5}, {"pressure": [0.9]}])
def test_a_mark_that_differs_by_its_brush_alone_is_another(
    session: MaskSession, other: dict[str, Any]
) -> None:
    first = sent(session, DOT)
    assert sent(session, DOT) == first  # rounded as it is stored
    second = sent(session, replace(DOT, **other))
    assert second != first and sent(session, replace(DOT, **other)) == second
