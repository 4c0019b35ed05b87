"""Two clips, one per split, with original frame numbers and a mask of the first frame or of all."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

from datasets_app.domain.trees.writing import write_picture, write_video
from tests.layout_cases.instances import hard, save_gray, scene
from tests.layout_cases.planting import Fault, copy, cut, remove

FRAMES = range(12, 16)
STREAMS = ("fgr", "alpha")


def tree(folder: Path) -> Path:
    """Write dancer into train and walker into test, and return the folder."""
    for split, name in (("train", "dancer"), ("test", "walker")):
        colour, alpha = folder / split / "fgr" / name, folder / split / "alpha" / name
        (colour / "frames").mkdir(parents=True)
        for number in FRAMES:
            made = scene(number - FRAMES[0])
            write_picture(made.picture, colour / "frames" / f"{number:04d}.png", "png")
            save_gray(alpha / "frames" / f"{number:04d}.png", made.alphas[1])
            if split == "test":
                save_gray(colour / "mask" / f"{number:04d}.png", hard(made.alphas[1]))
        if split == "train":
            mask = hard(scene().alphas[1])
            save_gray(colour / "mask/first_frame_mask.png", mask)
            write_video(
                colour / "frames", colour / "video/dancer.mp4", gray=False, fps=Fraction(24)
            )
    return folder


def _dancer(tree: Path) -> Path:
    return tree / "train/fgr/dancer"


def _both(tree: Path) -> None:
    for stream in STREAMS:
        shutil.copytree(tree / "train" / stream / "dancer", tree / "test" / stream / "dancer")


def _small(tree: Path) -> None:
    save_gray(_dancer(tree) / "mask/first_frame_mask.png", scene().alphas[0][:40])


FAULTS: list[Fault] = [
    ("stream_missing", lambda t: shutil.rmtree(t / "train/alpha/dancer")),
    ("alpha_unpaired", lambda t: shutil.rmtree(_dancer(t))),
    ("frames_missing", lambda t: shutil.rmtree(_dancer(t) / "frames")),
    ("frame_unpaired", lambda t: remove(_dancer(t) / "frames/0013.png")),
    ("mask_unpaired", lambda t: copy(t / "test/fgr/walker/mask/0012.png", "0099.png")),
    ("name_twice", lambda t: copy(t / "test/fgr/walker/mask/0012.png", "0012.webp")),
    ("split_leak", _both),
    ("streams_differ", _small),
    ("video_frames", lambda t: remove(*(t / f"train/{s}/dancer/frames/0015.png" for s in STREAMS))),
    ("unreadable", lambda t: cut(t / "train/alpha/dancer/frames/0012.png")),
]
