"""Numbers of bytes as people read them."""

from __future__ import annotations


def in_words(count: int) -> str:
    """Return ``count`` bytes in decimal units, as disks are sold: "999 B", "1.5 MB", "2.0 GB"."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:,.1f} PB"
