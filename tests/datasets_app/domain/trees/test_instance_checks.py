"""What a check of instances looks at before it decodes a frame."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets_app.domain.layouts import LAYOUTS
from datasets_app.domain.media.clip_facts import Limits
from datasets_app.domain.trees.instance_checks import instance_findings
from matteweb.errors import Cancelled
from tests.layout_cases import CASES


def test_looking_at_the_headers_of_alphas_can_be_stopped(tmp_path: Path) -> None:
    tree = CASES["maggie_image_val"].tree(tmp_path / "tree")
    one = LAYOUTS["maggie_image_val"].read(tree).tuples[0]
    for alpha in one.instances:
        assert isinstance(alpha, Path)
        alpha.write_text("no picture")
    with pytest.raises(Cancelled):
        list(instance_findings(one, tree, Limits(), lambda: True))
