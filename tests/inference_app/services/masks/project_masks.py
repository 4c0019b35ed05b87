"""A real video of a project with a mask that is taken for the truth."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from datasets_app.domain.media.writer import RgbMasterWriter
from datasets_app.models import Mask
from matteweb.accounts.models import Project
from tests.footage import add, attach, mask_file
from tests.inference_app.domain.interactive.moving import pictures, true_mask


def project_mask(project: Project, folder: Path, frames: int) -> Mask:
    """Return the mask of the first object of the moving clip, both read."""
    clip, path = pictures(frames), folder / "clip.mkv"
    with RgbMasterWriter(path, clip.size, Fraction(25)) as writer:
        for frame in range(frames):
            writer.write(clip[frame])
    masks = [(true_mask(frame) * 255).astype(np.uint8) for frame in range(frames)]
    return attach(add(project, path), mask_file(folder, masks))
