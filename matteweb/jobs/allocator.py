"""What the C library does with memory that was freed.

Work on frames frees and asks for the same few megabytes again and again. By default glibc gives
such memory back to the system each time, which has to clear every page anew: four tenths of the
CPU time of a recipe went into that. Elsewhere than on glibc nothing is changed.
"""

from __future__ import annotations

import ctypes

# Parameters of mallopt(3).
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
_MIB = 1024**2
_SETTINGS = (
    # The most that glibc takes. What is larger goes back to the system at once, as before.
    (_MMAP_THRESHOLD, 32 * _MIB),
    (_TRIM_THRESHOLD, 256 * _MIB),
    (_TOP_PAD, 16 * _MIB),
)


def keep_freed_memory() -> bool:
    """Keep up to 256 MiB of freed memory in this process and its forks; return whether it can."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(*setting) == 1 for setting in _SETTINGS)


def give_back_memory() -> None:
    """Return what was kept to the system, e.g. when there is no work."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
