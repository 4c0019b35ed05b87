"""Assets: brought in, read once, given a matte, drawn or left out."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from pathlib import Path

import pytest

from datasets_app.domain.progress import ignore_progress, never_stop
from datasets_app.models import Asset
from datasets_app.services.blobs import blob_from_file
from datasets_app.services.keeping.deletion import dependents_of
from datasets_app.services.runs.pool import pool_freeze, pool_open
from datasets_app.services.sources.assets import asset_add, asset_choose, asset_matte
from datasets_app.services.sources.footage import Rights, footage_ingest, footage_retry
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project
from matteweb.errors import BadInput, MatteError
from matteweb.jobs.models import Job
from tests.subjects import figure, pair, rgba_png

pytestmark = pytest.mark.django_db


def read(asset: Asset) -> Asset:
    """Read it as its job would; what is wrong stands on the row afterwards."""
    job = Job.objects.get(kind="ingest_footage", target_id=asset.pk, state="queued")
    with contextlib.suppress(MatteError):
        footage_ingest(
            kind=job.params["kind"],
            pk=asset.pk,
            progress=ignore_progress,
            should_stop=never_stop,
        )
    Job.objects.filter(pk=job.pk).update(state="done")
    return Asset.objects.get(pk=asset.pk)


def test_a_pair_becomes_a_foreground_with_everything_that_recipes_read(
    project: Project, owner: Actor, tmp_path: Path
) -> None:
    colour, alpha = pair(tmp_path, "walk", frames=4)
    rights = Rights(licence="CC0-1.0", attribution="A. Person")
    asset = read(asset_add(project=project, path=colour, alpha=alpha, actor=owner, rights=rights))
    assert (asset.kind, asset.state, asset.frames) == ("foreground_clip", "ready", 4)
    assert asset.layers.get().name == "alpha"
    (subject,) = pool_open(pool_freeze(project)).foregrounds
    assert subject.digest == asset.original_id
    assert (subject.alpha_digest, subject.cutout) == (
        asset.layers.get().master_id,
        asset.cutout_id,
    )
    assert subject.load_small().shape[0] == 4
    assert subject.facts is not None
    assert subject.facts.box.bottom <= 96
    assert pool_freeze(project)["assets"][0]["licence"] == "CC0-1.0"
    assert AuditEntry.objects.filter(action="asset.add", target_id=str(asset.pk)).exists()


def test_a_picture_with_opacity_is_a_foreground_still_and_without_subject_a_background(
    project: Project, owner: Actor, tmp_path: Path
) -> None:
    path = rgba_png(tmp_path / "one.png", figure())
    still = read(asset_add(project=project, path=path, actor=owner))
    behind = read(asset_add(project=project, path=path, background=True, actor=owner))
    assert (still.kind, behind.kind) == ("foreground_still", "still")
    pool = pool_open(pool_freeze(project))
    assert (pool.foregrounds[0].kind, pool.backgrounds[0].kind) == ("still", "still")
    assert pool.foregrounds[0].fps is None


def test_a_clip_as_background_is_drawn_as_one(
    project: Project, owner: Actor, tmp_path: Path
) -> None:
    colour, _ = pair(tmp_path, "walk", frames=4)
    asset = read(asset_add(project=project, path=colour, background=True, actor=owner))
    assert asset.kind == "background_clip"
    (behind,) = pool_open(pool_freeze(project)).backgrounds
    assert (behind.kind, behind.frames, behind.fps) == ("clip", 4, Fraction(25))


def test_a_fault_stands_on_the_asset_and_others_are_drawn_all_the_same(
    project: Project, owner: Actor, tmp_path: Path
) -> None:
    colour, _ = pair(tmp_path, "walk", frames=5)
    _, shorter = pair(tmp_path, "other", frames=4)
    bad = read(asset_add(project=project, path=colour, alpha=shorter, actor=owner))
    good = read(
        asset_add(project=project, path=rgba_png(tmp_path / "a.png", figure()), actor=owner)
    )
    assert bad.state == "failed"
    assert "5 frames but its matte other_pha.mkv has 4" in bad.error
    assert [one.id for one in pool_open(pool_freeze(project)).foregrounds] == [good.pk]


def test_a_foreground_without_a_matte_is_mended_by_giving_it_one(
    project: Project, owner: Actor, tmp_path: Path
) -> None:
    colour, alpha = pair(tmp_path, "walk", frames=3)
    asset = read(asset_add(project=project, path=colour, actor=owner))
    assert asset.state == "failed"
    assert "no opacity channel" in asset.error
    blob = blob_from_file(alpha, move=False)
    asset_matte(asset=asset, alpha=blob, filename=alpha.name, actor=owner)
    assert read(asset).state == "ready"
    with pytest.raises(BadInput, match="is a background"):
        asset_matte(
            asset=read(asset_add(project=project, path=colour, background=True, actor=owner)),
            alpha=blob,
            filename=alpha.name,
            actor=owner,
        )


def test_a_failed_asset_is_read_once_more_as_an_asset(
    project: Project, owner: Actor, tmp_path: Path
) -> None:
    colour, _ = pair(tmp_path, "walk", frames=3)
    asset = read(asset_add(project=project, path=colour, actor=owner))
    footage_retry(footage=asset, actor=owner)
    assert read(asset).state == "failed"


def test_what_is_left_out_is_not_drawn_and_a_side_goes_with_the_pool(
    project: Project, owner: Actor, tmp_path: Path
) -> None:
    assets = [
        read(asset_add(project=project, path=rgba_png(tmp_path / name, figure()), actor=owner))
        for name in ("a.png", "b.png")
    ]
    asset_choose(asset=assets[0], actor=owner, excluded="two people in the picture")
    asset_choose(asset=assets[1], actor=owner, split="test")
    (subject,) = pool_open(pool_freeze(project)).foregrounds
    assert (subject.id, subject.split) == (assets[1].pk, "test")
    with pytest.raises(BadInput, match="no side"):
        asset_choose(asset=assets[1], actor=owner, split="validation")
    assert dependents_of(assets[1]) == []
