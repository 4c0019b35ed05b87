"""Masks by hand at 854x480: milliseconds per click, frames per second through the clip.

`python -m benchmarks.masks`; CPU time, because the machine may have other things to do. The clip
is painted: a textured object of a tenth of the frame that moves over a textured ground.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import cv2
import numpy as np

from datasets_app.domain.progress import ignore_progress, never_stop
from inference_app.domain.hints import Click, Scribble
from inference_app.domain.interactive.flow import FlowSource, flow_prepare
from inference_app.domain.interactive.pictures import PictureList
from inference_app.domain.interactive.scribble import ScribbleEngine

WIDTH, HEIGHT, FRAMES = 854, 480, 24
CLICKS = 8


def main() -> None:
    """Measure and print."""
    clip = painted_clip()
    with TemporaryDirectory() as folder:
        flow = Path(folder)
        _print_clicks(clip)
        cold = _carried(clip, None)
        begun = process_time()
        flow_prepare(clip, flow, ignore_progress, never_stop)
        made = (process_time() - begun) / (FRAMES - 1)
        warm = _carried(clip, flow)
    # A direction each on two cores: a clip with a reference in the middle is done in half the time.
    print(
        f"carrying, motion kept: {warm * 1e3:.0f} ms per frame, {2 / warm:.1f} frames/s on 2 cores"
    )
    print(
        f"carrying, motion made: {cold * 1e3:.0f} ms per frame, {2 / cold:.1f} frames/s on 2 cores"
    )
    print(f"making the motion, both directions: {made * 1e3:.0f} ms per frame")


def _print_clicks(clip: PictureList) -> None:
    session = ScribbleEngine().open(clip, FlowSource(clip))
    x, y = _middle(0)
    stroke = Scribble(((x - 60, y), (x, y + 10), (x + 60, y)), True, 3)
    marks: list[Click | Scribble] = [stroke]
    session.interact(0, 1, marks, None)
    times = []
    for number in range(CLICKS):
        marks.append(Click(x + 200 + 10 * number, y - 100, positive=False))
        begun = process_time()
        session.interact(0, 1, marks, None)
        times.append(process_time() - begun)
    times.sort()
    print(
        f"a click among {len(marks)} marks at {WIDTH}x{HEIGHT}: "
        f"median {times[CLICKS // 2] * 1e3:.0f} ms, most {times[-1] * 1e3:.0f} ms"
    )


def _carried(clip: PictureList, folder: Path | None) -> float:
    session = ScribbleEngine().open(clip, FlowSource(clip, folder))
    session.refer(FRAMES // 2, 1, painted_mask(FRAMES // 2))
    begun = process_time()
    count = sum(1 for _ in session.propagate(FRAMES // 2, [1], never_stop))
    return (process_time() - begun) / count


def _middle(frame: int) -> tuple[float, float]:
    return 250.0 + 8 * frame, 240.0


def painted_mask(frame: int) -> np.ndarray:
    plane = np.zeros((HEIGHT, WIDTH), np.float32)
    x, y = _middle(frame)
    cv2.ellipse(plane, (round(x), round(y)), (130, 100), 0, 0, 360, 1, -1)
    return plane


def painted_clip() -> PictureList:
    rng = np.random.default_rng(3)

    def texture(low: int, high: int) -> np.ndarray:
        coarse = rng.integers(low, high, (HEIGHT // 8, WIDTH // 8, 3)).astype(np.float32)
        return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC))

    ground, look, frames = texture(60, 180), texture(100, 250), []
    for frame in range(FRAMES):
        moved = np.roll(look, 8 * frame, axis=1)
        share = cv2.GaussianBlur(painted_mask(frame), (0, 0), 1)[..., None]
        frames.append((share * moved + (1 - share) * ground).clip(0, 255).astype(np.uint8))
    return PictureList(frames)


if __name__ == "__main__":
    main()
