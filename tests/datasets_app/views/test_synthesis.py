"""The Synthesize page: what a run would take is said before it is launched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from datasets_app.domain.scenes.renderer import RendererPlace, renderer, use_renderer
from datasets_app.services.runs import run_outlook as outlook
from datasets_app.services.runs.run_outlook import run_outlook
from matteweb.accounts.models import Role
from tests import factories
from tests.rendered import Rendered

pytestmark = pytest.mark.django_db

PARAMS = {"recipe": "object_paste", "seed": "1"}


@pytest.fixture
def lead(rendered: Rendered) -> Client:
    browser = Client()
    browser.force_login(factories.member(rendered.project, Role.LEAD))
    return browser


def page(lead: Client, rendered: Rendered, recipe: str = "object_paste") -> str:
    return lead.get(f"/p/{rendered.project.slug}/synthesize/?recipe={recipe}").content.decode()


def test_the_page_says_what_a_run_takes(lead: Client, rendered: Rendered) -> None:
    assert re.search(r"\d+ s on this machine, [\d.,]+\s\w+ on disk", page(lead, rendered))


def test_a_change_of_the_count_changes_the_estimate(lead: Client, rendered: Rendered) -> None:
    address = f"/p/{rendered.project.slug}/synthesize/survey"
    few, many = (
        lead.post(address, {**PARAMS, "count": count}).content.decode() for count in ("1", "5000")
    )
    for answer in (few, many):
        assert 'hx-swap-oob="true"' in answer
    assert few != many


def test_the_estimate_grows_with_the_samples_and_fits_the_workers(rendered: Rendered) -> None:
    def took(count: int) -> tuple[float, int]:
        found = run_outlook(
            project=rendered.project, recipe_slug="object_paste", params={}, count=count
        )
        assert found.seconds is not None
        assert found.bytes is not None
        return found.seconds, found.bytes

    one, many = took(1), took(100)
    assert many[1] == pytest.approx(100 * one[1], rel=0.01)
    lanes = min(settings.JOB_WORKERS, 100)
    assert many[0] == pytest.approx(100 * one[0] / lanes, rel=0.01)


def test_limits_that_admit_nothing_take_the_launch_away(lead: Client, rendered: Rendered) -> None:
    answer = lead.post(
        f"/p/{rendered.project.slug}/synthesize/survey",
        {**PARAMS, "count": "2", "mask_mean_min": "0.79", "mask_max": "0.8"},
    ).content.decode()
    assert "Launch" not in answer
    assert "Go to the Library" in answer


def test_what_no_plan_meets_in_a_second_is_said_and_may_be_tried_all_the_same(
    lead: Client, rendered: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "PATIENCE_SECONDS", 0.0)
    shown = page(lead, rendered, "object_paste&mask_mean_min=0.1")
    assert "No draw of 1 makes a sample: 1 x the object covers" in shown
    assert "Widen the limits" in shown
    assert "Launch" in shown


@pytest.fixture
def no_renderer(tmp_path: Path) -> Iterator[None]:
    before = renderer()
    use_renderer(RendererPlace(python=tmp_path / "bin" / "python", blender=""))
    yield
    use_renderer(before)


def test_a_recipe_that_cannot_run_here_says_what_to_do_and_offers_no_launch(
    lead: Client, rendered: Rendered, no_renderer: None
) -> None:
    shown = page(lead, rendered, "effect_removal")
    assert "make render-setup" in shown
    assert "MATTEWEB_BLENDER" in shown
    assert ">Launch<" not in shown
    assert "Go to the Library" not in shown
