"""Faults of the tools that matting data was first made with, and what keeps each out.

Each test carries the wrong way as a few lines and shows that what the program is held to fails on
it. Where one lies beside what it is about, it is named here.

| the fault | kept out by |
|---|---|
| people: two to four where two to five are promised | `him_image: five_people` |
| people: who finds no place is dropped, down to one | `him_image: nobody_is_left_out` |
| people: their old background comes along at the rim | `him_image: no_rim`, `compositor` |
| people: the 30 % rule counts pairs, so two thirds may be hidden | `him_image: pairwise`, `pairs` |
| people: enlarged without limit, floating | `him_image: heights`, `on_the_ground` |
| people: the last place is never used, an exact fit is refused | `him_image: last_place` |
| a gray background turns everybody gray | `him_image: gray_background`, `mixing` |
| a background with opacity ends the run, one that was turned is not turned back | here |
| what is stored was compressed twice and adds up to nothing | here |
| alphas are cut off instead of rounded | `him_image: truncated` |
| a root called like a part of the tree sends every matte elsewhere | here |
| the order of a listing decides who is drawn | `him_image: order_of_files` |
| a sample's number is its seed: there is no second batch | `him_image: second_batch` |
| clips: levels write over each other's samples | `him_video: one_folder_lost` |
| clips: levels with the same numbers draw the same people | `him_video: same_seed` |
| clips: one noisy pixel makes the box the whole frame | `subject_box` |
| clips: the box of RGBA files is that of their brightness | `subject_streams: opacity` |
| clips: frames are paired by place, so that one missing shifts all others | here |
| clips: medium ends at 30 % where 50 % are promised | `him_video: medium` |
| clips: the last window is never used, a short background freezes | `him_video: window`, `froze` |
| clips: an overlap in one frame is not looked for | `him_video: one_frame_alone` |
| masks: one serves two people | `guidance: never_serves_two` |
| masks: drawn anew in every frame, they flicker | `guidance: who_rests` |
| masks: names are cut at their first dot | here |
| a bad asset ends the run | `assets: a_fault_stands_on_the_asset` |
| what is thrown away is rendered first | `planner: opens_no_video` |
| a kill leaves half files that look finished | `frame_journal: after_a_kill`, `every_recipe` |
| a piece fails, and its clip is complete all the same | `failed_samples` |
| whatever ends is begun again, fifty times | `sweeper: deaths_without_progress` |
| chance is neither seeded nor written down | `composite: same_seed` |
| foreground and background are lost | `composite: stay_clean` |
| blur is strongest at the focus and nothing before it | `lens: band_of_levels` |
| every frame stretches its own depth | `depth_track: whoever_comes_in` |
| clips under twenty frames have no depth | `depth_track: under_twenty_frames` |
| the container's count is believed | `depth_track: shorter_than_its_container` |
| a blur that picks from blurred copies leaks | `lens_blur: leaks` |
| a blur cuts off fractions | `lens_blur: cuts_off_fractions` |
| mixtures are cut off | `mixing: rounded` |
| an alpha is encoded as colour | here |
| backgrounds are squeezed | `camera: circle_stays_a_circle` |
| blur in pixels whatever the frame | `defocus: grows_with_the_frame` |
| neighbouring frames are split between training and validation | here |
| a screen is a box of colours: hard edges, holes | `keying: soft_edge`, `dark_grey_shirt` |
| a key is kept as JPEG | here |
| a key is looked for one frame behind the last | `green_screen: matte_for_every_frame` |
| a person is cut out by yes and no | here |
| a margin scales the coordinates, not the box | `cutting: share_of_the_box` |
| only the first box of a frame is cut | `cutting: every_box` |
| whatever is not called bottle is a defect | `cutting: label` |
| scenes are sorted by their last digit | here |
| a step is limited upwards alone | `smooth_path: either_direction` |
| a path through points overshoots them | `smooth_path: never_beyond` |
| an object covers another by its number | `moving_objects: nearer_object` |
"""

from __future__ import annotations

import ast
import shutil
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from datasets_app.domain.bundles.splits import SplitItem, draw_splits, leaks
from datasets_app.domain.layouts import LAYOUTS
from datasets_app.domain.media.frames import FrameSize, GrayFrame, frame_size
from datasets_app.domain.media.picture_file import read_picture_rgb
from datasets_app.domain.media.picture_sequence import PictureSequence
from datasets_app.domain.media.reader import read_gray
from datasets_app.domain.media.writer import (
    GrayDeliveryWriter,
    GrayMasterWriter,
    RgbDeliveryWriter,
)
from datasets_app.domain.synthesis.compositing.mixing import mix
from datasets_app.domain.synthesis.compositing.recomposition import over
from datasets_app.domain.trees.entries import Pictures
from datasets_app.domain.trees.subject_trees import matte_of
from tests.layout_cases import CASES
from tests.layout_cases.instances import scene
from tests.scenes import texture

