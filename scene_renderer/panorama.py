"""The whole of a picture of light, small: what lies all around, unrolled."""

from __future__ import annotations

import bpy
import numpy as np

LONGEST = 512


def sky_picture() -> np.ndarray:
    """Return the light of the scene's sky, (H, W, 3) float32 and linear, top row first, averaged so
    that no side is longer than ``LONGEST``. The picture itself is small from then on.

    Raises ValueError when the sky is none that a picture makes.
    """
    nodes = bpy.context.scene.world.node_tree.nodes
    image = next((node.image for node in nodes if node.type == "TEX_ENVIRONMENT"), None)
    if image is None:
        raise ValueError("the sky of this scene is no picture")
    width, height = image.size
    longest = max(width, height)
    if longest > LONGEST:
        image.scale(max(1, width * LONGEST // longest), max(1, height * LONGEST // longest))
        width, height = image.size
    values = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(values)
    return values.reshape(height, width, -1)[::-1, :, :3]
