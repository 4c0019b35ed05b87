"""The stored layers of a clip, decoded side by side."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.reader import read_gray, read_rgb
from matteweb.errors import BadInput

COLOURS: Final = frozenset({"rgb_full", "rgb_removed", "fgr"})
MATTES: Final = frozenset({"alpha", "mask"})
MEASURED: Final = COLOURS | MATTES
"""The layers that metrics know; others are not read."""

Frame = dict[str, npt.NDArray[Any]]


def layer_frames(
    layers: Mapping[str, Path], *, frames: int, numbered: bool = False
) -> Generator[Frame, None, None]:
    """Yield ``frames`` times one picture per layer; ``layers`` are names of `MEASURED` with files.

    ``numbered``: the alpha holds object numbers, and every object is opaque. Raises BadInput when a
    layer ends early.
    """
    with ExitStack() as stack:
        readers = {}
        for name, path in layers.items():
            reader = (read_rgb if name in COLOURS else read_gray)(path, stop=frames)
            readers[name] = stack.enter_context(closing(reader))
        for number in range(frames):
            found: Frame = {}
            for name, reader in readers.items():
                picture = next(reader, None)
                if picture is None:
                    raise BadInput(
                        f"{name} ends after {number} of {frames} frames",
                        hint="render the sample again, or attach the mask again",
                    )
                found[name] = picture
            if numbered and "alpha" in found:
                found["alpha"] = np.where(found["alpha"] > 0, 255, 0).astype(np.uint8)
            yield found
