from __future__ import annotations

import errno
import hashlib
import threading
import time
import zlib
from pathlib import Path

import pytest

from datasets_app.adapters.blob_store import BlobStore
from datasets_app.adapters.disk import Disk
from datasets_app.domain.media.checksum import FileDigest
from matteweb.errors import Corrupt, NoSpace, NotFound
from tests.fakes import FailingSync, FullDisk, ShortWrites

DATA = bytes(range(256)) * 9000  # 2.3 MB: more than two steps


def files_below(root: Path) -> list[str]:
    return sorted(
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and path.name != "lock"
    )


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(DATA)
    return path


def expected() -> FileDigest:
    return FileDigest(hashlib.sha256(DATA).hexdigest(), len(DATA), zlib.crc32(DATA))


@pytest.mark.parametrize("move", [True, False])
def test_a_file_lies_under_its_digest_and_nowhere_else(
    store: BlobStore, source: Path, move: bool
) -> None:
    digest = store.put_file(source, move=move)
    assert digest == expected()
    assert store.path(digest.sha256).read_bytes() == DATA
    assert files_below(store.root) == [store.relative_path(digest.sha256)]
    assert source.exists() is not move


def test_bytes_in_memory_are_stored_alike(store: BlobStore) -> None:
    assert store.put_bytes(DATA) == expected()
    with store.open(expected().sha256) as stream:
        assert stream.read() == DATA


def test_the_same_bytes_again_change_nothing_and_a_moved_source_goes(
    store: BlobStore, source: Path
) -> None:
    store.put_bytes(DATA)
    before = store.path(expected().sha256).stat()
    store.put_file(source)
    after = store.path(expected().sha256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert not source.exists()


def test_a_torn_file_under_a_digest_is_replaced_by_the_whole_one(store: BlobStore) -> None:
    path = store.path(expected().sha256)
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA[:100])
    store.put_bytes(DATA)
    assert path.read_bytes() == DATA


def test_stored_files_cannot_be_written(store: BlobStore) -> None:
    store.put_bytes(DATA)
    assert store.path(expected().sha256).stat().st_mode & 0o222 == 0


def test_a_disk_that_fills_up_leaves_nothing_behind(tmp_path: Path, source: Path) -> None:
    store = BlobStore(tmp_path / "blobs", FullDisk(room=1_500_000))
    with pytest.raises(NoSpace, match=r"is full.*free some space"):
        store.put_file(source, move=False)
    assert files_below(store.root) == []
    assert source.read_bytes() == DATA


def test_bytes_that_do_not_fit_leave_nothing_behind(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs", FullDisk(room=10))
    with pytest.raises(NoSpace):
        store.put_bytes(DATA)
    assert files_below(store.root) == []


def test_a_system_that_writes_short_stores_every_byte(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs", ShortWrites(most=70_000))
    store.put_bytes(DATA)
    assert store.path(expected().sha256).read_bytes() == DATA


class SyncFailsLater(FailingSync):
    """Lets folders be made, then fails."""

    def __init__(self) -> None:
        self.armed = False

    def sync(self, descriptor: int) -> None:
        if self.armed:
            super().sync(descriptor)


def test_bytes_that_cannot_be_made_durable_get_no_name(tmp_path: Path, source: Path) -> None:
    disk = SyncFailsLater()
    store = BlobStore(tmp_path / "blobs", disk)
    store.put_bytes(b"makes the folders")
    before = files_below(store.root)
    disk.armed = True
    with pytest.raises(OSError) as failure:
        store.put_file(source, move=False)
    assert failure.value.errno == errno.EIO
    assert files_below(store.root) == before


class JournalDisk(Disk):
    """Notes what is synced."""

    def __init__(self) -> None:
        self.synced: list[str] = []

    def sync(self, descriptor: int) -> None:
        self.synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        super().sync(descriptor)


def test_the_bytes_are_durable_before_the_name_and_the_name_before_the_answer(
    tmp_path: Path, source: Path
) -> None:
    disk = JournalDisk()
    digest = BlobStore(tmp_path / "blobs", disk).put_file(source)
    assert disk.synced[-2:] == [source.name, digest.sha256[2:4]]
    assert {"blobs", digest.sha256[:2]} <= set(disk.synced)  # the new folders' names, too


def test_a_known_digest_is_trusted_for_a_rename_and_checked_by_a_copy(
    store: BlobStore, source: Path
) -> None:
    wrong = FileDigest("0" * 64, len(DATA), 0)
    with pytest.raises(Corrupt), store.adding_file(source, move=False, known=wrong):
        pass
    assert files_below(store.root) == []
    with store.adding_file(source, move=True, known=expected()) as digest:
        assert digest == expected()


def test_a_failure_inside_the_block_keeps_the_bytes_and_frees_the_lock(
    store: BlobStore, source: Path
) -> None:
    with pytest.raises(RuntimeError), store.adding_file(source):
        raise RuntimeError
    assert store.exists(expected().sha256)
    with store.exclusive():
        pass


def test_nothing_is_deleted_while_a_file_gets_its_row(store: BlobStore) -> None:
    store.put_bytes(DATA)
    order: list[str] = []

    def delete() -> None:
        with store.exclusive():
            order.append("deleted")

    with store.adding_bytes(DATA):
        thread = threading.Thread(target=delete)
        thread.start()
        time.sleep(0.1)
        order.append("added")
    thread.join()
    assert order == ["added", "deleted"]


def test_deleting_frees_the_name_and_the_empty_folders(store: BlobStore) -> None:
    store.put_bytes(DATA)
    with store.exclusive():
        assert store.delete(expected().sha256)
        assert not store.delete(expected().sha256)
    assert not store.exists(expected().sha256)
    assert not store.path(expected().sha256).parent.parent.exists()
    with pytest.raises(NotFound):
        store.open(expected().sha256)


def test_every_stored_digest_is_listed_in_order(store: BlobStore) -> None:
    stored = {store.put_bytes(bytes([number])).sha256 for number in range(20)}
    assert list(store.digests()) == sorted(stored)


def test_old_drafts_of_killed_processes_are_swept_and_young_ones_stay(
    store: BlobStore,
) -> None:
    store.put_bytes(DATA)
    draft = store.root / "drafts" / "1.abc"
    draft.write_bytes(b"half")
    assert store.sweep_drafts(older_than_seconds=60) == 0
    assert store.sweep_drafts(older_than_seconds=-1) == 1
    assert not draft.exists()


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_only_a_digest_is_a_name(store: BlobStore, name: str) -> None:
    with pytest.raises(ValueError, match="not a sha256"):
        store.path(name)


def test_many_threads_that_store_the_same_bytes_make_one_file(store: BlobStore) -> None:
    threads = [threading.Thread(target=store.put_bytes, args=(DATA,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files_below(store.root) == [store.relative_path(expected().sha256)]
