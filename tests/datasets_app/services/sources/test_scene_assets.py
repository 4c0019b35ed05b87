"""3D models and pictures of light as assets: read, refused, drawn with their rights, shown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from datasets_app.domain.recipes.effect_removal import EffectRemoval
from datasets_app.domain.scenes import renderer as renderer_module
from datasets_app.domain.scenes.renderer import RendererPlace, renderer, use_renderer
from datasets_app.domain.synthesis.planner import plan_sample
from datasets_app.domain.upload_purpose import read_wish
from datasets_app.models import Asset, Blob
from datasets_app.services.blobs import blob_path
from datasets_app.services.receiving.uploads import upload_start
from datasets_app.services.runs.pool import pool_freeze, pool_open, source_paths, sources_of_plan
from datasets_app.services.sources.assets import asset_add
from datasets_app.services.sources.footage import Rights
from datasets_app.services.trees.imports import folder_import
from datasets_app.templatetags.mw_time import stream_url
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, Unsupported
from tests.datasets_app.domain.assets.test_scene_files import EXR, EXR_SIZE
from tests.datasets_app.services.sources.test_assets import read
from tests.layout_cases.kubric_assets import tree
from tests.scene_files import glb, hdr

pytestmark = pytest.mark.django_db
FREE = Rights(licence="CC-BY-4.0", attribution="A. Modeller")
HERE = renderer()


@pytest.fixture(autouse=True)
def without_a_renderer(tmp_path: Path) -> Iterator[None]:
    """Models and lights come in wherever one is installed; only their pictures need it."""
    use_renderer(RendererPlace(tmp_path / "bin/python", ""))
    yield
    use_renderer(HERE)


def brought(project: Project, owner: Actor, folder: Path, name: str, data: bytes) -> Asset:
    (folder / name).write_bytes(data)
    return read(asset_add(project=project, path=folder / name, actor=owner, rights=FREE))


def test_a_model_and_a_light_are_drawn_with_their_rights(
    project: Project, owner: Actor, tmp_path: Path
) -> None:
    chair = brought(project, owner, tmp_path, "chair.glb", glb())
    noon = brought(project, owner, tmp_path, "noon.hdr", hdr())
    assert [(one.kind, one.state) for one in (chair, noon)] == [
        ("model", "ready"),
        ("light", "ready"),
    ]
    assert chair.facts["vertices"] == 12
    frozen = pool_freeze(project)
    pool = pool_open(frozen)
    assert [one.name for one in (*pool.models, *pool.lights)] == ["chair", "noon"]
    assert not pool.as_foregrounds()
    assert not pool.as_backgrounds()
    recipe = EffectRemoval()
    plan = plan_sample(recipe, recipe.params(models=1, lights=1), pool, root_seed=1, index=0).plan
    sources = sources_of_plan(frozen, plan)
    assert {(one["role"], one["licence"], one["attribution"]) for one in sources} == {
        ("model", "CC-BY-4.0", "A. Modeller"),
        ("light", "CC-BY-4.0", "A. Modeller"),
    }
    assert set(source_paths(plan.inputs)) == {chair.original_id, noon.original_id}


def test_a_broken_model_stands_on_its_row_and_is_not_drawn(
    project: Project, owner: Actor, tmp_path: Path
) -> None:
    broken = brought(project, owner, tmp_path, "chair.glb", glb()[:-9])
    assert broken.state == "failed"
    assert "chair.glb is broken" in broken.error
    assert broken.hint
    assert pool_open(pool_freeze(project)).models == ()


def test_a_light_of_4_gigabytes_is_refused_before_it_is_copied_or_sent(
    project: Project, owner: Actor, tmp_path: Path
) -> None:
    path = tmp_path / "studio.hdr"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 4 * 10**9)
    with pytest.raises(BadInput, match=r"has 4\.0 GB"):
        asset_add(project=project, path=path, actor=owner)
    wish = read_wish({"filename": "studio.hdr", "filetype": "", "kind": "scene"})
    with pytest.raises(BadInput, match=r"has 4\.0 GB"):
        upload_start(project=project, wish=wish, size=4 * 10**9, actor=owner)
    assert not Asset.objects.exists()


def test_a_tree_of_kubric_comes_in_with_the_licence_of_each(
    project: Project, owner: Actor, tmp_path: Path
) -> None:
    report = folder_import(
        project=project, folder=tree(tmp_path / "GSO"), actor=owner, rights=Rights()
    )
    assert report.added["assets"] == 3
    for asset in Asset.objects.filter(project=project):
        read(asset)
    found = Asset.objects.order_by("name").values_list("name", "kind", "state", "licence")
    assert list(found) == [
        ("Chair_01", "model", "ready", "CC-BY 4.0"),
        ("cube", "model", "ready", "CC-BY 4.0"),
        ("sunny_park", "light", "ready", "CC-BY 4.0"),
    ]


def test_only_scenes_take_what_is_theirs() -> None:
    assert read_wish({"filename": "a.glb", "filetype": "model/gltf-binary", "kind": "scene"})
    for name, kind in (("a.png", "scene"), ("a.glb", "foreground")):
        with pytest.raises(Unsupported, match="its ending is not known there"):
            read_wish({"filename": name, "filetype": "", "kind": kind})


def test_its_pages_show_a_model_without_frames(
    project: Project, owner: Actor, client: Client, tmp_path: Path
) -> None:
    asset = brought(project, owner, tmp_path, "chair.glb", glb())
    assert owner.user is not None
    client.force_login(owner.user)
    listed = client.get(f"/p/{project.slug}/assets/")
    page = client.get(f"/p/{project.slug}/assets/{asset.pk}/")
    assert (listed.status_code, page.status_code) == (200, 200)
    assert "3D model" in listed.content.decode()
    assert "glTF 2.0" in page.content.decode()
    assert "For rendered scenes" in page.content.decode()
    assert "its picture needs the renderer" in listed.content.decode()
    assert "<progress" not in page.content.decode()
    assert "mw-player" not in page.content.decode().split("</main>")[0].split("<script")[0]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("#!/bin/sh\nkill -SEGV $$\n", "the renderer ended early (SIGSEGV)"),
        ("#!/bin/sh\nexec sleep 60\n", "the renderer said nothing"),
        ("#!/bin/sh\necho out of memory\nexit 1\n", "the renderer ran out of memory"),
    ],
)
def test_a_model_whose_picture_fails_is_drawn_and_its_picture_made_once_more(
    project: Project, owner: Actor, client: Client, tmp_path: Path, words: str, why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(renderer_module, "STALL_SECONDS", 0.2)
    blender = tmp_path / "blender"
    blender.write_text(words)
    blender.chmod(0o755)
    use_renderer(RendererPlace(tmp_path / "bin/python", str(blender)))
    chair = brought(project, owner, tmp_path, "chair.glb", glb())
    assert (chair.state, chair.error, chair.poster_id) == ("ready", "", None)
    (told,) = chair.findings
    assert told["message"].startswith(f"no picture of it could be made: {why}")
    assert [one.name for one in pool_open(pool_freeze(project)).models] == ["chair"]
    assert owner.user is not None
    client.force_login(owner.user)
    page = client.get(f"/p/{project.slug}/assets/{chair.pk}/").content.decode()
    assert why in page
    assert "Make its picture" in page
    use_renderer(RendererPlace(tmp_path / "bin/python", ""))
    client.post(f"/p/{project.slug}/library/asset/{chair.pk}/decide", {"code": "retry"})
    again = read(Asset.objects.get(pk=chair.pk))
    assert (again.state, again.findings) == ("ready", [])


@pytest.mark.skipif(bool(HERE.missing()), reason=HERE.missing())
def test_the_renderer_pictures_what_comes_in_and_names_what_it_cannot_read(
    project: Project, owner: Actor, client: Client, tmp_path: Path
) -> None:
    """A red model on a grey ground; a sky that is green above and blue below; a header alone."""
    use_renderer(HERE)
    chair = brought(project, owner, tmp_path, "chair.glb", glb())
    noon = brought(project, owner, tmp_path, "noon.hdr", hdr(1024, 512))
    broken = brought(project, owner, tmp_path, "broken.exr", EXR + EXR_SIZE + bytes(200))
    seen, sky = pictured(chair), pictured(noon)
    height, width = seen.shape[:2]
    middle = seen[height * 2 // 5 : height * 3 // 5, width * 2 // 5 : width * 3 // 5].mean((0, 1))
    corner = seen[-20:, :20].mean((0, 1))
    assert middle[0] > 2 * middle[2]
    assert np.ptp(corner) < 40
    assert sky.shape == (256, 512, 3)
    above, below = sky[:120].mean((0, 1)), sky[136:].mean((0, 1))
    assert (above.argmax(), below.argmax()) == (1, 2)
    assert (broken.state, broken.poster_id) == ("failed", None)
    assert "broken.exr cannot be read as a picture of light" in broken.error
    assert owner.user is not None
    client.force_login(owner.user)
    listed = client.get(f"/p/{project.slug}/assets/").content.decode()
    assert f'<img src="{stream_url("asset", project, chair, "poster")}"' in listed


def pictured(asset: Asset) -> np.ndarray:
    """Return the picture on the card."""
    assert (asset.state, asset.error) == ("ready", "")
    stored = blob_path(Blob.objects.get(pk=asset.poster_id)).read_bytes()
    return np.asarray(Image.open(BytesIO(stored)).convert("RGB")).astype(float)
