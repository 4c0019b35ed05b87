"""A long sample that was stopped goes on where it was; nothing of it is left behind."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from django.conf import settings

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.domain.synthesis.frame_journal import PIECE
from datasets_app.models import Sample
from datasets_app.models.sample import SampleState
from datasets_app.services.runs import rendering
from datasets_app.services.runs.long_samples import journals_sweep
from datasets_app.services.runs.regeneration import sample_regenerate
from datasets_app.services.runs.rendering import sample_render
from datasets_app.services.runs.synthesis import run_create, run_plan
from matteweb.errors import Cancelled
from tests.rendered import Rendered

pytestmark = pytest.mark.django_db

PARAMS = {"frames": PIECE + 6, "width": 32, "height": 32, "objects_max": 2, "camera": 0.0}


@pytest.fixture
def sample(rendered: Rendered) -> Sample:
    """A sample that is a little longer than a piece, claimed by nobody's job."""
    run = run_create(
        project=rendered.project,
        recipe_slug="moving_objects",
        params=PARAMS,
        count=1,
        root_seed=5,
        actor=rendered.actor,
    )
    Sample.objects.filter(run=run).delete()
    run_plan(run_id=run.pk, progress=ignore_progress, should_stop=never_stop)
    Sample.objects.filter(run=run).update(state=SampleState.RENDERING)
    return Sample.objects.select_related("project").get(run=run)


def journals() -> list[Path]:
    return sorted(Path(settings.WORK_DIR).glob("journal.*"))


def test_a_stopped_sample_goes_on_and_ends_with_the_same_bytes(sample: Sample) -> None:
    asked = count()
    with pytest.raises(Cancelled):
        sample_render(sample=sample, should_stop=lambda: next(asked) >= PIECE + 2)
    assert len(journals()) == 1
    again = count()

    def counted() -> bool:
        next(again)
        return False

    sample_render(sample=sample, should_stop=counted)
    assert next(again) == 6
    assert sample.state == SampleState.READY
    assert sample.frames == PIECE + 6
    assert not journals()
    assert sample_regenerate(sample=sample).identical


def test_people_see_how_many_frames_are_made(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "TELLS_APART_SECONDS", 0.0)
    seen: list[int] = []

    def watched() -> bool:
        seen.append(Sample.objects.get(pk=sample.pk).frames_made)
        return False

    sample_render(sample=sample, should_stop=watched)
    assert seen == sorted(seen)
    assert seen[-1] >= PIECE


def test_what_is_kept_of_a_sample_that_is_gone_is_swept(sample: Sample) -> None:
    asked = count()
    with pytest.raises(Cancelled):
        sample_render(sample=sample, should_stop=lambda: next(asked) >= PIECE + 2)
    journals_sweep()
    assert len(journals()) == 1
    Sample.objects.filter(pk=sample.pk).update(state=SampleState.FAILED)
    journals_sweep()
    assert not journals()
