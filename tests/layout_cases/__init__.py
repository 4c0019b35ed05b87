"""A real tree and the faults to plant in it, for every registered layout."""

from __future__ import annotations

from tests.layout_cases import (
    bg_20k,
    crgnn,
    cvat_video,
    davis,
    defocused_segmentation,
    hhm,
    kubric_assets,
    maggie_image_train,
    maggie_image_val,
    maggie_video,
    mvtec_ad,
    paste_source,
    png_sequences,
    train_casper,
    video_matte_240k,
    youtube_vos,
)
from tests.layout_cases.planting import Case

CASES: dict[str, Case] = {
    "bg_20k": Case(bg_20k.tree, bg_20k.FAULTS),
    "crgnn": Case(crgnn.tree, crgnn.FAULTS, still=frozenset({"unlabelled"})),
    "hhm": Case(hhm.tree, hhm.FAULTS),
    "kubric_assets": Case(kubric_assets.tree, kubric_assets.FAULTS),
    "video_matte_240k": Case(video_matte_240k.tree, video_matte_240k.FAULTS),
    "cvat_video": Case(cvat_video.tree, cvat_video.FAULTS),
    "davis": Case(davis.tree, davis.FAULTS),
    "defocused_segmentation": Case(defocused_segmentation.tree, defocused_segmentation.FAULTS),
    "mvtec_ad": Case(mvtec_ad.tree, mvtec_ad.FAULTS),
    "png_sequences": Case(png_sequences.tree, png_sequences.FAULTS),
    "maggie_image_train": Case(maggie_image_train.tree, maggie_image_train.FAULTS),
    "maggie_image_val": Case(
        maggie_image_val.tree, maggie_image_val.FAULTS, hidden=frozenset({"hidden_file"})
    ),
    "maggie_video": Case(maggie_video.tree, maggie_video.FAULTS, hidden=frozenset({"hidden_file"})),
    "paste_source": Case(paste_source.tree, paste_source.FAULTS),
    "train_casper": Case(train_casper.tree, train_casper.FAULTS),
    "youtube_vos": Case(youtube_vos.tree, youtube_vos.FAULTS),
}
