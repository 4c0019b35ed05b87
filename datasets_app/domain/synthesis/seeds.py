"""One seed per sample, from the root seed and the sample's key alone.

So the order in which samples are made, restarts and the number of workers change nothing.
"""

from __future__ import annotations

import hashlib

import numpy as np


def sample_key(recipe: str, index: int, redraw: int = 0) -> str:
    """Return the name under which a sample of a run draws its seed; ``redraw`` counts the samples
    of that place that were refused after they were rendered."""
    return f"{recipe}/{index}/{redraw}" if redraw else f"{recipe}/{index}"


def sample_seed(root_seed: int, key: str) -> int:
    """Return 128 bits of SHA-256 over both, so that neighbouring roots and keys share nothing."""
    digest = hashlib.sha256(f"{root_seed}/{key}".encode()).digest()
    return int.from_bytes(digest[:16], "big")


def generator(seed: int) -> np.random.Generator:
    """Return the stream of draws of one sample.

    The bit generator is named, because NumPy reserves the right to change its default one.
    """
    return np.random.Generator(np.random.PCG64(seed))
