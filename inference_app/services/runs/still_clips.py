"""Stills of a project as a clip, so that models run over them like over any other."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

from datasets_app.adapters.work_folder import work_folder
from datasets_app.models import Asset, Video
from datasets_app.services.blobs import blob_from_file, blob_path
from datasets_app.services.sources.footage import Rights, footage_create
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.errors import BadInput

FRAME_RATE = "24"
"""Stills have none; a clip needs one."""


def still_clip_create(
    *, project: Project, stills: Sequence[Asset], name: str, actor: Actor
) -> Video:
    """Make a video whose frames are ``stills``, in their order; it is read by a job as any other.

    Raises BadInput for what is no still. Stills of different sizes fail when they are read.
    """
    if not stills:
        raise BadInput("no still was chosen", hint="choose one or several of one size")
    with work_folder(f"stills-{stills[0].pk}-{len(stills)}") as folder:
        archive = folder / "stills.zip"
        with zipfile.ZipFile(archive, "w") as out:
            for number, still in enumerate(stills):
                if not still.is_still or still.original is None:
                    raise BadInput(f"{still.name} is no still", hint="choose stills")
                ending = Path(still.filename).suffix.lower()
                # A fixed time, so that the same stills are the same bytes.
                entry = zipfile.ZipInfo(f"{number:05d}{ending}", (1980, 1, 1, 0, 0, 0))
                with blob_path(still.original).open("rb") as file, out.open(entry, "w") as into:
                    shutil.copyfileobj(file, into)
        blob = blob_from_file(archive)
    rights = Rights(
        licence=" AND ".join(sorted({one.licence for one in stills if one.licence})),
        attribution="; ".join(dict.fromkeys(one.attribution for one in stills if one.attribution)),
    )
    made = footage_create(
        project=project,
        blob=blob,
        filename=f"{name.strip() or stills[0].name}.zip",
        actor=actor,
        rights=rights,
        decisions={"frame_rate": FRAME_RATE},
    )
    assert isinstance(made, Video)  # noqa: S101  # what a ZIP of pictures becomes
    return made
