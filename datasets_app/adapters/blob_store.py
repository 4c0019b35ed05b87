"""Content-addressed files: the sha256 of the bytes is their name, and a name never changes meaning.

A file appears under its name complete or not at all: it is written aside, synced, renamed, and the
folder is synced. Whoever adds holds a shared lock while the file gets its database row, whoever
deletes an exclusive one, so that nothing is taken away between "it is there already" and the row.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from datasets_app.adapters.disk import (
    Disk,
    full_disk_as_no_space,
    make_folder,
    sync_folder,
    write_all,
)
from datasets_app.domain.media.checksum import (
    DigestWriter,
    FileDigest,
    digest_bytes,
    digest_file,
)
from matteweb.errors import Corrupt, NotFound

_STEP_BYTES = 1024**2
_DIGEST = re.compile(r"[0-9a-f]{64}")


class BlobStore:
    """Files under ``root/ab/cd/<sha256>``; drafts under ``root/drafts``."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self.root = root
        self._disk = disk or Disk()
        self._drafts = root / "drafts"

    def relative_path(self, digest: str) -> str:
        """Return where the bytes lie below the root. Raises ValueError for what is no sha256."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"not a sha256 in hex: {digest!r}")
        return f"{digest[:2]}/{digest[2:4]}/{digest}"

    def path(self, digest: str) -> Path:
        """Return where the bytes lie, or would lie."""
        return self.root / self.relative_path(digest)

    def exists(self, digest: str) -> bool:
        """Return whether the bytes are here."""
        return self.path(digest).is_file()

    def open(self, digest: str) -> BinaryIO:
        """Open the bytes for reading. Raises NotFound."""
        try:
            return self.path(digest).open("rb")
        except FileNotFoundError:
            raise NotFound(f"no stored bytes {digest[:12]}…") from None

    def put_file(self, path: Path, *, move: bool = True) -> FileDigest:
        """Store a file; see ``adding_file``."""
        with self.adding_file(path, move=move) as digest:
            return digest

    def put_bytes(self, data: bytes) -> FileDigest:
        """Store bytes that are in memory; see ``adding_bytes``."""
        with self.adding_bytes(data) as digest:
            return digest

    @contextmanager
    def adding_file(
        self, path: Path, *, move: bool = True, known: FileDigest | None = None
    ) -> Iterator[FileDigest]:
        """Store a file; inside the block it is in place and cannot be deleted.

        ``move`` takes the file away from ``path`` (a rename on the same disk, a copy across disks).
        ``known`` spares the hashing of a file that was hashed already; a copy is checked against
        it. Raises NoSpace on a full disk (nothing is left behind) and Corrupt on a mismatch.
        """
        with full_disk_as_no_space(self.root):
            make_folder(self._disk, self._drafts)
            if move and path.stat().st_dev == self._drafts.stat().st_dev:
                digest = known or digest_file(path)
                draft = path
            else:
                draft, digest = self._copied(path, known)
        try:
            with self.shared():
                self._place(draft, digest)
                if move:
                    path.unlink(missing_ok=True)
                yield digest
        finally:
            if draft != path:
                draft.unlink(missing_ok=True)

    @contextmanager
    def adding_bytes(self, data: bytes) -> Iterator[FileDigest]:
        """Store bytes that are in memory; inside the block they cannot be deleted."""
        digest = digest_bytes(data)
        with full_disk_as_no_space(self.root):
            make_folder(self._disk, self._drafts)
            draft = self._written(lambda descriptor: write_all(self._disk, descriptor, data))
        try:
            with self.shared():
                self._place(draft, digest)
                yield digest
        finally:
            draft.unlink(missing_ok=True)

    def delete(self, digest: str) -> bool:
        """Remove the bytes; return whether they were here. Call it inside ``exclusive``."""
        path = self.path(digest)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        for folder in (path.parent, path.parent.parent):
            with suppress(OSError):  # not empty: other blobs live there
                folder.rmdir()
        return True

    def digests(self) -> Iterator[str]:
        """Yield the digest of every stored file, in order."""
        for path in sorted(self.root.glob("??/??/*")):
            if _DIGEST.fullmatch(path.name):
                yield path.name

    def sweep_drafts(self, *, older_than_seconds: float) -> int:
        """Remove drafts that a killed process left; return how many."""
        oldest = time.time() - older_than_seconds
        stale = [path for path in self._drafts.glob("*") if path.stat().st_mtime < oldest]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold off deletion; many may add at once."""
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold off everyone who adds or deletes; never enter it inside a transaction."""
        with self._locked(fcntl.LOCK_EX):
            yield

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)

    def _written(self, write: Callable[[int], None]) -> Path:
        """Return a synced draft that ``write`` filled; nothing is left when it fails."""
        draft = self._drafts / f"{os.getpid()}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            write(descriptor)
            self._disk.sync(descriptor)
        except BaseException:
            draft.unlink()
            raise
        finally:
            os.close(descriptor)
        return draft

    def _copied(self, path: Path, known: FileDigest | None) -> tuple[Path, FileDigest]:
        digester = DigestWriter()

        def copy(descriptor: int) -> None:
            with path.open("rb") as source:
                while piece := source.read(_STEP_BYTES):
                    digester.update(piece)
                    write_all(self._disk, descriptor, piece)
            if known is not None and digester.result() != known:
                raise Corrupt(f"{path.name} changed while it was being stored", hint="try again")

        draft = self._written(copy)
        return draft, digester.result()

    def _place(self, draft: Path, digest: FileDigest) -> None:
        """Give the draft its name. Equal bytes that are here already stay."""
        target = self.path(digest.sha256)
        if target.is_file() and target.stat().st_size == digest.size:
            return
        with full_disk_as_no_space(self.root):
            make_folder(self._disk, target.parent)
            draft.chmod(0o444)
            descriptor = os.open(draft, os.O_RDONLY)
            try:
                self._disk.sync(descriptor)
            finally:
                os.close(descriptor)
            draft.rename(target)
            sync_folder(self._disk, target.parent)
