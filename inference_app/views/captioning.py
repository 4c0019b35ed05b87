"""Captions of many videos: have them described, read them, mend them, approve them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from datasets_app.models.caption import CaptionLength
from datasets_app.selectors.footage import video_of
from inference_app.domain.captioners import CAPTIONERS
from inference_app.selectors.captioning import (
    PER_PAGE,
    caption_counts,
    captioned,
    captioned_videos,
    captioning_jobs,
    is_under_way,
    show_named,
)
from inference_app.services import captioning
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_numbers, whole_number
from matteweb.accounts.web import ProjectRequest, page_actor, project_page


@require_safe
@project_page(Role.VIEWER)
def captions_page(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show a page of videos with their captions, and how to have more described."""
    show = show_named(request.GET.get("show", ""))
    page = Paginator(captioned_videos(project, show), PER_PAGE).get_page(request.GET.get("page"))
    counts = caption_counts(project)
    rows = [captioned(video) for video in page]
    context = {
        "show": show,
        "shows": [
            (name, label, counts[name])
            for name, label in (
                ("all", _("All")),
                ("missing", _("Not complete")),
                ("waiting", _("To approve")),
                ("approved", _("Approved")),
            )
        ],
        "page": page,
        "rows": rows,
        "waits": any(row.waits for row in rows),
        "missing": counts["missing"],
        "captioners": [(one, one.unavailable()) for one in CAPTIONERS],
        "may_change": request.role.rank >= Role.ANNOTATOR.rank,
        **_jobs(project),
    }
    return render(request, "captions/page.html", context)


@require_safe
@project_page(Role.VIEWER)
def captions_part(request: ProjectRequest, project: Project) -> HttpResponse:
    """Answer with how far the jobs are; asked again while one is under way."""
    return render(request, "captions/_jobs.html", _jobs(project))


@require_POST
@project_page(Role.ANNOTATOR)
def start(request: ProjectRequest, project: Project) -> HttpResponse:
    """Queue a job over every video that lacks a caption, or anew over all that nobody approved."""
    again = "again" in request.POST
    captioning.captioning_start(
        project=project,
        videos=list(captioned_videos(project, "all" if again else "missing")),
        captioner_slug=request.POST.get("captioner", ""),
        again=again,
        actor=page_actor(request),
    )
    return _back(request, project)


@require_POST
@project_page(Role.ANNOTATOR)
def write(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Write what the form of one video holds, and approve it when that was pressed."""
    texts = {name: request.POST[name] for name in CaptionLength.values if name in request.POST}
    captioning.captions_write(
        video=video_of(project, pk),
        texts=texts,
        approve="approve" in request.POST,
        actor=page_actor(request),
    )
    return _back(request, project, f"#v-{pk}")


@require_POST
@project_page(Role.ANNOTATOR)
def approve(request: ProjectRequest, project: Project) -> HttpResponse:
    """Approve every text of the videos that were shown."""
    videos = [video_of(project, pk) for pk in row_numbers(request.POST.getlist("video"))]
    count = captioning.captions_approve(videos=videos, actor=page_actor(request))
    said = ngettext("%(count)s caption approved.", "%(count)s captions approved.", count)
    messages.success(request, said % {"count": count})
    return _back(request, project)


def _jobs(project: Project) -> dict[str, Any]:
    jobs = captioning_jobs(project)
    return {"jobs": jobs, "moving": is_under_way(jobs)}


def _back(request: ProjectRequest, project: Project, place: str = "") -> HttpResponse:
    """Return to the page as it was filtered."""
    query = f"?show={show_named(request.POST.get('show', ''))}"
    if number := whole_number(request.POST.get("page", "")):
        query += f"&page={number}"
    address = reverse("captions", kwargs={"project": project.slug})
    return HttpResponseRedirect(address + query + place)
