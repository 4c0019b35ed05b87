"""Video: one clip with its masks, captions, rights, and what was made of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from datasets_app.domain.captions import WORD_LIMITS
from datasets_app.domain.media.fact_words import fact_words
from datasets_app.domain.media.mask_reading import Polarity
from datasets_app.models import Bundle, Video
from datasets_app.models.caption import CaptionLength
from datasets_app.selectors.footage import mask_of, video_of
from datasets_app.selectors.incoming import footage_incoming, masks_incoming
from datasets_app.selectors.samples import samples_of
from datasets_app.services.keeping import deletion
from datasets_app.services.receiving.ingest_resume import ingest_resume
from datasets_app.services.sources import captions, footage, masks
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import whole_number
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput

SAMPLES_SHOWN = 12
_POLARITIES: dict[str, Polarity] = {"white": "white", "black": "black"}
"""What a person may choose; anything else leaves it to the rule."""


@require_safe
@project_page(Role.VIEWER)
def video(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show one video."""
    found = video_of(project, pk)
    return render(request, "video/page.html", _context(request, found))


@require_POST
@project_page(Role.ANNOTATOR)
def video_edit(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Change name, rights, tags, source group and split."""
    found, actor = video_of(project, pk), page_actor(request)
    footage.footage_edit(
        footage=found,
        actor=actor,
        name=request.POST.get("name", ""),
        rights=footage.Rights(
            licence=request.POST.get("licence", ""),
            licence_url=request.POST.get("licence_url", ""),
            attribution=request.POST.get("attribution", ""),
        ),
        tags=request.POST.get("tags", "").split(","),
        source_group=request.POST.get("source_group", ""),
    )
    footage.video_place(video=found, split=request.POST.get("split", found.split), actor=actor)
    return redirect("video", project=project.slug, pk=pk)


@require_POST
@project_page(Role.ANNOTATOR)
def video_captions(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Write every length that the form holds."""
    found = video_of(project, pk)
    before = {caption.length: caption.text for caption in found.captions.all()}
    for length in CaptionLength.values:
        text = request.POST.get(length, "").strip()
        if text != before.get(length, ""):
            captions.caption_set(video=found, length=length, text=text, actor=page_actor(request))
    return redirect("video", project=project.slug, pk=pk)


@require_safe
@project_page(Role.VIEWER)
def video_masks(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with the list of masks; asked again while one is being read."""
    return render(request, "video/_masks.html", _context(request, video_of(project, pk)))


@require_POST
@project_page(Role.ANNOTATOR)
def mask_reread(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Read a mask's original another way."""
    mask = mask_of(project, pk)
    given = request.POST.get("threshold", "")
    threshold = whole_number(given)
    if given and threshold is None:
        raise BadInput(f"{given!r} is no threshold", hint="0 to 254, by default 127")
    masks.mask_reread(
        mask=mask,
        actor=page_actor(request),
        polarity=_POLARITIES.get(request.POST.get("polarity", "")),
        threshold=threshold,
    )
    return redirect("video", project=project.slug, pk=mask.video_id)


@require_POST
@project_page(Role.ANNOTATOR)
def mask_resume(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Let the reading of a mask go on after a stop."""
    mask = mask_of(project, pk)
    ingest_resume(row=mask, actor=page_actor(request))
    return redirect("video", project=project.slug, pk=mask.video_id)


@require_POST
@project_page(Role.LEAD)
def mask_archive(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Take a mask out of every list."""
    mask = mask_of(project, pk)
    deletion.row_archive(row=mask, actor=page_actor(request))
    return redirect("video", project=project.slug, pk=mask.video_id)


@require_POST
@project_page(Role.LEAD)
def video_archive(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Take a video out of every list."""
    deletion.row_archive(row=video_of(project, pk), actor=page_actor(request))
    return redirect("library", project=project.slug)


@require_POST
@project_page(Role.LEAD)
def video_withdraw(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Mark a source whose use is no longer permitted, and the bundles that contain it."""
    found = video_of(project, pk)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise BadInput("a withdrawal needs a reason", hint="write who asked for it, and why")
    deletion.video_withdraw(video=found, actor=page_actor(request), reason=reason)
    return redirect("video", project=project.slug, pk=pk)


def _context(request: ProjectRequest, found: Video) -> dict[str, Any]:
    texts = {caption.length: caption.text for caption in found.captions.all()}
    made = samples_of(found.project).filter(videos=found)
    rows = masks_incoming(found)
    return {
        "video": found,
        "incoming_row": footage_incoming(found),
        "facts": fact_words(found.facts),
        "findings": [(one, found.decisions.get(one["code"], "")) for one in found.findings],
        "masks": rows,
        "masks_archived": found.masks.model.objects.filter(video=found).exclude(archived_at=None),
        "masks_moving": any(one.moving for one in rows),
        "captions": [
            (value, label, texts.get(value, ""), WORD_LIMITS.get(value))
            for value, label in CaptionLength.choices
        ],
        "samples": made.order_by("-pk")[:SAMPLES_SHOWN],
        "sample_count": made.count(),
        "bundles": Bundle.objects.filter(entries__sample__in=made, archived_at=None).distinct(),
        "dependents": deletion.dependents_of(found),
        "may_change": request.role.rank >= Role.ANNOTATOR.rank,
        "may_archive": request.role.rank >= Role.LEAD.rank,
    }
