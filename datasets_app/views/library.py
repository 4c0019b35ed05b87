"""Library: footage comes in here, and is found again."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from datasets_app.models import Asset, ImageSet, Mask, Upload, Video
from datasets_app.models.video import IngestState
from datasets_app.selectors.footage import stills_of, videos_of
from datasets_app.selectors.image_sets import library_exports_of
from datasets_app.selectors.incoming import incoming
from datasets_app.selectors.library import (
    LibraryFilter,
    library_archived,
    library_facets,
    library_totals,
    library_videos,
)
from datasets_app.services.keeping import deletion
from datasets_app.services.receiving.ingest_resume import ingest_resume
from datasets_app.services.receiving.upload_removal import upload_terminate
from datasets_app.services.sources import captions, footage
from datasets_app.services.trees.imports import IMPORT_JOB
from datasets_app.services.trees.library_exports import CLIP_LAYOUTS, library_layouts
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_numbers
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput, NotAllowed, NotFound
from matteweb.jobs.models import Job
from matteweb.jobs.services import job_retry

PAGE = 60
KINDS = {"video": Video, "asset": Asset, "mask": Mask, "image_set": ImageSet}


@require_safe
@project_page(Role.VIEWER)
def library(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the project's footage, filtered, with what is on its way in."""
    chosen = LibraryFilter.from_query(request.GET)
    stills = request.GET.get("kind") == "stills"
    rows = stills_of(project).filter(state="ready") if stills else library_videos(project, chosen)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "stills": stills,
        "chosen": chosen,
        "facets": library_facets(project, chosen),
        "totals": library_totals(project),
        "sorts": _sort_words(),
        "layouts": [one for one in library_layouts() if one.slug in CLIP_LAYOUTS],
        "exports": [
            one for one in library_exports_of(project) if one.export.layout in CLIP_LAYOUTS
        ],
        **_incoming_context(request, project),
    }
    # The browser's "back" asks for the whole page, though by the same header.
    restored = request.headers.get("HX-History-Restore-Request")
    part = request.headers.get("HX-Request") and not restored
    answer = render(request, "library/_found.html" if part else "library/page.html", context)
    # One address, two answers: without this the browser's "back" shows the part alone.
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@project_page(Role.VIEWER)
def library_archive(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show what was archived, to be restored or deleted."""
    context = {"archived": library_archived(project), "totals": library_totals(project)}
    return render(request, "library/archived.html", context | _roles(request))


@require_safe
@project_page(Role.VIEWER)
def library_incoming(request: ProjectRequest, project: Project) -> HttpResponse:
    """Answer with the panel of what arrives; asked again while something moves."""
    return _incoming_answer(request, project)


@require_POST
@project_page(Role.ANNOTATOR)
def footage_decide(request: ProjectRequest, project: Project, kind: str, pk: int) -> HttpResponse:
    """Answer one question of ingest, read a failed file again, or go on after a stop."""
    row = _source(project, kind, pk)
    code, actor = request.POST.get("code", ""), page_actor(request)
    if code == "retry":
        footage.footage_retry(footage=row, actor=actor)
    elif code == "resume":
        ingest_resume(row=row, actor=actor)
    else:
        choice = request.POST.get("choice", "")
        footage.footage_decide(footage=row, code=code, choice=choice, actor=actor)
    if not request.headers.get("HX-Request"):
        page = "video" if isinstance(row, Video) else "asset"
        return redirect(page, project=project.slug, pk=pk)
    return _incoming_answer(request, project)


@require_POST
@project_page(Role.ANNOTATOR)
def footage_discard(request: ProjectRequest, project: Project, kind: str, pk: int) -> HttpResponse:
    """Take a file that did not work out of the panel; it can be restored."""
    row = _source(project, kind, pk)
    if row.state == IngestState.READY and request.role.rank < Role.LEAD.rank:
        raise NotAllowed(_("Archiving needs the role of lead."))
    deletion.row_archive(row=row, actor=page_actor(request))
    if not request.headers.get("HX-Request"):
        return redirect("library", project=project.slug)
    return _incoming_answer(request, project)


@require_POST
@project_page(Role.ANNOTATOR)
def incoming_upload(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Store an upload that stopped or failed once more, or forget it."""
    upload = get_object_or_404(Upload, project=project, pk=pk)
    if request.POST.get("code") == "discard":
        upload_terminate(upload=upload, actor=page_actor(request))
    else:
        ingest_resume(row=upload, actor=page_actor(request))
    return _incoming_answer(request, project)


@require_POST
@project_page(Role.ANNOTATOR)
def incoming_import(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Let an import that stopped or failed go on."""
    job_retry(
        job=get_object_or_404(Job, project=project, pk=pk, kind=IMPORT_JOB),
        actor=page_actor(request),
    )
    return _incoming_answer(request, project)


@require_POST
@project_page(Role.LEAD)
def row_restore(request: ProjectRequest, project: Project, kind: str, pk: int) -> HttpResponse:
    """Bring an archived object back."""
    row = _archived(project, kind, pk)
    deletion.row_restore(row=row, actor=page_actor(request))
    messages.success(request, _("%(name)s is back.") % {"name": row.name})
    return redirect("library-archived", project=project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Role.LEAD)
def row_delete(request: ProjectRequest, project: Project, kind: str, pk: int) -> HttpResponse:
    """Say what depends on an archived object; delete it when that was confirmed."""
    row = _archived(project, kind, pk)
    if request.method == "POST":
        name = row.name
        deletion.row_delete(row=row, actor=page_actor(request))
        messages.success(request, _("%(name)s was deleted.") % {"name": name})
        return redirect("library-archived", project=project.slug)
    context = {"row": row, "kind": kind, "dependents": deletion.dependents_of(row)}
    return render(request, "library/delete.html", context)


@require_POST
@project_page(Role.ANNOTATOR)
def selection_edit(request: ProjectRequest, project: Project) -> HttpResponse:
    """Tag, license or archive the selected videos or stills."""
    stills = request.POST.get("kind") == "stills"
    picked = Q(pk__in=row_numbers(request.POST.getlist("selected")))
    chosen: list[Video | Asset] = [
        *(stills_of(project).filter(picked) if stills else videos_of(project).filter(picked))
    ]
    act = request.POST.get("act", "")
    if act == "archive" and request.role.rank < Role.LEAD.rank:
        raise NotAllowed(_("Archiving needs the role of lead."))
    for row in chosen:
        _edit(row, act, request)
    words = ngettext("%(count)s file changed.", "%(count)s files changed.", len(chosen))
    messages.success(request, words % {"count": len(chosen)})
    address = reverse("library", kwargs={"project": project.slug})
    back = QueryDict(request.POST.get("back", "")).urlencode()
    return redirect(f"{address}?{back}" if back else address)


def _edit(row: Video | Asset, act: str, request: ProjectRequest) -> None:
    actor = page_actor(request)
    if act == "archive":
        deletion.row_archive(row=row, actor=actor)
    elif act == "tag":
        tags = [*row.tags, *request.POST.get("tag", "").split(",")]
        footage.footage_edit(footage=row, actor=actor, tags=tags)
    elif act == "licence":
        rights = footage.Rights(
            licence=request.POST.get("licence", ""),
            licence_url=row.licence_url,
            attribution=row.attribution,
        )
        footage.footage_edit(footage=row, actor=actor, rights=rights)


@require_POST
@project_page(Role.ANNOTATOR)
def captions_import(request: ProjectRequest, project: Project) -> HttpResponse:
    """Write a caption file of either form onto the videos that it names."""
    given = request.FILES.get("file")
    if given is None:
        raise BadInput(_("No caption file was chosen."), hint=_("Choose a .json file."))
    count, findings = captions.captions_import(
        project=project, data=given.read(), filename=given.name or "", actor=page_actor(request)
    )
    messages.success(request, _("%(count)s videos captioned.") % {"count": count})
    for finding in findings[:5]:
        messages.warning(request, str(finding))
    return redirect("library", project=project.slug)


@require_safe
@project_page(Role.VIEWER)
def captions_export(request: ProjectRequest, project: Project, form: str) -> HttpResponse:
    """Answer with the captions of all videos as a file of that form."""
    if form == "list":
        data = captions.captions_export(project=project, form="list")
    elif form == "dict":
        data = captions.captions_export(project=project, form="dict")
    else:
        raise NotFound(f"there is no caption form {form!r}", hint="list or dict")
    response = HttpResponse(data, content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="captions.json"'
    return response


def _sort_words() -> list[tuple[str, str]]:
    return [
        ("new", _("Newest first")),
        ("old", _("Oldest first")),
        ("name", _("By name")),
        ("long", _("Longest first")),
    ]


def _incoming_answer(request: ProjectRequest, project: Project) -> HttpResponse:
    return render(request, "library/_incoming.html", _incoming_context(request, project))


def _incoming_context(request: ProjectRequest, project: Project) -> dict[str, object]:
    return {"incoming": incoming(project), **_roles(request)}


def _roles(request: ProjectRequest) -> dict[str, object]:
    return {
        "may_change": request.role.rank >= Role.ANNOTATOR.rank,
        "may_archive": request.role.rank >= Role.LEAD.rank,
    }


def _source(project: Project, kind: str, pk: int) -> Video | Asset:
    model = {"video": Video, "asset": Asset}.get(kind)
    if model is None:
        raise NotFound(f"there is no kind {kind!r}")
    return get_object_or_404(model, project=project, pk=pk, archived_at=None)  # type: ignore[return-value]


def _archived(project: Project, kind: str, pk: int) -> Video | Asset | Mask | ImageSet:
    model = KINDS.get(kind)
    if model is None:
        raise NotFound(f"there is no kind {kind!r}")
    owner = "video__project" if model is Mask else "project"
    rows = model._default_manager.filter(**{"pk": pk, owner: project, "archived_at__isnull": False})
    return get_object_or_404(rows)  # type: ignore[return-value]
