"""A mask's name in a tree leads back to its clip, and to nothing else there."""

from __future__ import annotations

import pytest

from datasets_app.domain.pairing import match_name
from datasets_app.domain.trees.mask_names import MaskNames
from matteweb.errors import BadInput

CLIPS = ["walk", "walk_person", "kite-walk", "Zoo"]


def test_a_name_that_leads_to_the_clip_stays_as_it_is() -> None:
    names = MaskNames(CLIPS)
    for clip, mask in (("walk", "walk"), ("walk", "walk_left"), ("Zoo", "zoo_mask")):
        assert names.name(clip, mask) == mask


def test_masks_called_alike_get_names_that_lead_to_their_clips() -> None:
    names = MaskNames(CLIPS, CLIPS)
    for mask in ("person", "person", "walk", "a/b", ".."):
        for clip in CLIPS:
            given = names.name(clip, mask)
            assert match_name(given, CLIPS) == clip
            assert given not in CLIPS and "/" not in given
            with_it = MaskNames(CLIPS, [given])
            assert with_it.name(clip, given) != given


def test_clips_that_no_name_tells_apart_are_refused() -> None:
    with pytest.raises(BadInput, match="rename the clip"):
        MaskNames(["walk", "WALK"]).name("WALK", "person")
