"""A camera over a flat background: fills the frame at every moment, aspect kept."""

from __future__ import annotations

import math

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict

from datasets_app.domain.media.frames import FrameSize, RgbFrame, frame_size
from datasets_app.domain.synthesis.geometry.smooth_path import SmoothPath, drawn_path, points_for
from datasets_app.domain.synthesis.geometry.warp import Matrix, warped

_REST = SmoothPath.still(0.0)


class CameraPath(BaseModel):
    """``zoom``: 1 just fills the frame. ``across``, ``down``: -1..1 of the play that is left."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zoom: SmoothPath = SmoothPath.still(1.0)
    across: SmoothPath = _REST
    down: SmoothPath = _REST


class Camera:
    """Shows frames of one background, of size ``source``, in a frame of size ``frame``.

    A background that is larger is shrunk first, once for all, to the size at which the widest
    view shows it: what the camera does then is the same in every frame, and cannot flicker.
    """

    def __init__(self, path: CameraPath, source: FrameSize, frame: FrameSize, frames: int) -> None:
        self._path, self._frame, self._frames = path, frame, frames
        widest = min(path.zoom.points)
        cover = max(frame.width / source.width, frame.height / source.height)
        shrink = min(1.0, cover * widest)
        self._stage = FrameSize(
            max(1, math.ceil(source.width * shrink - 1e-9)),
            max(1, math.ceil(source.height * shrink - 1e-9)),
        )
        self._cover = max(frame.width / self._stage.width, frame.height / self._stage.height)
        self._last: tuple[RgbFrame, RgbFrame] | None = None

    def picture(self, background: RgbFrame, number: int) -> RgbFrame:
        """Return what the camera sees of ``background`` in frame ``number`` of the sample."""
        stage = self._staged(background)
        matrix = self._matrix(number)
        if stage.shape[:2] == (self._frame.height, self._frame.width) and _is_identity(matrix):
            return stage
        return warped(stage, matrix, self._frame, cv2.BORDER_REPLICATE)

    def _staged(self, background: RgbFrame) -> RgbFrame:
        if frame_size(background) == self._stage:
            return background
        if self._last is None or self._last[0] is not background:
            size = (self._stage.width, self._stage.height)
            small: RgbFrame = cv2.resize(background, size, interpolation=cv2.INTER_AREA)
            self._last = background, small
        return self._last[1]

    def _matrix(self, number: int) -> Matrix:
        path, frames = self._path, self._frames
        factor = self._cover * max(path.zoom.at(number, frames), 1.0)
        play_x = max(0.0, factor * self._stage.width - self._frame.width)
        play_y = max(0.0, factor * self._stage.height - self._frame.height)
        left = -play_x * (1 + path.across.at(number, frames)) / 2
        top = -play_y * (1 + path.down.at(number, frames)) / 2
        return np.array([[factor, 0, left], [0, factor, top]], np.float64)


def draw_camera(motion: float, frames: int, rng: np.random.Generator) -> CameraPath:
    """Draw a path; ``motion`` 0 stands still at a place of its own, 1 moves as far as it may."""
    points = points_for(frames) if motion else 1
    zoom = 1 + 0.4 * motion * float(rng.random())
    across, down = float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))
    return CameraPath(
        zoom=drawn_path(
            zoom, points=points, step=0.15 * motion, low=1.0, high=1.0 + 0.5 * motion, rng=rng
        ),
        across=drawn_path(across, points=points, step=motion, low=-1.0, high=1.0, rng=rng),
        down=drawn_path(down, points=points, step=motion, low=-1.0, high=1.0, rng=rng),
    )


def gradient(size: FrameSize, top: tuple[int, int, int], bottom: tuple[int, int, int]) -> RgbFrame:
    """Return a picture that goes from one stored colour to the other, top to bottom."""
    share = np.linspace(0, 1, size.height)[:, None]
    rows = np.rint((1 - share) * np.array(top) + share * np.array(bottom)).astype(np.uint8)
    return np.repeat(rows[:, None, :], size.width, axis=1)


def _is_identity(matrix: Matrix) -> bool:
    return bool(np.abs(matrix - np.eye(2, 3)).max() < 1e-9)
