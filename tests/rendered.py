"""A project with really rendered samples: two painted clips, read, pasted, rendered, accepted.

Its jobs run in this process, as they do for a command when no worker lives.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from datasets_app.domain.media.demo_clip import demo_clip, demo_scenes
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Bundle, Sample, SynthesisRun, Video
from datasets_app.services.desk.review import samples_accept
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.bundles import bundle_create_frozen, bundle_freeze_finish
from datasets_app.services.lanes import LANE_KIND
from datasets_app.services.runs.synthesis import PLAN_KIND, run_create
from datasets_app.services.sources.captions import caption_set
from datasets_app.services.sources.footage import Rights, footage_add
from datasets_app.services.sources.masks import mask_add
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.jobs.waiting import wait_for_target
from tests import factories

SIZE = FrameSize(96, 64)
FRAMES = 18


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was made. Take the rows anew from the database before changing them."""

    project: Project
    actor: Actor
    videos: tuple[Video, ...]
    run: SynthesisRun
    samples: tuple[Sample, ...]


def rendered_project(folder: Path, *, count: int = 2) -> Rendered:
    """Return a project of ``count`` accepted samples; its owner is the actor.

    Jobs write by connections of their own, so this must not be called inside a transaction.
    """
    owner = factories.user()
    project, actor = factories.project(owner=owner), factories.actor(owner)
    videos = tuple(_video(folder, project, actor, scene.slug) for scene in demo_scenes()[:2])
    run = run_create(
        project=project,
        recipe_slug="object_paste",
        params={},
        count=count,
        root_seed=7,
        actor=actor,
    )
    wait_for_target(PLAN_KIND, run.pk)
    wait_for_target(LANE_KIND, run.pk)
    samples = tuple(Sample.objects.filter(run=run).order_by("index"))
    assert [sample.state for sample in samples] == ["ready"] * count
    samples_accept(samples=samples, actor=actor)
    return Rendered(project, actor, videos, run, samples)


def frozen(rendered: Rendered, name: str = "mix", choice: BundleChoice | None = None) -> Bundle:
    """Return a frozen bundle of all accepted samples."""
    bundle = bundle_create_frozen(
        project=rendered.project, name=name, choice=choice or BundleChoice(), actor=rendered.actor
    )
    bundle_freeze_finish(bundle_id=bundle.pk, progress=ignore_progress, should_stop=never_stop)
    bundle.refresh_from_db()
    return bundle


def _video(folder: Path, project: Project, actor: Actor, slug: str) -> Video:
    clip, mask = folder / f"{slug}.mkv", folder / f"{slug}_mask.mkv"
    fps = Fraction(24)
    with RgbMasterWriter(clip, SIZE, fps) as rgb, GrayMasterWriter(mask, SIZE, fps) as gray:
        for frame in demo_clip(slug, size=SIZE, frames=FRAMES):
            rgb.write(frame.rgb)
            gray.write(frame.alpha)
    rights = Rights(licence="CC0-1.0", attribution=f"{slug} by A. Person")
    video = footage_add(project=project, path=clip, actor=actor, rights=rights)
    wait_for_target("ingest_footage", video.pk)
    made = Video.objects.get(pk=video.pk)
    attached = mask_add(video=made, path=mask, actor=actor)
    wait_for_target("ingest_mask", attached.pk)
    caption_set(video=made, length="short", text=f"the {slug} scene", actor=actor)
    return made
