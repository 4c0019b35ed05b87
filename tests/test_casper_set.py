"""A whole Casper set: rendered, pasted and imported samples, reviewed, frozen, read as trained."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from datasets_app.domain.bundles.verify import verify_export
from datasets_app.domain.scenes.renderer import renderer
from datasets_app.models import Sample
from datasets_app.services.desk.review import samples_accept
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.bundle_outlook import bundle_outlook
from datasets_app.services.freezing.export import bundle_export_folder
from datasets_app.services.lanes import LANE_KIND
from datasets_app.services.runs.synthesis import PLAN_KIND, run_create
from datasets_app.services.sources.footage import Rights
from datasets_app.services.trees.imports import folder_import
from matteweb.jobs.waiting import wait_for_target
from tests.casper_loader import Item, batches, load
from tests.layout_cases.train_casper import tree
from tests.rendered import Rendered, frozen, rendered_project

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(renderer().missing()), reason=renderer().missing()),
]

SCENE = {"side": 64, "frames": 17, "samples": 1, "low_light": 0, "objects_max": 2}
SHARES = {
    "omnimatte+tripod": Fraction(50),
    "kubric": Fraction(48),
    "object-paste": Fraction(2),
}


def complete_set(folder: Path) -> Rendered:
    """Return a project with accepted samples of all three categories: pasted by us, rendered by
    Blender, and imported in both forms of a tuple."""
    made = rendered_project(folder, count=1)
    run = run_create(
        project=made.project,
        recipe_slug="effect_removal",
        params=dict(SCENE),
        count=1,
        root_seed=3,
        actor=made.actor,
    )
    wait_for_target(PLAN_KIND, run.pk)
    wait_for_target(LANE_KIND, run.pk)
    rights = Rights(licence="CC0-1.0", attribution="Painted")
    trees = tree(folder / "trees")
    folder_import(project=made.project, folder=trees, actor=made.actor, rights=rights)
    waiting = Sample.objects.filter(project=made.project, review="pending")
    assert not [sample.error for sample in waiting if sample.state != "ready"]
    samples_accept(samples=tuple(waiting), actor=made.actor)
    return made


def test_every_item_of_a_mixed_set_loads_in_the_shares_that_were_asked_for(
    tmp_path: Path,
) -> None:
    made = complete_set(tmp_path)
    choice = BundleChoice(shares=SHARES)
    outlook = bundle_outlook(project=made.project, choice=choice)
    assert not outlook.blocked
    export = tmp_path / "export"
    bundle_export_folder(bundle=frozen(made, "set", choice), folder=export, root=str(export))
    assert verify_export(export, decode=True).ok
    items = load(export / "casper.json")
    shares = Counter(item.folder.parent.name for item in items)
    assert len(items) == outlook.total
    for category, share in SHARES.items():
        assert abs(100 * shares[category] / len(items) - share) <= 2, shares
    assert {item.folder for item in items} == {
        path.parent for path in export.glob("*/*/rgb_full.mp4")
    }
    for item in {item.folder: item for item in items}.values():
        check_item(item)
    assert sum(batches(items, 2).values()) >= len(items) // 2 - len(shares)


def check_item(item: Item) -> None:
    """What the trainer learns from an item: something goes, and only there it is told to."""
    assert set(np.unique(item.mask)) <= {0, np.float64(127 / 255), 1}
    gone = item.mask[..., 0] == 1
    assert gone.any()
    changes = np.abs(item.full - item.removed).max(axis=-1)
    assert changes[gone].mean() > changes[~gone].mean()
    assert item.full.shape[1] % 2 == item.full.shape[2] % 2 == 0
    assert item.text[0].isalpha()