TESTS = Path(__file__).parents[2]
SIZE = FrameSize(64, 48)
_RECIPES = "datasets_app/domain/recipes/test_"
_SYNTHESIS = "datasets_app/domain/synthesis/"
ELSEWHERE: dict[str, tuple[str, ...]] = {
    f"{_RECIPES}him_image_against_its_tool.py": (
        "test_five_people_are_reached_where_the_published_draw_stops_at_four",
        "test_nobody_is_left_out_where_the_published_tool_drops_who_finds_no_place",
        "test_no_rim_of_the_old_backdrop_comes_along",
        "test_the_pairwise_rule_lets_three_newcomers_hide_far_more_than_its_limit",
        "test_the_published_preset_measures_pairs_and_ours_measures_people",
        "test_heights_use_their_whole_range_and_nobody_is_enlarged_unless_asked",
        "test_people_on_the_ground_stand_at_the_bottom_where_published_ones_float",
        "test_the_published_draw_never_uses_the_last_place_and_fails_where_a_person_just_fits",
        "test_a_gray_background_keeps_peoples_colours",
        "test_truncated_alphas_lose_half_a_level_and_ours_do_not",
        "test_the_order_of_files_changes_no_sample",
        "test_a_second_batch_has_other_samples_where_numbers_as_seeds_repeat_the_first",
    ),
    f"{_RECIPES}him_video.py": (
        "test_levels_are_samples_of_their_own_where_one_folder_lost_what_was_accepted",
        "test_levels_with_the_same_seed_and_numbers_draw_other_people_and_backgrounds",
        "test_medium_reaches_half_where_the_published_bound_is_30_percent",
        "test_every_window_of_a_clip_is_used_the_last_one_too",
        "test_a_background_that_is_too_short_is_not_drawn_where_it_once_froze",
        "test_an_overlap_in_one_frame_alone_is_seen_where_a_few_looks_miss_it",
    ),
    f"{_RECIPES}defocus.py": ("test_blur_grows_with_the_frame",),
    f"{_RECIPES}composite.py": (
        "test_foreground_and_background_stay_clean",
        "test_the_same_seed_makes_the_same_where_unseeded_chance_does_not",
    ),
    f"{_RECIPES}green_screen.py": (
        "test_there_is_one_soft_matte_for_every_frame_and_the_source_is_untouched",
    ),
    f"{_RECIPES}moving_objects.py": (
        "test_the_nearer_object_covers_the_farther_whatever_its_number",
    ),
    f"{_RECIPES}every_recipe.py": (
        "test_killed_in_the_middle_and_begun_again_it_leaves_the_same_files",
    ),
    f"{_SYNTHESIS}test_planner.py": ("test_planning_a_sample_opens_no_video",),
    f"{_SYNTHESIS}test_frame_journal.py": (
        "test_what_is_there_after_a_kill_is_whole_where_files_at_their_place_look_finished",
    ),
    f"{_SYNTHESIS}crowd/test_guidance.py": (
        "test_one_mask_never_serves_two_people",
        "test_the_mask_of_who_rests_rests_where_a_draw_per_frame_flickers",
    ),
    f"{_SYNTHESIS}compositing/test_compositor.py": (
        "test_a_soft_edge_does_not_carry_the_old_background_along",
    ),
    f"{_SYNTHESIS}compositing/test_mixing.py": (
        "test_a_grey_background_leaves_the_colours_of_the_subject",
        "test_a_mixture_is_rounded_and_cutting_it_off_darkens",
    ),
    f"{_SYNTHESIS}optics/test_lens.py": (
        "test_a_band_of_levels_blurs_the_subject_most_and_is_told_from_a_lens",
    ),
    f"{_SYNTHESIS}optics/test_depth_track.py": (
        "test_what_does_not_move_keeps_its_depth_whoever_comes_in",
        "test_a_clip_under_twenty_frames_has_a_scale",
        "test_a_track_that_is_shorter_than_its_container_says_is_named",
    ),
    f"{_SYNTHESIS}optics/test_lens_blur.py": (
        "test_picking_from_blurred_copies_of_the_whole_picture_leaks_and_is_seen",
        "test_a_blur_that_cuts_off_fractions_darkens_and_is_seen",
    ),
    f"{_SYNTHESIS}geometry/test_camera.py": (
        "test_a_circle_stays_a_circle_and_plain_resizing_squeezes_it",
    ),
    f"{_SYNTHESIS}geometry/test_smooth_path.py": (
        "test_no_step_is_larger_than_the_limit_in_either_direction",
        "test_a_path_goes_through_its_points_and_never_beyond_them",
    ),
    f"{_SYNTHESIS}chroma/test_keying.py": (
        "test_a_soft_edge_stays_soft_and_a_box_of_colours_makes_it_hard",
        "test_a_dark_grey_shirt_has_no_holes_and_a_box_of_colours_makes_some",
    ),
    "datasets_app/domain/assets/test_subject_box.py": (
        "test_one_noisy_pixel_in_a_corner_does_not_make_the_box_the_frame",
    ),
    "datasets_app/domain/assets/test_subject_streams.py": (
        "test_opacity_inside_the_colour_file_is_the_matte",
    ),
    "datasets_app/domain/annotation/test_cutting_against_its_tool.py": (
        "test_a_margin_is_a_share_of_the_box_where_scaled_coordinates_cut_by_place",
        "test_every_box_of_a_frame_is_cut_where_a_table_by_frame_keeps_one",
        "test_a_label_is_what_somebody_says_it_is_and_not_a_defect_by_default",
    ),
    "datasets_app/services/sources/test_assets.py": (
        "test_a_fault_stands_on_the_asset_and_others_are_drawn_all_the_same",
    ),
    "datasets_app/services/runs/test_failed_samples.py": (
        "test_a_sample_that_cannot_be_made_says_why_where_lost_pieces_once_were_complete",
    ),
    "matteweb/jobs/test_sweeper.py": ("test_deaths_without_progress_fail_the_job_in_plain_words",),
}


