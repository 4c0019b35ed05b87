"""What a matting result leaves as: pictures, ProRes 4444, VP9 with alpha, a lossless alpha.

The colour that is written is the object's own, estimated where the background shows through, and
not multiplied with alpha.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Protocol, Self, cast

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.stream import VideoStream

from datasets_app.domain.media.frames import FrameSize, RgbFrame
from datasets_app.domain.media.measured import MeasuredFrame
from datasets_app.domain.media.writer import GrayMasterWriter
from datasets_app.domain.synthesis.compositing.foreground_colour import foreground_colour
from inference_app.domain.predictors.base import UnitPlane
from matteweb.errors import BadInput, Unsupported

_MOST: Final = 65535


class Delivery(Protocol):
    """A file or folder under way; leaving it by an error removes what was begun."""

    def write(self, rgb: RgbFrame, alpha: UnitPlane) -> None:
        """Append one frame: the picture as filmed, and its alpha."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def delivery_to(path: Path, size: FrameSize, fps: Fraction) -> Delivery:
    """Return the delivery that the ending of ``path`` asks for; no ending is a folder of pictures.

    ".mov": ProRes 4444; ".webm": VP9 with alpha; ".mkv": alpha alone, lossless, 8 bit; ".png": one
    picture. Raises Unsupported for another ending, BadInput for a folder that holds something.
    """
    ending = path.suffix.lower()
    if ending == "":
        return PictureFolder(path)
    if ending == ".png":
        return OnePicture(path, bgra)
    if ending == ".mkv":
        return AlphaMaster(path, size, fps)
    if ending in _VIDEOS:
        return _VIDEOS[ending](path, size, fps)
    raise Unsupported(
        f"a result cannot be written as {ending}",
        hint="a folder, .png, .mov (ProRes 4444), .webm (VP9 with alpha) or .mkv (alpha, lossless)",
    )


def eight_bit(alpha: UnitPlane) -> npt.NDArray[np.uint8]:
    """Return alpha as 0..255."""
    return np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)


def sixteen_bit(plane: UnitPlane) -> npt.NDArray[np.uint16]:
    """Return a plane as 0..65535."""
    return np.rint(np.clip(plane, 0, 1) * _MOST).astype(np.uint16)


def of_sixteen_bit(stored: MeasuredFrame) -> UnitPlane:
    """Return the plane that `sixteen_bit` stored."""
    return np.divide(stored, _MOST, dtype=np.float32)


def new_folder(path: Path) -> None:
    """Make a folder. Raises BadInput for one that holds something."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise BadInput(f"{path} holds something already", hint="give a new or empty folder")
    path.mkdir(parents=True, exist_ok=True)


class Begun:
    """What is removed again when something goes wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if kind is not None:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Finish the file."""


class KeptFolder(Begun):
    """Pictures in a new folder. A run that stops keeps those that are finished."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        new_folder(path)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keep what is there."""


class PictureFolder(KeptFolder):
    """``00000.png``: colour and alpha, 8 bit; ``alpha/00000.png``: alpha alone, 16 bit."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        (path / "alpha").mkdir()

    def write(self, rgb: RgbFrame, alpha: UnitPlane) -> None:
        """Write both pictures of a frame."""
        name = f"{self.frames:05d}.png"
        cv2.imwrite(str(self.path / name), bgra(rgb, alpha))
        cv2.imwrite(str(self.path / "alpha" / name), sixteen_bit(alpha))
        self.frames += 1


class OnePicture(Begun):
    """One picture, as ``drawn`` makes it of a frame and its alpha."""

    def __init__(
        self, path: Path, drawn: Callable[[RgbFrame, UnitPlane], npt.NDArray[np.integer]]
    ) -> None:
        super().__init__(path)
        self._drawn = drawn

    def write(self, rgb: RgbFrame, alpha: UnitPlane) -> None:
        """Write it. Raises BadInput for a second frame."""
        if self.frames:
            raise BadInput("a clip does not fit into one picture", hint="give a folder instead")
        cv2.imwrite(str(self.path), self._drawn(rgb, alpha))
        self.frames += 1


class AlphaMaster(Begun):
    """The alpha alone, FFV1."""

    def __init__(self, path: Path, size: FrameSize, fps: Fraction) -> None:
        super().__init__(path)
        self._writer = GrayMasterWriter(path, size, fps)

    def write(self, rgb: RgbFrame, alpha: UnitPlane) -> None:
        """Append the alpha of one frame."""
        self._writer.write(eight_bit(alpha))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.__exit__(kind, error, trace)


class _AlphaVideo(Begun):
    """Colour and alpha in one video stream."""

    container: ClassVar[str]
    codec: ClassVar[str]
    pixel_format: ClassVar[str]
    options: ClassVar[dict[str, str]]
    even: ClassVar[bool]

    def __init__(self, path: Path, size: FrameSize, fps: Fraction) -> None:
        super().__init__(path)
        self._size = size
        if self.even and not size.is_even:
            self._size = FrameSize(max(2, size.width & ~1), max(2, size.height & ~1))
        self._container = av.open(
            str(path), "w", format=self.container, options={"fflags": "+bitexact"}
        )
        added = self._container.add_stream(self.codec, rate=fps, options=dict(self.options))
        self._stream = cast(VideoStream, added)
        self._stream.width, self._stream.height = self._size.width, self._size.height
        self._stream.pix_fmt = self.pixel_format
        self._stream.codec_context.thread_count = 1

    def write(self, rgb: RgbFrame, alpha: UnitPlane) -> None:
        """Append one frame."""
        part = bgra(rgb, alpha)[: self._size.height, : self._size.width]
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(part), "bgra")
        frame = frame.reformat(format=self.pixel_format)
        frame.pts = self.frames
        self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def close(self) -> None:
        """Write what the encoder still holds."""
        if self.frames:
            self._container.mux(self._stream.encode(None))
        self._container.close()


class ProRes4444(_AlphaVideo):
    """For editing: 10 bit, alpha in the stream."""

    container, codec, pixel_format = "mov", "prores_ks", "yuva444p10le"
    options: ClassVar[dict[str, str]] = {"profile": "4444", "vendor": "apl0"}
    even = False


class Vp9(_AlphaVideo):
    """For browsers: 8 bit, alpha in a stream of its own beside."""

    container, codec, pixel_format = "webm", "libvpx-vp9", "yuva420p"
    options: ClassVar[dict[str, str]] = {"crf": "20", "b": "0", "auto-alt-ref": "0"}
    even = True


_VIDEOS: dict[str, type[_AlphaVideo]] = {".mov": ProRes4444, ".webm": Vp9}


def bgra(rgb: RgbFrame, alpha: UnitPlane) -> npt.NDArray[np.uint8]:
    """Return (H, W, 4) uint8: the object's own colour, and alpha."""
    coded = eight_bit(alpha)
    own = foreground_colour(rgb, coded)
    return np.ascontiguousarray(np.dstack((own[..., ::-1], coded)))
