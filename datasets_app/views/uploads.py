"""The tus 1.0 endpoint: plain views, since nothing may parse the bytes on their way to the disk.

A server under ASGI hands a view the whole body of a request, so a body is one chunk (8 MiB is a
good size), and a connection that breaks costs that chunk at most. ``BodyLimit`` refuses more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.http import http_date

from datasets_app.domain.tus import (
    CHECKSUM_ALGORITHMS,
    CHUNK_TYPE,
    EXTENSIONS,
    VERSION,
    WrongMediaType,
    WrongVersion,
    format_metadata,
    parse_checksum,
    parse_count,
    parse_metadata,
)
from datasets_app.domain.upload_purpose import read_wish
from datasets_app.models import Upload
from datasets_app.selectors.uploads import upload_facts, upload_of, uploads_of
from datasets_app.services.receiving.upload_removal import upload_terminate
from datasets_app.services.receiving.uploads import upload_append, upload_offset, upload_start
from matteweb.accounts.actor import Actor
from matteweb.accounts.authentication import request_token
from matteweb.accounts.error_pages import error_answer
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, api_actor, page_actor, project_api
from matteweb.errors import MatteError, Unsupported

_PROTOCOL_METHODS = frozenset({"POST", "HEAD", "PATCH", "DELETE"})
_OVERRIDES = frozenset({"PATCH", "DELETE"})

Answer = Callable[..., HttpResponse]


def tus_endpoint(view: Answer) -> Answer:
    """Answer every request, refusals included, with the protocol's own headers and uncached."""

    @wraps(view)
    def wrapper(request: HttpRequest, **kwargs: str) -> HttpResponse:
        try:
            response = view(request, **kwargs)
        except MatteError as error:
            response = error_answer(request, error)
        response["Tus-Resumable"] = VERSION
        response["Tus-Version"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return wrapper


@tus_endpoint
@project_api(Role.ANNOTATOR)
def upload_collection(request: ProjectRequest, project: Project) -> HttpResponse:
    """OPTIONS tells what the endpoint can, POST begins an upload, GET lists the sender's own."""
    _require_version(request)
    match request.method:
        case "OPTIONS":
            return _abilities()
        case "POST":
            return _begin(request, project)
        case "GET":
            listed = uploads_of(project, request.user)
            return JsonResponse({"uploads": [upload_facts(upload) for upload in listed]})
        case _:
            return HttpResponseNotAllowed(["OPTIONS", "POST", "GET"])


@tus_endpoint
@project_api(Role.ANNOTATOR)
def upload_item(request: ProjectRequest, project: Project, uid: str) -> HttpResponse:
    """HEAD tells the offset, PATCH appends, DELETE forgets, GET tells what became of it.

    Only the sender reaches an upload; whoever leads the project may also delete it.
    """
    _require_version(request)
    method = _method(request)
    leads = method == "DELETE" and request.role.rank >= Role.LEAD.rank
    upload = upload_of(project, uid, None if leads else request.user)
    match method:
        case "OPTIONS":
            return _abilities()
        case "HEAD":
            return _standing(upload)
        case "PATCH":
            return _append(request, upload)
        case "DELETE":
            upload_terminate(upload=upload, actor=_actor(request))
            return HttpResponse(status=204)
        case "GET":
            return JsonResponse(upload_facts(upload))
        case _:
            return HttpResponseNotAllowed(["OPTIONS", "HEAD", "PATCH", "DELETE", "GET"])


def _method(request: ProjectRequest) -> str:
    """Return the method; a POST may stand for one that a firewall does not let through."""
    override = request.headers.get("X-HTTP-Method-Override", "").upper()
    if request.method == "POST" and override in _OVERRIDES:
        return override
    return request.method or ""


def _require_version(request: ProjectRequest) -> None:
    if request.method in _PROTOCOL_METHODS and request.headers.get("Tus-Resumable") != VERSION:
        raise WrongVersion(
            "Tus-Resumable is missing or names another version",
            hint=f"this endpoint speaks tus {VERSION}",
        )


def _actor(request: ProjectRequest) -> Actor:
    return api_actor(request) if request_token(request) is not None else page_actor(request)


def _abilities() -> HttpResponse:
    return HttpResponse(
        status=204,
        headers={
            "Tus-Extension": ",".join(EXTENSIONS),
            "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUM_ALGORITHMS),
        },
    )


def _begin(request: ProjectRequest, project: Project) -> HttpResponse:
    if "Upload-Defer-Length" in request.headers:
        raise Unsupported("the length must be known at the start", hint="send Upload-Length")
    size = parse_count(request.headers.get("Upload-Length"), "Upload-Length")
    wish = read_wish(parse_metadata(request.headers.get("Upload-Metadata", "")))
    upload = upload_start(project=project, wish=wish, size=size, actor=_actor(request))
    # Relative, so that it is right behind any proxy, whatever host and prefix that one shows.
    return HttpResponse(status=201, headers={"Location": upload.uid} | _expires(upload))


def _standing(upload: Upload) -> HttpResponse:
    named = {"filename": upload.filename, "relativePath": upload.relative_path}
    return HttpResponse(
        status=200,
        headers={
            "Upload-Offset": str(upload_offset(upload)),
            "Upload-Length": str(upload.size),
            "Upload-Metadata": format_metadata(named | upload.purpose),
        }
        | _expires(upload),
    )


def _append(request: ProjectRequest, upload: Upload) -> HttpResponse:
    if request.headers.get("Content-Type") != CHUNK_TYPE:
        raise WrongMediaType("the body is no chunk of an upload", hint=f"send it as {CHUNK_TYPE}")
    upload_append(
        upload=upload,
        offset=parse_count(request.headers.get("Upload-Offset"), "Upload-Offset"),
        read=request.read,
        checksum=parse_checksum(request.headers.get("Upload-Checksum", "")),
    )
    headers = {"Upload-Offset": str(upload.offset)} | _expires(upload)
    return HttpResponse(status=204, headers=headers)


def _expires(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": http_date(upload.expires_at.timestamp())}