@pytest.mark.parametrize("path", ELSEWHERE)
def test_what_is_kept_out_elsewhere_has_a_test_that_is_there(path: str) -> None:
    tree = ast.parse((TESTS / path).read_text())
    there = {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}
    assert set(ELSEWHERE[path]) <= there


def soft_disc(across: float = 0.5) -> GrayFrame:
    """Return an alpha with every value between."""
    down, right = np.mgrid[: SIZE.height, : SIZE.width]
    away = np.hypot(right - across * SIZE.width, down - SIZE.height / 2)
    disc: GrayFrame = np.clip(255 * (18 - away) / 8, 0, 255).astype(np.uint8)
    return disc


def test_a_background_with_opacity_or_a_turn_is_a_picture_like_any_other(tmp_path: Path) -> None:
    turned, clear = tmp_path / "turned.jpg", tmp_path / "clear.png"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(texture(SIZE, 1)).save(turned, exif=exif)
    Image.fromarray(np.dstack([texture(SIZE, 2), soft_disc()])).save(clear)
    assert frame_size(read_picture_rgb(turned, turned.name, 4096)) == FrameSize(48, 64)
    assert read_picture_rgb(clear, clear.name, 4096).shape == (48, 64, 3)
    assert Image.open(turned).size == (64, 48), "the tool takes the pixels as they lie"
    with pytest.raises(OSError, match="RGBA"):  # and ends on a background with opacity
        Image.open(clear).save(tmp_path / "out.jpg")


def test_what_is_compressed_twice_adds_up_to_nothing() -> None:
    subject, behind, alpha = texture(SIZE, 3), texture(SIZE, 4), soft_disc()
    layers = {"fgr": subject, "bgr": behind, "alpha": alpha}
    layers["rgb_full"] = mix(subject, behind, alpha, "stored")
    holds = over("bgr")
    assert holds.deviation(layers) <= 1

    def compressed(frame: np.ndarray) -> np.ndarray:
        data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 75])[1]
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))

    as_published = {
        name: compressed(frame) if frame.ndim == 3 else frame for name, frame in layers.items()
    }
    assert holds.deviation(as_published) > 8


def test_a_root_that_is_called_like_a_part_of_its_tree_keeps_its_mattes(tmp_path: Path) -> None:
    root = tmp_path / "fgr" / "set"
    for part in ("fgr", "pha"):
        (root / "train" / part / "vm_1").mkdir(parents=True)
        (root / "train" / part / "vm_1" / "0.png").touch()
    colour = root / "train/fgr/vm_1"
    assert matte_of(colour, root) == root / "train/pha/vm_1"
    by_substitution = Path(str(colour).replace("fgr", "pha"))
    assert not by_substitution.exists()


def test_a_missing_matte_costs_its_frame_and_shifts_no_other(tmp_path: Path) -> None:
    tree = CASES["crgnn"].tree(tmp_path / "tree")
    mattes = sorted((tree / "alpha/walk").iterdir())
    mattes[1].unlink()
    pictures, left = (sorted((tree / part / "walk").iterdir()) for part in ("image", "alpha"))

    def belong_together(pairs: list[tuple[Path, Path]]) -> None:
        assert len(pairs) == len(left)
        assert all(picture.name == matte.name for picture, matte in pairs)

    walk = next(one for one in LAYOUTS["crgnn"].read(tree).assets if one.name == "walk")
    assert isinstance(walk.colour, Pictures)
    assert isinstance(walk.alpha, Pictures)
    belong_together(list(zip(walk.colour.files, walk.alpha.files, strict=True)))
    with pytest.raises(AssertionError):  # by place
        belong_together(list(zip(pictures, left, strict=False)))


