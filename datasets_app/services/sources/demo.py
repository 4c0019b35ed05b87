"""The demo project of a new installation: clips that the program paints, with known alpha."""

from __future__ import annotations

from fractions import Fraction

from django.db import transaction

from datasets_app.adapters.work_folder import work_folder
from datasets_app.domain.media.demo_clip import DEMO_FRAMES, DEMO_SIZE, demo_clip, demo_scenes
from datasets_app.domain.media.frames import FrameSize
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.models import Video
from datasets_app.services.blobs import blob_from_file
from datasets_app.services.sources.captions import caption_set
from datasets_app.services.sources.footage import Rights, footage_create
from datasets_app.services.sources.masks import mask_create
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project
from matteweb.accounts.services import project_create
from matteweb.errors import Cancelled
from matteweb.jobs.services import job_create

DEMO_KIND = "demo_scene"
DEMO_FPS = Fraction(24)
DEMO_RIGHTS = Rights(licence="CC0-1.0", attribution="Painted by MatteWeb")


@transaction.atomic
def demo_project_create(*, actor: Actor) -> Project:
    """Make the project "Demo" and one job per scene; the painting itself is done by workers."""
    project = project_create(name="Demo", actor=actor)
    for scene in demo_scenes():
        job_create(
            project=project,
            kind=DEMO_KIND,
            title=f"Paint {scene.label.lower()}",
            params={"scene": scene.slug},
            actor=actor,
        )
    return project


def demo_scene_add(
    *,
    project_id: int,
    slug: str,
    progress: Progress,
    should_stop: ShouldStop,
    size: FrameSize = DEMO_SIZE,
    frames: int = DEMO_FRAMES,
) -> None:
    """Paint a scene and bring it in as any footage, with its alpha as a mask and a caption.

    Safe to repeat after a kill: a scene that is there already is left alone. Raises Cancelled.
    """
    project = Project.objects.get(pk=project_id)
    if Video.objects.filter(project=project, filename=f"{slug}.mkv").exists():
        return
    scene = next(scene for scene in demo_scenes() if scene.slug == slug)
    actor = Actor(None, AuditEntry.Channel.JOB)
    with work_folder(f"demo-{project_id}-{slug}") as folder:
        clip, alpha = folder / "clip.mkv", folder / "alpha.mkv"
        with (
            RgbMasterWriter(clip, size, DEMO_FPS) as pictures,
            GrayMasterWriter(alpha, size, DEMO_FPS) as masks,
        ):
            for number, frame in enumerate(demo_clip(slug, size=size, frames=frames), 1):
                if should_stop():
                    raise Cancelled(f"painting {slug} stopped at frame {number} of {frames}")
                pictures.write(frame.rgb)
                masks.write(frame.alpha)
                progress(number, frames)
        clip_blob, alpha_blob = blob_from_file(clip), blob_from_file(alpha)
    with transaction.atomic():
        video = footage_create(
            project=project,
            blob=clip_blob,
            filename=f"{slug}.mkv",
            name=scene.label,
            rights=DEMO_RIGHTS,
            actor=actor,
        )
        if isinstance(video, Video):
            mask_create(
                video=video,
                blob=alpha_blob,
                filename=f"{slug}_alpha.mkv",
                name="figure",
                wish={"kind": "alpha"},  # the rule would cut a figure whose soft edge is thin
                actor=actor,
            )
            caption_set(video=video, length="short", text=scene.caption, actor=actor)
