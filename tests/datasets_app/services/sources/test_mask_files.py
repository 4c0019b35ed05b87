"""Masks go out in every form and come in again the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from datasets_app.domain.media.picture_file import read_picture_gray
from datasets_app.domain.media.reader import read_gray
from datasets_app.models import Mask, Video
from datasets_app.services.blobs import blob_path
from datasets_app.services.sources.mask_files import (
    MaskForm,
    masks_export,
    masks_of_objects,
)
from datasets_app.services.sources.masks import mask_add
from datasets_app.services.trees.imports import folder_import
from matteweb.errors import BadInput, Conflict
from tests import factories
from tests.footage import read, read_mask
from tests.layout_cases import davis

pytestmark = pytest.mark.django_db
ACTOR = factories.actor()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.WORK_DIR = tmp_path / "work"


@pytest.fixture
def video(tmp_path: Path) -> Video:
    """A video whose mask numbers two objects."""
    folder = davis.tree(tmp_path / "tree")
    folder_import(project=factories.project(), folder=folder, actor=ACTOR, fps="24")
    found = read(Video.objects.get(name="bear"))
    read_mask(Mask.objects.get(video=found))
    return found


def frames(mask: Mask) -> np.ndarray[Any, Any]:
    assert mask.master is not None
    return np.stack(list(read_gray(blob_path(mask.master))))


def test_masks_come_back_from_json_with_every_pixel(video: Video, tmp_path: Path) -> None:
    (whole,) = masks_of_objects(video)
    assert whole.kind == "index"
    path = tmp_path / "again.json"
    masks_export(video=video, masks=[whole], form="coco", target=path)
    again = read_mask(mask_add(video=video, path=path, actor=ACTOR))
    assert again.kind == "index"
    assert (frames(again) == frames(whole)).all()


def test_every_form_holds_every_frame(video: Video, tmp_path: Path) -> None:
    (whole,) = masks_of_objects(video)
    counts = {}
    for form in get_args(MaskForm):
        target = tmp_path / form
        counts[form] = masks_export(video=video, masks=[whole], form=form, target=target)
    assert counts == {"png": 6, "palette": 6, "coco": 1, "video": 1}
    first = tmp_path / "palette/00000.png"
    assert (read_picture_gray(first, "x", 4096, "number") == frames(whole)[0]).all()
    kept = np.stack(list(read_gray(tmp_path / "video/objects.mkv")))
    assert (kept == frames(whole)).all()


def test_a_file_for_another_length_is_refused_in_words(video: Video, tmp_path: Path) -> None:
    (whole,) = masks_of_objects(video)
    path = tmp_path / "sav.json"
    masks_export(video=video, masks=[whole], form="coco", target=path)
    Video.objects.filter(pk=video.pk).update(frames=24)
    video.refresh_from_db()
    with pytest.raises(BadInput, match="has 6 frames; video bear has 24"):
        mask_add(video=video, path=path, actor=ACTOR)


def test_nothing_is_overwritten_and_nothing_empty_is_written(video: Video, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no mask to export"):
        masks_export(video=video, masks=[], form="png", target=tmp_path / "x")
    (tmp_path / "there").mkdir()
    with pytest.raises(Conflict, match="there already"):
        masks_export(
            video=video, masks=masks_of_objects(video), form="png", target=tmp_path / "there"
        )