def test_names_with_dots_stay_apart(tmp_path: Path) -> None:
    tree = CASES["hhm"].tree(tmp_path / "tree")
    names = ("a.1", "a.2")
    for name in names:
        shutil.copyfile(tree / "images/ann.jpg", tree / f"images/{name}.jpg")
        shutil.copyfile(tree / "alphas/ann.png", tree / f"alphas/{name}.png")
    found = {one.name: one.alpha for one in LAYOUTS["hhm"].read(tree).assets}

    def are_apart(places: list[object]) -> None:
        assert len({*places}) == len(names)

    for name in names:
        assert found[f"{name}.jpg"] == tree / f"alphas/{name}.png"
    are_apart([found[f"{name}.jpg"] for name in names])
    with pytest.raises(AssertionError):  # the tool writes one over the other
        are_apart([name.split(".")[0] for name in names])


def test_an_alpha_keeps_every_value_where_an_encoder_of_colour_changes_them(
    tmp_path: Path,
) -> None:
    alpha, ours, theirs = soft_disc(), tmp_path / "gray.mp4", tmp_path / "colour.mp4"
    with GrayDeliveryWriter(ours, SIZE, Fraction(25)) as gray:
        gray.write(alpha)
    with RgbDeliveryWriter(theirs, SIZE, Fraction(25)) as colour:
        colour.write(np.repeat(alpha[..., None], 3, axis=2))

    def keeps_every_value(path: Path) -> None:
        assert np.array_equal(next(read_gray(path)), alpha)

    keeps_every_value(ours)
    with pytest.raises(AssertionError):
        keeps_every_value(theirs)


def test_frames_of_one_clip_are_on_one_side_where_a_shuffle_of_frames_parts_them() -> None:
    clips = [f"clip-{number}" for number in range(10)]
    items = [
        SplitItem(f"{clip}/{frame}", frozenset({clip})) for clip in clips for frame in range(9)
    ]
    shares = {"train": 80, "validation": 20}
    ours = draw_splits(items, shares, seed=42)
    assert leaks(items, ours.split_of) == []
    order = np.random.RandomState(42).permutation(len(items))
    cut = len(items) * 8 // 10
    by_frame = {
        items[place].key: "train" if rank < cut else "validation"
        for rank, place in enumerate(order)
    }
    assert len(leaks(items, by_frame)) > 0


def test_a_key_is_stored_without_loss_where_jpeg_invents_values(tmp_path: Path) -> None:
    hard = np.where(soft_disc() > 127, 255, 0).astype(np.uint8)
    with GrayMasterWriter(tmp_path / "key.mkv", SIZE, Fraction(25)) as out:
        out.write(hard)

    def says_yes_or_no(key: np.ndarray) -> None:
        assert set(np.unique(key)) == {0, 255}

    says_yes_or_no(next(read_gray(tmp_path / "key.mkv")))
    with pytest.raises(AssertionError):
        says_yes_or_no(
            np.asarray(cv2.imdecode(cv2.imencode(".jpg", hard)[1], cv2.IMREAD_GRAYSCALE))
        )


def test_a_soft_edge_is_mixed_where_a_cut_by_yes_and_no_has_stairs() -> None:
    white, black = (np.full((48, 64, 3), value, np.uint8) for value in (255, 0))
    alpha = soft_disc()

    def is_as_soft_as_its_alpha(mixed: np.ndarray) -> None:
        assert np.array_equal(mixed[..., 0], alpha)

    is_as_soft_as_its_alpha(mix(white, black, alpha, "stored"))
    with pytest.raises(AssertionError):
        is_as_soft_as_its_alpha(np.where((alpha > 0)[..., None], white, black))


def test_numbers_are_sorted_as_people_count_and_not_by_their_last_digit(tmp_path: Path) -> None:
    for number in (1, 2, 10, 11, 20):
        Image.fromarray(scene(number % 5).picture).save(tmp_path / f"f{number}.png")

    def is_as_people_count(names: list[str]) -> None:
        assert names == ["f1.png", "f2.png", "f10.png", "f11.png", "f20.png"]

    with PictureSequence(tmp_path) as sequence:
        ours = list(sequence.names)
    is_as_people_count(ours)
    with pytest.raises(AssertionError):
        is_as_people_count(sorted(ours, key=lambda name: int(name.removesuffix(".png")[-1])))
