"""Masks of masks, and masks for other tools: as services, pages, API and command."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from PIL import Image

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Mask
from datasets_app.models.mask import MaskKind
from datasets_app.services.blobs import blob_path
from datasets_app.services.sources.masks import mask_add
from inference_app.adapters.mask_frames import png_mask
from inference_app.models import MaskExport, MaskSession
from inference_app.selectors.mask_sessions import frames_of, session_facts
from inference_app.services.masks.mask_mending import mending_open
from inference_app.services.masks.mask_sessions import Mark, interaction_add
from inference_app.services.masks.mask_tracks import (
    Combination,
    combination_make,
    export_make,
    export_start,
    masks_combine,
)
from inference_app.services.masks.mask_work import Bench
from matteweb.accounts.models import AuditEntry, Project, Role
from matteweb.errors import BadInput, Cancelled, Conflict
from matteweb.jobs.models import Job
from tests import factories
from tests.footage import FRAMES, SIZE, add, attach, clip_file, mask_file, read_mask, squares

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def project() -> Project:
    return factories.project()


@pytest.fixture
def masks(project: Project, tmp_path: Path) -> list[Mask]:
    """The upper left quarter, and the left half, of one video."""
    video = add(project, clip_file(tmp_path))
    half = np.zeros((SIZE.height, SIZE.width), np.uint8)
    half[:, : SIZE.width // 2] = 255
    return [
        attach(video, mask_file(tmp_path, squares(), "quarter")),
        attach(video, mask_file(tmp_path, [half] * FRAMES, "half")),
    ]


def combine(masks: list[Mask], **wish: Any) -> Job:
    return masks_combine(
        video=masks[0].video, masks=masks, wish=Combination("both", **wish), actor=ACTOR
    )


def made(job: Job) -> Mask:
    combination_make(job_id=job.pk, progress=ignore_progress, should_stop=never_stop)
    return read_mask(Mask.objects.get(name=job.params["name"]))


def written(export: MaskExport) -> MaskExport:
    export_make(export_id=export.pk, progress=ignore_progress, should_stop=never_stop)
    export.refresh_from_db()
    return export


def entries(export: MaskExport) -> dict[str, bytes]:
    assert export.archive is not None
    with zipfile.ZipFile(blob_path(export.archive)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_mask_of_masks_is_a_new_one_that_knows_its_sources(masks: list[Mask]) -> None:
    job = combine(masks[::-1], how="minus")
    rest = made(job)
    made(job)  # a second delivery changes nothing
    assert Mask.objects.count() == 3
    assert (rest.kind, rest.coverage) == (MaskKind.HARD, 0.25)
    assert rest.made_from["sources"] == [mask.master_id for mask in masks[::-1]]
    assert rest.made_from["params"] == {"how": "minus", "grow": 0, "hard": False}
    assert AuditEntry.objects.filter(action="mask.combine").count() == 1


def test_priority_gives_object_numbers_in_the_order_of_the_masks(masks: list[Mask]) -> None:
    numbers = made(combine(masks, how="priority"))
    assert numbers.kind == MaskKind.INDEX
    assert numbers.reading["objects"] == [1, 2]


def test_what_makes_no_sense_is_refused(masks: list[Mask], project: Project) -> None:
    other = attach(masks[0].video, blob_path(masks[0].master), name="other")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="no way"):
        combine(masks, how="xor")
    with pytest.raises(BadInput, match="px are too many"):
        combine(masks, grow=1000)
    with pytest.raises(Conflict, match="called half"):
        masks_combine(video=masks[0].video, masks=masks, wish=Combination("half"), actor=ACTOR)
    Mask.objects.filter(pk=other.pk).update(state="failed")
    with pytest.raises(Conflict, match="failed"):
        combine([*masks, Mask.objects.get(pk=other.pk)])
    with pytest.raises(BadInput, match="cannot hold"):
        export_start(video=masks[0].video, masks=masks, form="coco", actor=ACTOR, reading="trimap")
    assert not Job.objects.filter(kind__in=["mask_combine", "mask_export"]).exists()


def test_masks_leave_as_palette_pictures_and_come_in_again(
    masks: list[Mask], tmp_path: Path
) -> None:
    video = masks[0].video
    export = written(export_start(video=video, masks=masks, form="palette", actor=ACTOR))
    files = entries(export)
    assert len(files) == FRAMES
    first = np.array(Image.open(io.BytesIO(files[min(files)])))
    assert first[0, 0] == 2 and first[40, 0] == 2 and first[0, 60] == 0  # the later one covers
    packed = tmp_path / "again.zip"
    packed.write_bytes(blob_path(export.archive).read_bytes())  # type: ignore[arg-type]
    again = read_mask(mask_add(video=video, path=packed, actor=ACTOR, name="again"))
    assert again.coverage == 0.5


def test_a_trimap_leaves_as_pictures_and_as_lossless_video(masks: list[Mask]) -> None:
    video, chosen = masks[0].video, masks[:1]
    wish: dict[str, Any] = {"reading": "trimap", "radius": 3, "actor": ACTOR}
    pictures = entries(written(export_start(video=video, masks=chosen, form="png", **wish)))
    first = np.array(Image.open(io.BytesIO(pictures[min(pictures)])))
    assert set(np.unique(first)) == {0, 128, 255}
    film = entries(written(export_start(video=video, masks=chosen, form="video", **wish)))
    assert [name.rsplit("/", 1)[1] for name in film] == ["quarter.mkv"]


def test_an_export_is_refused_when_its_masks_changed_and_stops_when_asked(
    masks: list[Mask],
) -> None:
    video = masks[0].video
    export = export_start(video=video, masks=masks, form="coco", actor=ACTOR)
    with pytest.raises(Cancelled):
        export_make(export_id=export.pk, progress=ignore_progress, should_stop=lambda: True)
    assert written(export).archive is not None
    late = export_start(video=video, masks=masks, form="png", actor=ACTOR)
    masks[0].delete()
    with pytest.raises(Conflict, match="changed"):
        written(late)


def test_the_page_combines_and_exports(project: Project, masks: list[Mask], client: Client) -> None:
    client.force_login(factories.member(project, Role.ANNOTATOR))
    where = {"project": project.slug, "pk": masks[0].video_id}
    page = reverse("mask-tracks", kwargs=where)
    assert "quarter" in client.get(page).content.decode()
    posted = {"mask": [masks[0].pk, masks[1].pk], "name": "both", "how": "union", "grow": "1"}
    assert client.post(reverse("mask-combine", kwargs=where), posted).status_code == 302
    job = Job.objects.get(kind="mask_combine")
    assert (job.params["grow"], job.params["masks"]) == (1, [masks[0].pk, masks[1].pk])
    made(job)
    posted = {"mask": [masks[0].pk], "form": "coco"}
    assert client.post(reverse("mask-export", kwargs=where), posted).status_code == 302
    export = written(MaskExport.objects.get())
    file = reverse("mask-export-file", kwargs={"project": project.slug, "pk": export.pk})
    assert file in client.get(page).content.decode()
    answer = client.get(file)
    assert "attachment" in answer["Content-Disposition"]
    assert json.loads(b"".join(answer))["annotations"]


def test_the_api_does_the_same(project: Project, masks: list[Mask], client: Client) -> None:
    client.force_login(factories.member(project, Role.ANNOTATOR))
    where = {"project": project.slug, "pk": masks[0].video_id}

    def post(name: str, body: dict[str, Any]) -> Any:
        return client.post(
            reverse(name, kwargs=where), json.dumps(body), content_type="application/json"
        )

    both = [mask.pk for mask in masks]
    answer = post("api-mask-combinations", {"masks": both, "name": "both", "how": "common"})
    assert answer.status_code == 202 and answer.json()["kind"] == "mask_combine"
    answer = post("api-mask-exports", {"masks": both, "form": "palette"})
    assert answer.status_code == 202 and answer.json()["state"] == "queued"
    written(MaskExport.objects.get())
    listed = client.get(reverse("api-mask-exports", kwargs=where)).json()
    assert listed[0]["state"] == "ready" and listed[0]["masks"] == ["quarter", "half"]
    file = reverse("api-mask-export-file", kwargs=where | {"pk": listed[0]["id"]})
    assert b"".join(client.get(file))[:2] == b"PK"
    assert post("api-mask-exports", {"masks": [99999], "form": "png"}).status_code == 404


def test_a_mask_is_mended_by_hand_and_stays_as_it_was(
    project: Project, masks: list[Mask], client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MASK_DIR, settings.FLOW_DIR = tmp_path / "masks", tmp_path / "flow"
    client.force_login(factories.member(project, Role.ANNOTATOR))
    address = reverse("mask-mend", kwargs={"project": project.slug, "pk": masks[0].pk})
    assert "annotate" in client.post(address)["Location"]
    session = MaskSession.objects.get()
    job = Job.objects.get(kind="mask_open")
    wish: dict[str, Any] = {"progress": ignore_progress, "should_stop": never_stop}
    mending_open(session_id=session.pk, mask_id=job.params["mask"], **wish)
    facts = session_facts(session)["objects"][0]
    assert facts["name"] == "quarter"
    assert facts["frames"] == [[frame, "engine", 1.0] for frame in range(FRAMES)]
    mark = Mark(frame=2, kind="brush", points=[(50, 40)], radius=3)
    interaction_add(session=session, number=1, mark=mark, actor=ACTOR)
    png = Bench(session).mask(1, 2)
    assert png is not None
    mended = png_mask(png)
    assert mended[40, 50] == 1 and mended[10, 10] == 1 and mended[40, 10] == 0
    mending_open(session_id=session.pk, mask_id=job.params["mask"], **wish)
    kept = frames_of(session).one(1, 2)
    assert kept is not None and kept.origin == "hand"


def test_the_command_combines_and_waits(
    project: Project, masks: list[Mask], capsys: pytest.CaptureFixture[str]
) -> None:
    wish = ["--mask", "half", "--mask", "quarter", "--how", "minus", "--name", "both"]
    call_command("combine_masks", "clip", "--project", project.slug, *wish, "--wait", "--json")
    assert json.loads(capsys.readouterr().out)["mask"] == "both"
    assert Mask.objects.get(name="both").coverage == 0.25


def test_the_command_exports_a_trimap(
    project: Project, masks: list[Mask], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    call_command(
        "export_mask", "clip", str(out), project=project.slug, mask=["half"], form="png",
        reading="trimap", radius=2, json=True,
    )  # fmt: skip
    first = np.array(Image.open(out / "half" / "00000.png"))
    assert set(np.unique(first)) == {0, 128, 255}
