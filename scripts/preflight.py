"""What one Python interpreter and its machine lack, by the standard library alone.

``preflight.py run|dev|render`` prints the missing Debian packages, one a line.
"""

from __future__ import annotations

import importlib
import sys

# Standard modules that Debian keeps in packages of their own, or that a Python built by hand lacks.
MODULES = ("bz2", "ctypes", "lzma", "sqlite3", "ssl", "zlib")

VENV_MODULES = ("venv", "ensurepip")

# Everything that the wheels load without carrying it themselves (by `readelf -d` over every shared
# object of the virtual environment), apart from the C library. libGL and GLib are not among them:
# opencv-python-headless is built without a window system.
LIBRARIES = {
    "libgcc_s.so.1": "libgcc-s1",
    "libstdc++.so.6": "libstdc++6",
    "libz.so.1": "zlib1g",
}
# The same for Node, which only checks and tests use.
DEV_LIBRARIES = {"libatomic.so.1": "libatomic1"}
# The same for Blender, which links a window system even where it opens no window.
RENDER_LIBRARIES = {
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libXrender.so.1": "libxrender1",
    "libXt.so.6": "libxt6",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
MORE_LIBRARIES = {"run": {}, "dev": DEV_LIBRARIES, "render": RENDER_LIBRARIES}


def _imports(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def missing_libraries(libraries: dict[str, str]) -> list[str]:
    """Return the packages of those shared libraries that do not load here."""
    import ctypes

    packages = []
    for name, package in libraries.items():
        try:
            ctypes.CDLL(name)
        except OSError:
            packages.append(package)
    return packages


def missing_time_zones() -> list[str]:
    """Return the package of the time zone table, which slim images leave out."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo("UTC")
    except ZoneInfoNotFoundError:
        return ["tzdata"]
    return []


def missing(part: str) -> list[str]:
    """Return the packages that ``part``, "run", "dev" or "render", still needs."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if not all(map(_imports, MODULES)):
        return [python, f"{python}-venv"]  # a partial interpreter cannot answer the rest
    packages = [] if all(map(_imports, VENV_MODULES)) else [f"{python}-venv"]
    packages += missing_time_zones()
    if sys.platform == "linux":
        packages += missing_libraries(LIBRARIES | MORE_LIBRARIES[part])
    return packages


if __name__ == "__main__":
    for package in missing(sys.argv[1]):
        print(package)
