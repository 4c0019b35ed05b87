"""Folder layouts that tools agree on: the list."""

from __future__ import annotations

from pathlib import Path

from datasets_app.domain.layouts.base import Layout
from datasets_app.domain.layouts.bg_20k import Bg20k
from datasets_app.domain.layouts.crgnn import Crgnn
from datasets_app.domain.layouts.cvat_video import CvatVideo
from datasets_app.domain.layouts.davis import Davis
from datasets_app.domain.layouts.defocused_segmentation import DefocusedSegmentation
from datasets_app.domain.layouts.hhm import Hhm
from datasets_app.domain.layouts.kubric_assets import KubricAssets
from datasets_app.domain.layouts.maggie_image_train import MaggieImageTrain
from datasets_app.domain.layouts.maggie_image_val import MaggieImageVal
from datasets_app.domain.layouts.maggie_video import MaggieVideo
from datasets_app.domain.layouts.mvtec_ad import MvtecAd
from datasets_app.domain.layouts.paste_source import PasteSource
from datasets_app.domain.layouts.png_sequences import PngSequences
from datasets_app.domain.layouts.train_casper import TrainCasper
from datasets_app.domain.layouts.video_matte_240k import VideoMatte240k
from datasets_app.domain.layouts.youtube_vos import YoutubeVos
from datasets_app.domain.plugins import Registry
from datasets_app.domain.trees.reading import folders
from matteweb.errors import BadInput

LAYOUTS: Registry[Layout] = Registry(
    "layout",
    [
        CvatVideo(),
        PasteSource(),
        TrainCasper(),
        Davis(),
        YoutubeVos(),
        MaggieImageTrain(),
        MaggieImageVal(),
        VideoMatte240k(),
        MaggieVideo(),
        DefocusedSegmentation(),
        MvtecAd(),
        Hhm(),
        Crgnn(),
        Bg20k(),
        KubricAssets(),
        PngSequences(),
    ],
)

_WRAPPERS = 3


def find_layout(folder: Path) -> tuple[Layout, Path]:
    """Return the layout of a tree and the folder where it begins, under folders that only wrap it.

    Raises BadInput, naming the layouts, when it is none of them.
    """
    inside = folder
    for _ in range(_WRAPPERS):
        for layout in LAYOUTS:
            if layout.recognises(inside):
                return layout, inside
        wrapped = folders(inside)
        if len(wrapped) != 1:
            break
        inside = wrapped[0]
    known = "; ".join(f"{layout.info.label}: {layout.info.summary}" for layout in LAYOUTS)
    raise BadInput(f"{folder.name} has no layout that is known here", hint=f"expected {known}")
