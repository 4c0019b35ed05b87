"""Writes THIRD_PARTY.md from the metadata of the installed packages and the vendored files.

.venv/bin/python -m scripts.licences
"""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
VENDOR = ROOT / "frontend" / "static" / "vendor" / "VENDOR.md"

INTRODUCTION = """# Third-party software

MatteWeb's own files are under the Apache License 2.0 (LICENSE). The packages below are installed
by pip from their own authors; the few files of others that lie in this repository have a table of
their own. Written by `python -m scripts.licences`; do not edit.

## What to know before redistributing

- **The PyAV wheel (`av`) carries x264 and x265, which are GPL-2.0-or-later**, beside FFmpeg
  libraries that name themselves "LGPL version 3 or later", GnuTLS and GMP. Running it is free of
  conditions. Whoever hands out an image or an installer that contains the wheel hands out GPL
  software and owes its source. Patents on H.264 and HEVC are a matter of their own.
- **The opencv-python-headless wheel** carries its own FFmpeg libraries (LGPL). MatteWeb reads and
  writes video through PyAV only.
- **Blender as a Python module (`bpy`) is GPL** and is never imported by this program; a rule of the
  import check holds that.
- **`drf-spectacular-sidecar` and `django-htmx` carry scripts that browsers load from here**:
  Swagger UI (Apache-2.0), ReDoc (MIT) and htmx (0BSD).
"""

# Authors who wrote a licence's whole text, or only its family, where its name belongs.
NAMES = {
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause or apache-2.0": "BSD-3-Clause OR Apache-2.0",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}


def requirements_in(name: str) -> list[Requirement]:
    """Return what one requirements file asks for, without the files that it includes."""
    lines = (ROOT / name).read_text().splitlines()
    return [Requirement(line.split("#")[0]) for line in lines if line and line[0] not in "#-"]


def closure(wanted: list[Requirement]) -> set[str]:
    """Return the names of the packages that ``wanted`` brings in on this platform."""
    found: set[str] = set()
    asked: set[tuple[str, str]] = set()
    queue = [(item.name, extra) for item in wanted for extra in ("", *item.extras)]
    while queue:
        name, extra = queue.pop()
        name = canonicalize_name(name)
        if (name, extra) in asked:
            continue
        asked.add((name, extra))
        found.add(name)
        for text in metadata.requires(name) or []:
            item = Requirement(text)
            if item.marker is None or item.marker.evaluate({"extra": extra}):
                queue += [(item.name, sub) for sub in ("", *item.extras)]
    return found


def licence_of(package: metadata.Distribution) -> str:
    """Return the licence that a package declares, as an SPDX expression where it can be read."""
    info = package.metadata
    expressions: list[str] = info.get_all("License-Expression", [])
    if expressions:
        return expressions[0]
    candidates: list[str] = info.get_all("License", [])
    classifiers = [text for text in info.get_all("Classifier", []) if text.startswith("License")]
    candidates += [text.rsplit(" :: ", 1)[-1] for text in classifiers]
    for text in candidates:
        if "Permission is hereby granted, free of charge" in text:
            return "MIT"
        if len(text) < 60 and "released under" not in text:
            return NAMES.get(text.lower(), text)
    raise SystemExit(f"{package.name} declares no licence that can be read")


def carried_libraries(package: metadata.Distribution) -> str:
    """Return the shared libraries that a wheel carries beside its own code."""
    names = {
        match.group(1)
        for file in package.files or []
        if (
            match := re.match(
                r"[^/]+\.libs/(lib.+?)(?:-r0)?(?:-[0-9a-f]{8}[0-9.]*)*\.so", str(file)
            )
        )
    }
    return ", ".join(sorted(names, key=str.lower))


def table(names: set[str]) -> list[str]:
    """Return one Markdown table of the packages called ``names``."""
    rows = ["| package | version | licence | carries |", "|---|---|---|---|"]
    for name in sorted(names):
        package = metadata.distribution(name)
        cells = (
            package.name,
            package.version.split("+")[0],
            licence_of(package),
            carried_libraries(package),
        )
        rows.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    return rows


def vendored() -> list[str]:
    """Return the table of VENDOR.md, which stands beside the files that it describes."""
    if not VENDOR.exists():
        return []
    rows = [line for line in VENDOR.read_text().splitlines() if line.startswith("|")]
    return ["", "## Scripts in `frontend/static/vendor`", "", *rows] if rows else []


def main() -> None:
    """Write THIRD_PARTY.md."""
    running = closure(requirements_in("requirements.txt"))
    developing = closure(requirements_in("requirements-dev.txt")) - running
    lines = [INTRODUCTION, "## Needed to run", "", *table(running), *vendored()]
    lines += ["", "## Needed to check and test only", "", *table(developing)]
    (ROOT / "THIRD_PARTY.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
