"""A finished tree as one ZIP, stored and with the same bytes each time."""

from __future__ import annotations

import zipfile
from pathlib import Path

from datasets_app.domain.progress import Progress, ShouldStop
from matteweb.errors import Cancelled

_STEP = 1 << 20


def pack_tree(
    folder: Path, target: Path, *, top: str, progress: Progress, should_stop: ShouldStop
) -> None:
    """Write everything below ``folder`` into the ZIP ``target``, under the one folder ``top``.

    Pictures and videos are compressed already, so entries are stored. Progress counts files.
    Raises Cancelled; a half ZIP never stays.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for number, path in enumerate(files, 1):
                if should_stop():
                    raise Cancelled("packing was stopped")
                entry = zipfile.ZipInfo(f"{top}/{path.relative_to(folder).as_posix()}")
                with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as out:
                    while piece := source.read(_STEP):
                        out.write(piece)
                progress(number, len(files))
    except BaseException:
        target.unlink(missing_ok=True)
        raise
