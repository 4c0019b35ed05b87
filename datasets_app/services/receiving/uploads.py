"""Files on their way in.

The row owns the offset, and it moves in this order, so that it never claims a byte that a power
cut could take:
1. The writer locks the file; a second writer is refused at once.
2. What the file holds beyond the row was never confirmed: it is cut off.
3. The chunk is appended and synced.
4. The row moves from the old offset to the new one by compare-and-swap; with the last chunk the
   same transaction marks it received and queues the job that hashes and stores it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from datasets_app.adapters.upload_store import (
    PartBusy,
    PartMissing,
    PartWriter,
    UploadStore,
    upload_store,
)
from datasets_app.domain.assets.scene_files import require_size, scene_file_kind
from datasets_app.domain.byte_counts import in_words
from datasets_app.domain.media.checksum import DigestWriter, FileDigest
from datasets_app.domain.progress import Progress, ShouldStop
from datasets_app.domain.tus import ChunkChecksum, Gone, Locked, TooLarge
from datasets_app.domain.upload_purpose import UploadWish
from datasets_app.models import Asset, Blob, Upload, Video
from datasets_app.models.upload import UploadState
from datasets_app.services.blobs import blob_from_file, blob_store
from datasets_app.services.receiving.uploads_dispatch import upload_dispatch
from datasets_app.services.space import space_require, space_require_at
from datasets_app.services.state_moves import UPLOAD, state_move
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, Project, User
from matteweb.accounts.request_numbers import row_number
from matteweb.errors import BadInput, Cancelled, Conflict, Corrupt, MatteError, NoSpace, NotFound
from matteweb.jobs.context import Again
from matteweb.jobs.services import job_create

FINISH_JOB = "upload_finish"
PARTNER_LOOKS_APART_SECONDS = 0.5
_STEP_BYTES = 1024**2
# What a file that belongs to something else belongs to, by what it is.
_TARGETS: dict[str, tuple[str, type[Video] | type[Asset]]] = {
    "mask": ("video", Video),
    "matte": ("asset", Asset),
}

Read = Callable[[int], bytes]
"""``read(n)`` returns at most n bytes of the body, b"" at its end."""


def upload_start(*, project: Project, wish: UploadWish, size: int, actor: Actor) -> Upload:
    """Accept a file of ``size`` bytes before any of it is sent.

    Raises BadInput for an empty file, TooLarge, NoSpace for disk or quota, and NotFound for a mask
    of a video, or a matte of an asset, that the project does not have.
    """
    user = _uploader(actor)
    if size == 0:
        raise BadInput(f"{wish.filename} is empty", hint="save it again and send it then")
    if size > settings.UPLOAD_MAX_BYTES:
        raise TooLarge(
            f"{wish.filename} has {in_words(size)}; one file may have at most "
            f"{in_words(settings.UPLOAD_MAX_BYTES)}",
            hint="cut it into clips, or use `manage.py add_video --link` on the server",
        )
    if scene_file_kind(wish.filename):
        require_size(wish.filename, size)
    _require_target(project, wish)
    uid = secrets.token_hex(16)
    with transaction.atomic():  # so that two uploads cannot both take the last room
        space_require_at(Path(settings.UPLOAD_DIR), size, purpose=wish.filename)
        space_require(project=project, needed=size, purpose=wish.filename)
        upload_store().create(uid)
        return Upload.objects.create(
            uid=uid,
            project=project,
            created_by=user,
            channel=actor.channel,
            filename=wish.filename,
            relative_path=wish.relative_path,
            purpose=wish.purpose,
            size=size,
            expires_at=_expiry(),
        )


def upload_offset(upload: Upload) -> int:
    """Return how many bytes are safely here; a row that claims more than the disk has is mended."""
    if upload.state != UploadState.RECEIVING:
        return upload.offset
    _require_fresh(upload)
    on_disk = upload_store().size(upload.uid)
    if on_disk < upload.offset:
        _offset_move(upload, on_disk)
    return upload.offset


def upload_append(
    *, upload: Upload, offset: int, read: Read, checksum: ChunkChecksum | None = None
) -> Upload:
    """Append one chunk that begins at ``offset``; all of it is kept or none.

    Raises Locked while another request writes, Conflict when ``offset`` is not where the upload
    stands or it is complete, Gone when it has expired, NoSpace, ChecksumMismatch, and BadInput for
    more bytes than were announced.
    """
    with _writing(upload) as part:
        if offset != upload.offset:
            raise Conflict(
                f"{upload.filename} stands at byte {upload.offset}, not {offset}",
                hint="ask for the offset with HEAD and go on from there",
            )
        part.cut(offset)
        try:
            written = _copy(read, part, upload, checksum)
            part.sync()
        except BaseException:
            part.cut(offset)
            raise
        with transaction.atomic():
            _offset_move(upload, offset + written)
            if upload.offset == upload.size:
                _hand_to_worker(upload)
    return upload


def upload_finish(*, upload_id: int, progress: Progress, should_stop: ShouldStop) -> None:
    """Hash the file, move it into the blob store and hand it on; ``progress`` counts bytes.

    May be run again after a kill at any moment: the file is taken from where the last run left it,
    and what it becomes is written in the same transaction as "finished". What cannot be used leaves
    the upload ``failed`` with the cause; on a full disk, or when stopped, it stays as it is.
    """
    upload = Upload.objects.select_related("project", "created_by").filter(pk=upload_id).first()
    if upload is None or upload.state == UploadState.FINISHED:
        return
    if upload.state == UploadState.FAILED:
        state_move(upload, UploadState.RECEIVED, UPLOAD, error="", hint="")
    try:
        blob = _stored(upload, progress, should_stop)
        with transaction.atomic():
            result = upload_dispatch(upload, blob, _sender(upload))
            state_move(upload, UploadState.FINISHED, UPLOAD, result=result)
    except Again:
        # Outside of the transaction: nobody may wait for this.
        sleep(PARTNER_LOOKS_APART_SECONDS)
        raise
    except (Cancelled, NoSpace):
        raise
    except MatteError as error:
        state_move(upload, UploadState.FAILED, UPLOAD, error=error.message, hint=error.hint)
        raise


def _sender(upload: Upload) -> Actor:
    return Actor(upload.created_by, AuditEntry.Channel(upload.channel))


def _uploader(actor: Actor) -> User:
    if actor.user is None:
        raise ValueError("an upload belongs to somebody")
    return actor.user


def _require_target(project: Project, wish: UploadWish) -> None:
    kind = wish.purpose["kind"]
    if kind not in _TARGETS:
        return
    noun, model = _TARGETS[kind]
    number = row_number(wish.purpose.get(noun, ""))
    if not model.objects.filter(project=project, archived_at=None, pk=number).exists():
        raise NotFound(
            f"{wish.filename} is a {kind} of no {noun} of this project",
            hint=f"open the {noun} and add the {kind} there",
        )


def _expiry() -> datetime:
    return timezone.now() + timedelta(hours=settings.UPLOAD_EXPIRES_HOURS)


def _require_fresh(upload: Upload) -> None:
    if upload.expires_at < timezone.now():
        raise Gone(f"the upload of {upload.filename} has expired", hint="send the file again")


@contextmanager
def _writing(upload: Upload) -> Iterator[PartWriter]:
    """Hold the file of an upload that still receives, its row read anew, never behind the disk."""
    store = upload_store()
    if upload.state == UploadState.RECEIVING and not store.path(upload.uid).exists():
        _start_over(upload, store)
    try:
        with store.writing(upload.uid) as part:
            _refresh(upload)
            if upload.state != UploadState.RECEIVING:
                raise Conflict(f"{upload.filename} is complete")
            _require_fresh(upload)
            if part.size() < upload.offset:
                _offset_move(upload, part.size())
            yield part
    except PartBusy:
        raise Locked(
            f"another request is writing {upload.filename}", hint="wait a moment and try again"
        ) from None
    except PartMissing:
        raise NotFound(f"the upload of {upload.filename} is gone", hint="send it again") from None


def _start_over(upload: Upload, store: UploadStore) -> None:
    """Begin again with an empty file: the disk has lost the old one, but the row still stands."""
    _refresh(upload)
    if upload.state != UploadState.RECEIVING:
        return
    try:
        store.create(upload.uid)
    except FileExistsError:
        return  # another request was faster
    if upload.offset:
        _offset_move(upload, 0)


def _refresh(upload: Upload) -> None:
    try:
        upload.refresh_from_db()
    except Upload.DoesNotExist:
        raise NotFound(f"the upload of {upload.filename} is gone", hint="send it again") from None


def _copy(read: Read, part: PartWriter, upload: Upload, checksum: ChunkChecksum | None) -> int:
    room = upload.size - upload.offset
    written = 0
    while piece := read(_STEP_BYTES):
        if written + len(piece) > room:
            raise BadInput(
                f"{upload.filename} was announced with {upload.size} bytes; this chunk goes beyond"
            )
        part.append(piece)
        written += len(piece)
        if checksum:
            checksum.update(piece)
    if checksum:
        checksum.require_match()
    return written


def _offset_move(upload: Upload, to: int) -> None:
    """Move the row from the offset that was read to another, unless somebody else moved it."""
    row = Upload.objects.filter(pk=upload.pk, offset=upload.offset, state=UploadState.RECEIVING)
    if row.update(offset=to, expires_at=_expiry()) != 1:
        raise Conflict(f"{upload.filename} was changed by another request", hint="try again")
    upload.refresh_from_db()


def _hand_to_worker(upload: Upload) -> None:
    state_move(upload, UploadState.RECEIVED, UPLOAD)
    job_create(
        project=upload.project,
        kind=FINISH_JOB,
        title=f"Store {upload.filename}",
        target_id=upload.pk,
        actor=_sender(upload),
    )


def _stored(upload: Upload, progress: Progress, should_stop: ShouldStop) -> Blob:
    path = upload_store().path(upload.uid)
    if not path.exists():
        return _stored_before(upload)
    digest = _digest(path, progress, should_stop)
    if digest.size != upload.size:
        raise Corrupt(
            f"{upload.filename} has {digest.size} bytes here, but {upload.size} were sent",
            hint="send it again",
        )
    Upload.objects.filter(pk=upload.pk).update(digest=digest.sha256)
    return blob_from_file(path, known=digest)


def _stored_before(upload: Upload) -> Blob:
    """Find the blob that an earlier run has made of the file, or was about to record."""
    store = blob_store()
    if not upload.digest or not store.exists(upload.digest):
        raise Corrupt(f"the bytes of {upload.filename} are gone", hint="send the file again")
    return blob_from_file(store.path(upload.digest), move=False)


def _digest(path: Path, progress: Progress, should_stop: ShouldStop) -> FileDigest:
    digest = DigestWriter()
    total, done = path.stat().st_size, 0
    with path.open("rb") as stream:
        while piece := stream.read(_STEP_BYTES):
            if should_stop():
                raise Cancelled(f"stopped at byte {done} of {total}")
            digest.update(piece)
            done += len(piece)
            progress(done, total)
    return digest.result()
