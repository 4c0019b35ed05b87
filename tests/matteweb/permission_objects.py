"""What the table of who may do what is tried on: a maker of one object per kind of address.

A maker makes an object of the given project that the given user may act on; ``TARGETS`` names it
and says which parts of an address the object fills.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

import numpy as np
from django.utils import timezone
from PIL import Image

from datasets_app.models import (
    Asset,
    Bundle,
    BundleFile,
    CalibrationItem,
    Comment,
    Mask,
    ReviewBatch,
    Sample,
    SynthesisRun,
    Upload,
    Verdict,
    Video,
)
from datasets_app.services.blobs import blob_from_bytes
from inference_app.adapters.mask_frames import mask_png
from inference_app.models import MaskSession
from inference_app.selectors.mask_sessions import frames_of
from inference_app.services.masks.mask_sessions import Mark, interaction_add, session_start
from matteweb.accounts.models import AuditEntry, Project, Role, User
from matteweb.jobs.models import Job
from tests import factories

VIEWER, ANNOTATOR, REVIEWER, LEAD, OWNER = Role

Parts = dict[str, object]
Maker = Callable[[Project, User], Parts]


@dataclass(frozen=True)
class Row:
    """One address: the least role per method, and which maker fills its other parts."""

    least: dict[str, Role]
    target: str = ""


def row(target: str = "", **least: Role) -> Row:
    """Return a row; ``least`` is e.g. ``get=VIEWER, post=LEAD``."""
    return Row(least, target)


def video(project: Project, user: User) -> Video:
    """Return a video whose every file is a few bytes."""
    blob = blob_from_bytes(b"bytes of a test")
    return Video.objects.create(
        project=project,
        name="clip",
        state="ready",
        created_by=user,
        original=blob,
        delivery=blob,
        frame_index=blob_from_bytes(b'{"chunks": []}'),
        frames=3,
        width=4,
        height=4,
        fps_num=24,
        fps_den=1,
    )


def mask(project: Project, user: User) -> Mask:
    """Return a mask of a video."""
    return Mask.objects.create(video=video(project, user), name="mask", created_by=user)


def mask_with_job(project: Project, user: User) -> Mask:
    """Return a mask whose job was cancelled."""
    made = mask(project, user)
    Job.objects.create(
        project=project, kind="ingest_mask", title="a mask", target_id=made.pk, state="cancelled"
    )
    return made


def archived_video(project: Project, user: User) -> Video:
    """Return a video that was archived."""
    made = video(project, user)
    Video.objects.filter(pk=made.pk).update(archived_at=timezone.now())
    return made


def failed_video(project: Project, user: User) -> Video:
    """Return a video that cannot be read, as an annotator may discard it."""
    made = video(project, user)
    Video.objects.filter(pk=made.pk).update(state="failed", error="it is a text")
    return made


def import_job(project: Project, user: User) -> Job:
    """Return the cancelled import of a tree."""
    return Job.objects.create(
        project=project, kind="folder_import", title="a tree", state="cancelled"
    )


def run(project: Project, user: User) -> SynthesisRun:
    """Return a run without samples."""
    return SynthesisRun.objects.create(
        project=project,
        recipe="object_paste",
        recipe_version=1,
        root_seed=1,
        count=1,
        requested=1,
        created_by=user,
    )


def sample(project: Project, user: User) -> Sample:
    """Return a sample that is ready for review."""
    return Sample.objects.create(
        project=project,
        run=run(project, user),
        index=0,
        name="sample",
        state="ready",
        frames=3,
        width=4,
        height=4,
        fps_num=24,
        fps_den=1,
    )


def verdict(project: Project, user: User) -> Verdict:
    """Return a verdict by the user themselves."""
    return Verdict.objects.create(sample=sample(project, user), reviewer=user, decision="accept")


def comment(project: Project, user: User) -> Comment:
    """Return a comment by the user themselves."""
    return Comment.objects.create(sample=sample(project, user), author=user, text="a halo")


def batch(project: Project, user: User) -> ReviewBatch:
    """Return an act of the user's on no sample at all."""
    detail: dict[str, list[int]] = {"samples": []}
    return ReviewBatch.objects.create(project=project, actor=user, action="accept", detail=detail)


def known_bad(project: Project, user: User) -> CalibrationItem:
    """Return a known-bad sample."""
    return CalibrationItem.objects.create(
        sample=sample(project, user), fault="halo", fault_version=1, seed=1
    )


def bundle(project: Project, user: User) -> Bundle:
    """Return a frozen bundle with one file."""
    blob = blob_from_bytes(b"{}")
    made = Bundle.objects.create(
        project=project,
        name=f"bundle-{project.slug}",
        state="frozen",
        manifest_id="0" * 64,
        manifest_blob=blob,
        created_by=user,
    )
    BundleFile.objects.create(bundle=made, path="a/mask.mp4", blob=blob)
    return made


def draft(project: Project, user: User) -> Bundle:
    """Return a bundle that is still being decided about."""
    return Bundle.objects.create(project=project, name=f"draft-{project.slug}", created_by=user)


