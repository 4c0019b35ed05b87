"""Labels that a scene gives beyond full, removed and mask: which there are, and from what arrays.

Recomposition of one object, in scene-linear light: full = alpha * fgr + (1 - alpha) * bgr, where
the camera alone does not see the object in ``bgr``: its shadow and reflection stay. So ``fgr`` is
what the object must be for its soft alpha and what lies behind it, at every pixel of its rim.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from datasets_app.domain.media.frames import GrayFrame, RgbFrame
from datasets_app.domain.media.light import to_stored
from datasets_app.domain.media.measured import MEASURES, MeasuredFrame, layer_kind

Label: TypeAlias = Literal["distance", "normals", "flow", "shadows", "apart", "defocus"]
Array: TypeAlias = npt.NDArray[np.float32]
ReadArray: TypeAlias = Callable[[str], Array]
"""Returns what the renderer wrote of a frame under a name."""

ASKED_OF_RENDERER: Final[dict[Label, tuple[str, ...]]] = {
    "distance": ("distance",),
    "normals": ("normals",),
    "flow": ("flow_forward", "flow_backward"),
    "shadows": ("light",),
    "apart": ("objects",),
    "defocus": ("defocus",),
}
_NUMBERED: Final = ("alpha", "light_fgr", "light_bgr")
_LUMINANCE: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)
_DARKEST: Final = 1e-4


def label_layers(labels: tuple[Label, ...], objects: int) -> tuple[str, ...]:
    """Return the layers that these labels add to a sample with so many objects."""
    found: list[str] = []
    for label in labels:
        if label == "shadows":
            found += ["shadow", "rgb_reflection"]
        elif label == "defocus":
            found.append("rgb_defocus")
        elif label == "apart":
            found += [f"{name}_{number:02d}" for number in range(objects) for name in _NUMBERED]
        else:
            found += ASKED_OF_RENDERER[label]
    return tuple(found)


def label_frames(
    labels: tuple[Label, ...], objects: int, read: ReadArray
) -> dict[str, npt.NDArray[Any]]:
    """Return one frame of every layer that the labels add, as it is stored."""
    found: dict[str, npt.NDArray[Any]] = {}
    for label in labels:
        if label == "shadows":
            shadow, reflection = split_effect(read("light_removed"), read("light_plate"))
            found |= {"shadow": shadow, "rgb_reflection": reflection}
        elif label == "defocus":
            found["rgb_defocus"] = to_stored(np.clip(read("defocus"), 0, 1))
        elif label == "apart":
            full = read("light_full")
            for number in range(objects):
                found |= _apart(number, full, read)
        else:
            found |= {name: measured(name, read(name)) for name in ASKED_OF_RENDERER[label]}
    return found


def measured(layer: str, values: Array) -> MeasuredFrame:
    """Return (H, W) or (H, W, values) numbers as the layer stores them."""
    kind = layer_kind(layer)
    if kind == "rgb" or kind == "gray":
        raise ValueError(f"{layer} is not a measured layer")
    deep = values if values.ndim == 3 else values[..., None]
    nothing = (deep == 0).all(axis=2, keepdims=True) & (kind in {"distance", "normals"})
    return MEASURES[kind].encoded(np.where(nothing, np.nan, deep))


def split_effect(removed: Array, plate: Array) -> tuple[GrayFrame, RgbFrame]:
    """Return how much of the light, of 255, the removed objects take away, and as a picture what
    light they add, both under the objects themselves too.

    ``removed``: (H, W, 3) linear without the objects; ``plate``: with them hidden from the camera
    alone.
    """
    lost = 1 - (plate @ _LUMINANCE) / np.maximum(removed @ _LUMINANCE, _DARKEST)
    shadow = np.rint(np.clip(lost, 0, 1) * 255).astype(np.uint8)
    added = np.clip(plate - removed, 0, 1).astype(np.float32)
    return shadow, to_stored(np.ascontiguousarray(added))


def foreground_light(full: Array, alpha: Array, behind: Array) -> Array:
    """Return the light of an object alone, (H, W, 3); 0 where ``alpha``, (H, W), is 0."""
    share = alpha[..., None]
    own = (full - (1 - share) * behind) / np.where(share > 0, share, 1)
    return np.where(share > 0, own, 0).astype(np.float32)


def _apart(number: int, full: Array, read: ReadArray) -> dict[str, npt.NDArray[Any]]:
    steps = np.rint(read(f"alpha_{number:02d}") * 255).astype(np.uint8)
    # From the alpha that is stored, so that the stored layers recompose.
    alpha = steps.astype(np.float32) / np.float32(255)
    # Where the object is not, what is behind it is the picture itself, noise and all.
    behind = np.where(alpha[..., None] > 0, read(f"behind_{number:02d}"), full)
    fgr, bgr = f"light_fgr_{number:02d}", f"light_bgr_{number:02d}"
    return {
        f"alpha_{number:02d}": steps,
        fgr: measured(fgr, foreground_light(full, alpha, behind)),
        bgr: measured(bgr, behind),
    }
