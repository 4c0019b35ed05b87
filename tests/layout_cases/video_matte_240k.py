"""Two clips with mattes as folders, one as videos, backgrounds, and the published lists."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np

from datasets_app.domain.media.frames import frame_size
from datasets_app.domain.media.writer import GrayMasterWriter, RgbMasterWriter
from datasets_app.domain.trees.writing import write_picture
from tests.layout_cases.instances import save_gray, scene
from tests.layout_cases.planting import Fault, remove

FRAMES = 5
LISTS = {
    "fg_train.txt": ["VM/train/fgr/vm_1", "VM/train/fgr/vm_3"],
    "fg_test.txt": ["VM108/fgr/half_body/ann"],
    "bg_train.txt": ["BG20K/h_1.jpg", "VM108/bg/street"],
}


def tree(folder: Path) -> Path:
    """Write vm_1, vm_3 (videos), ann and street, and return the folder."""
    for clip in ("VM/train/fgr/vm_1", "VM108/fgr/half_body/ann", "VM108/bg/street"):
        for number in range(FRAMES):
            made, name = scene(number), f"{number:04d}"
            (folder / clip).mkdir(parents=True, exist_ok=True)
            write_picture(made.picture, folder / clip / f"{name}.jpg", "jpg")
            if "fgr" in clip:
                matte = folder / clip.replace("fgr", "pha")
                matte.mkdir(parents=True, exist_ok=True)
                save_gray(matte / f"{name}.png", made.alphas[0])
    _videos(folder / "VM/train")
    (folder / "BG20K").mkdir()
    write_picture(scene().picture, folder / "BG20K/h_1.jpg", "jpg")
    for name, lines in LISTS.items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    return folder


def _videos(folder: Path) -> None:
    size = frame_size(scene().picture)
    with (
        RgbMasterWriter(folder / "fgr/vm_3.mkv", size, Fraction(25)) as colour,
        GrayMasterWriter(folder / "pha/vm_3.mkv", size, Fraction(25)) as matte,
    ):
        for number in range(FRAMES):
            colour.write(scene(number).picture)
            matte.write(scene(number).alphas[0])


def _another_picture(tree: Path) -> None:
    """One matte in the middle shows something else."""
    matte = np.ascontiguousarray(np.roll(scene(2).alphas[0], 24, 1))
    save_gray(tree / "VM/train/pha/vm_1/0002.png", matte)


FAULTS: list[Fault] = [
    ("matte_misfit", lambda t: remove(t / "VM/train/pha/vm_1/0002.png")),
    ("unpaired", lambda t: shutil.rmtree(t / "VM108/fgr/half_body")),
    ("listed_missing", lambda t: (t / "fg_test.txt").write_text("VM/test/fgr/vm_9\n")),
    ("unlisted", lambda t: (t / "fg_train.txt").write_text("VM/train/fgr/vm_1\n")),
    ("unreadable", lambda t: (t / "VM/train/fgr/vm_3.mkv").write_bytes(b"no video")),
    ("matte_of_another_picture", _another_picture),
]
