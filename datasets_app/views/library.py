"""Library: footage comes in here, and is found again."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from datasets_app.models import Asset, Video
from datasets_app.selectors.footage import stills_of, videos_of
from datasets_app.selectors.library import (
    LibraryFilter,
    incoming,
    library_facets,
    library_totals,
    library_videos,
)
from datasets_app.services import captions, deletion, footage
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput, NotFound

PAGE = 60


@require_safe
@project_page(Role.VIEWER)
def library(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the project's footage, filtered, with what is on its way in."""
    chosen = LibraryFilter.from_query(request.GET)
    stills = request.GET.get("kind") == "stills"
    rows = stills_of(project) if stills else library_videos(project, chosen)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "stills": stills,
        "chosen": chosen,
        "facets": library_facets(project, chosen),
        "totals": library_totals(project),
        "incoming": incoming(project),
        "may_change": request.role.rank >= Role.ANNOTATOR.rank,
        "may_archive": request.role.rank >= Role.LEAD.rank,
    }
    template = "library/_grid.html" if request.headers.get("HX-Request") else "library/page.html"
    return render(request, template, context)


@require_safe
@project_page(Role.VIEWER)
def library_incoming(request: ProjectRequest, project: Project) -> HttpResponse:
    """Answer with the panel of what arrives; asked again while something moves."""
    return render(request, "library/_incoming.html", _incoming_context(request, project))


@require_POST
@project_page(Role.ANNOTATOR)
def footage_decide(request: ProjectRequest, project: Project, kind: str, pk: int) -> HttpResponse:
    """Answer one question of ingest, or read a failed file again."""
    row = _row(project, kind, pk)
    if request.POST.get("code") == "retry":
        footage.footage_retry(footage=row, actor=page_actor(request))
    else:
        footage.footage_decide(
            footage=row,
            code=request.POST.get("code", ""),
            choice=request.POST.get("choice", ""),
            actor=page_actor(request),
        )
    return render(request, "library/_incoming.html", _incoming_context(request, project))


@require_POST
@project_page(Role.ANNOTATOR)
def footage_discard(request: ProjectRequest, project: Project, kind: str, pk: int) -> HttpResponse:
    """Take a file that did not work out of the panel; it can be restored."""
    deletion.row_archive(row=_row(project, kind, pk), actor=page_actor(request))
    return render(request, "library/_incoming.html", _incoming_context(request, project))


@require_POST
@project_page(Role.ANNOTATOR)
def selection_edit(request: ProjectRequest, project: Project) -> HttpResponse:
    """Tag, license or archive the selected videos."""
    chosen = videos_of(project).filter(pk__in=request.POST.getlist("selected"))
    actor = page_actor(request)
    act = request.POST.get("act", "")
    if act == "archive" and request.role.rank < Role.LEAD.rank:
        raise BadInput(_("Archiving needs the role of lead."))
    for video in chosen:
        if act == "archive":
            deletion.row_archive(row=video, actor=actor)
        elif act == "tag":
            tags = [*video.tags, request.POST.get("tag", "")]
            footage.footage_edit(footage=video, actor=actor, tags=tags)
        elif act == "licence":
            rights = footage.Rights(
                licence=request.POST.get("licence", ""),
                licence_url=video.licence_url,
                attribution=request.POST.get("attribution") or video.attribution,
            )
            footage.footage_edit(footage=video, actor=actor, rights=rights)
    messages.success(request, _("%(count)s videos changed.") % {"count": len(chosen)})
    return redirect("library", project=project.slug)


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


def _incoming_context(request: ProjectRequest, project: Project) -> dict[str, object]:
    return {
        "incoming": incoming(project),
        "may_change": request.role.rank >= Role.ANNOTATOR.rank,
    }


def _row(project: Project, kind: str, pk: int) -> Video | Asset:
    model = {"video": Video, "asset": Asset}.get(kind)
    if model is None:
        raise NotFound(f"there is no kind {kind!r}")
    return get_object_or_404(model, project=project, pk=pk, archived_at=None)  # type: ignore[return-value]
