"""Image sets: their list, one set to review, and the pictures themselves."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from datasets_app.domain.annotation.cutting import CutParams
from datasets_app.downloads import export_response, set_picture_response
from datasets_app.forms import posted_values, schema_form
from datasets_app.models import ImageSet
from datasets_app.models.sample import ReviewState
from datasets_app.selectors.image_sets import (
    annotations_of,
    class_counts,
    cutting_job,
    export_of,
    exports_of,
    image_set_of,
    image_sets_of,
    library_exports_of,
    pictures_of,
    set_picture_of,
    videos_unannotated,
)
from datasets_app.services.keeping import deletion
from datasets_app.services.trees import image_sets, layout_exports
from datasets_app.services.trees.library_exports import TRACKS_LAYOUT
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_numbers
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput
from matteweb.jobs.states import LIVE

PAGE = 120


@require_safe
@project_page(Role.VIEWER)
def image_set_list(request: ProjectRequest, project: Project) -> HttpResponse:
    """List the sets, and the annotated videos that new ones can be cut from."""
    context = {
        "sets": image_sets_of(project),
        "annotations": annotations_of(project),
        "unannotated": videos_unannotated(project),
        "groups": schema_form(CutParams, {}),
        "exports": [
            one for one in library_exports_of(project) if one.export.layout == TRACKS_LAYOUT
        ],
        "tracks_layout": TRACKS_LAYOUT,
        **_roles(request),
    }
    return render(request, "image_sets/list.html", context)


@require_POST
@project_page(Role.ANNOTATOR)
def image_set_cut(request: ProjectRequest, project: Project) -> HttpResponse:
    """Begin to cut a set out of the chosen annotated videos."""
    chosen = annotations_of(project).filter(pk__in=row_numbers(request.POST.getlist("annotation")))
    if not chosen:
        raise BadInput(_("No annotated video was chosen."), hint=_("Tick at least one."))
    made, _job = image_sets.image_set_start(
        project=project,
        name=request.POST.get("name", ""),
        annotations=list(chosen),
        params=CutParams.read(posted_values(CutParams, request.POST)),
        actor=page_actor(request),
    )
    return redirect("image-set", project=project.slug, pk=made.pk)


@require_safe
@project_page(Role.VIEWER)
def image_set(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show one set: its classes, its pictures, what was exported of it."""
    found = image_set_of(project, pk)
    chosen = {key: request.GET.get(key, "") for key in ("split", "label", "review")}
    work = cutting_job(found)
    live = work is not None and work.state in LIVE
    if request.headers.get("HX-Request"):
        return _progress(request, found)
    page = Paginator(pictures_of(found, **chosen), PAGE).get_page(request.GET.get("page"))
    exports = exports_of(image_set=found)
    context = {
        "set": found,
        "classes": class_counts(found),
        "page": page,
        "chosen": chosen,
        "work": work,
        "live": live,
        "exports": exports,
        "reviews": ReviewState.choices,
        "writing": any(one.job is not None and one.job.state in LIVE for one in exports),
        **_roles(request),
    }
    return render(request, "image_sets/set.html", context)


@require_POST
@project_page(Role.REVIEWER)
def pictures_judge(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Accept, reject, reopen or relabel the chosen pictures."""
    found = image_set_of(project, pk)
    count = image_sets.pictures_judge(
        image_set=found,
        pictures=row_numbers(request.POST.getlist("picture")),
        act=request.POST.get("act", ""),
        label=request.POST.get("label", ""),
        actor=page_actor(request),
    )
    words = ngettext("%(count)s picture changed.", "%(count)s pictures changed.", count)
    messages.success(request, words % {"count": count})
    answer = redirect("image-set", project=project.slug, pk=pk)
    query = request.POST.get("back", "")
    if query:
        answer["Location"] += f"?{query}"
    return answer


@require_POST
@project_page(Role.VIEWER)
def image_set_export(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Begin to write the set as a ZIP with a folder per class."""
    layout_exports.layout_export_start(
        actor=page_actor(request), layout="mvtec_ad", image_set=image_set_of(project, pk)
    )
    return redirect("image-set", project=project.slug, pk=pk)


@require_POST
@project_page(Role.LEAD)
def image_set_archive(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Take a set out of the list; it can be restored, or deleted, under Archived."""
    deletion.row_archive(row=image_set_of(project, pk), actor=page_actor(request))
    return redirect("image-sets", project=project.slug)


@require_safe
@project_page(Role.VIEWER)
def picture_file(request: ProjectRequest, project: Project, pk: int, what: str) -> HttpResponseBase:
    """Answer with a picture of a set, or its mask."""
    return set_picture_response(request, set_picture_of(project, pk), what)


@require_safe
@project_page(Role.VIEWER)
def export_file(request: ProjectRequest, project: Project, pk: int) -> HttpResponseBase:
    """Answer with the ZIP of an export."""
    return export_response(request, export_of(project, pk).export)


def _progress(request: ProjectRequest, found: ImageSet) -> HttpResponse:
    work = cutting_job(found)
    writing = any(
        one.job is not None and one.job.state in LIVE for one in exports_of(image_set=found)
    )
    if writing or (work is not None and work.state in LIVE):
        context = {"set": found, "work": work, "live": True, **_roles(request)}
        return render(request, "image_sets/_progress.html", context)
    return HttpResponse(headers={"HX-Refresh": "true"})


def _roles(request: ProjectRequest) -> dict[str, object]:
    return {
        "may_change": request.role.rank >= Role.ANNOTATOR.rank,
        "may_review": request.role.rank >= Role.REVIEWER.rank,
        "may_lead": request.role.rank >= Role.LEAD.rank,
    }