def archived_bundle(project: Project, user: User) -> Bundle:
    """Return a frozen bundle that was archived."""
    made = bundle(project, user)
    made.archived_at = timezone.now()
    made.save(update_fields=["archived_at"])
    return made


def job(project: Project, user: User) -> Job:
    """Return a queued job that the user started."""
    return Job.objects.create(project=project, kind="none", title="a job", created_by=user)


def upload(project: Project, user: User) -> Upload:
    """Return an upload of the user's that has just begun."""
    return Upload.objects.create(
        uid=f"{project.pk:032x}",
        project=project,
        created_by=user,
        channel=AuditEntry.Channel.PAGE,
        filename="clip.mp4",
        size=10,
        expires_at=timezone.now() + timedelta(hours=1),
    )


def stopped_upload(project: Project, user: User) -> Upload:
    """Return an upload that arrived whole, and whose job was cancelled."""
    made = upload(project, user)
    Job.objects.create(
        project=project, kind="upload_finish", title="a file", target_id=made.pk, state="cancelled"
    )
    return made


def still(project: Project, user: User) -> Asset:
    """Return a still picture."""
    return Asset.objects.create(project=project, kind="still", name="still", created_by=user)


def ready_asset(project: Project, user: User) -> Asset:
    """Return a background that is read."""
    made = still(project, user)
    Asset.objects.filter(pk=made.pk).update(
        state="ready",
        original=blob_from_bytes(rgb_png()),
        frames=1,
        width=4,
        height=4,
        fps_num=1,
        fps_den=1,
    )
    return made


def rgb_png() -> bytes:
    """Return a small picture."""
    out = BytesIO()
    Image.new("RGB", (4, 4), (9, 90, 200)).save(out, "PNG")
    return out.getvalue()


def mask_session(project: Project, user: User) -> MaskSession:
    """Return a session of masks by hand with an object, a mark and a mask on frame 0."""
    made = session_start(video=video(project, user), actor=factories.actor(user))
    mark = Mark(frame=0, kind="click", points=[(1, 1)])
    interaction_add(session=made, number=1, mark=mark, actor=factories.actor(user))
    mask = mask_png(np.ones((4, 4), np.float32))
    frames_of(made).write(1, 0, mask, origin="hand", sure=1)
    return made


TARGETS: dict[str, Maker] = {
    "": lambda project, user: {},
    "member": lambda project, user: {"username": factories.member(project, VIEWER).username},
    "job": lambda project, user: {"job": job(project, user).pk},
    "video": lambda project, user: {"pk": video(project, user).pk},
    "video file": lambda project, user: {
        "kind": "video",
        "pk": video(project, user).pk,
        "what": "delivery",
    },
    "video frame": lambda project, user: {
        "kind": "video",
        "pk": video(project, user).pk,
        "frame": 0,
    },
    "mask": lambda project, user: {"pk": mask(project, user).pk},
    "still": lambda project, user: {"pk": still(project, user).pk},
    "ready asset": lambda project, user: {"pk": ready_asset(project, user).pk},
    "list name": lambda project, user: {"name": "fg_train.txt"},
    "run": lambda project, user: {"pk": run(project, user).pk},
    "footage": lambda project, user: {"kind": "video", "pk": video(project, user).pk},
    "failed footage": lambda project, user: {
        "kind": "video",
        "pk": failed_video(project, user).pk,
    },
    "mask job": lambda project, user: {"pk": mask_with_job(project, user).pk},
    "archived": lambda project, user: {"kind": "video", "pk": archived_video(project, user).pk},
    "stopped upload": lambda project, user: {"pk": stopped_upload(project, user).pk},
    "import": lambda project, user: {"pk": import_job(project, user).pk},
    "caption form": lambda project, user: {"form": "list"},
    "log form": lambda project, user: {"form": "csv"},
    "sample": lambda project, user: {"pk": sample(project, user).pk},
    "verdict": lambda project, user: {"pk": verdict(project, user).pk},
    "comment": lambda project, user: {"pk": comment(project, user).pk},
    "batch": lambda project, user: {"pk": batch(project, user).pk},
    "known bad": lambda project, user: {"pk": known_bad(project, user).pk},
    "draft": lambda project, user: {"name": draft(project, user).name},
    "archived bundle": lambda project, user: {"name": archived_bundle(project, user).name},
    "bundle": lambda project, user: {"name": bundle(project, user).name},
    "bundle file": lambda project, user: {
        "name": bundle(project, user).name,
        "path": "a/mask.mp4",
    },
    "upload": lambda project, user: {"uid": upload(project, user).uid},
    "mask session": lambda project, user: {"pk": mask_session(project, user).pk},
    "mask object": lambda project, user: {"pk": mask_session(project, user).pk, "number": 1},
    "mask frame": lambda project, user: {
        "pk": mask_session(project, user).pk,
        "number": 1,
        "frame": 0,
    },
}

# Targets that fill an address without naming an object, so that no project owns them.
OBJECTLESS = frozenset({"", "caption form", "list name", "log form"})
