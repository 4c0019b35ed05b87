"""Assets: what recipes draw on besides videos, found, looked at, put on a side, left out."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from datasets_app.domain.assets.list_files import LISTS
from datasets_app.domain.media.fact_words import fact_words
from datasets_app.selectors.assets import asset_kinds, asset_of, asset_sides, assets_chosen
from datasets_app.selectors.image_sets import library_exports_of
from datasets_app.selectors.incoming import footage_incoming, incoming
from datasets_app.selectors.library import library_totals
from datasets_app.selectors.player import player_of_asset
from datasets_app.selectors.stored_frames import stored_streams_of_asset
from datasets_app.services.keeping import deletion
from datasets_app.services.sources import asset_lists, assets, footage
from datasets_app.services.trees.layout_exports import library_export_start
from datasets_app.services.trees.library_exports import (
    CLIP_LAYOUTS,
    TRACKS_LAYOUT,
    library_layouts,
)
from datasets_app.views.files import answer_values
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput

PAGE = 60
VIDEO_LAYOUTS = (*CLIP_LAYOUTS, TRACKS_LAYOUT)


@require_safe
@project_page(Role.VIEWER)
def asset_list(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the assets of a kind and a side."""
    kind, side = request.GET.get("kind", ""), request.GET.get("side", "")
    rows = assets_chosen(project, kind=kind, side=side)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "kind": kind,
        "side": side,
        "asset_kinds": asset_kinds(project),
        "sides": asset_sides(project),
        "lists": list(LISTS),
        "layouts": [one for one in library_layouts() if one.slug not in VIDEO_LAYOUTS],
        "exports": [
            one for one in library_exports_of(project) if one.export.layout not in VIDEO_LAYOUTS
        ],
        "totals": library_totals(project),
        "incoming": incoming(project),
        **_roles(request),
    }
    return render(request, "assets/page.html", context)


@require_safe
@project_page(Role.VIEWER)
def asset_page(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show one asset."""
    asset = asset_of(project, pk)
    context = {
        "asset": asset,
        "facts": fact_words(asset.facts),
        "incoming_row": footage_incoming(asset),
        "dependents": deletion.dependents_of(asset),
        **_roles(request),
    }
    return render(request, "assets/asset.html", context)


@require_POST
@project_page(Role.ANNOTATOR)
def asset_edit(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Change what a person says of an asset, its side, and whether it is drawn."""
    asset, actor = asset_of(project, pk), page_actor(request)
    footage.footage_edit(
        footage=asset,
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
    assets.asset_choose(
        asset=asset,
        actor=actor,
        split=request.POST.get("split", ""),
        excluded=request.POST.get("excluded", ""),
    )
    return redirect("asset", project=project.slug, pk=pk)


@require_POST
@project_page(Role.LEAD)
def asset_archive(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Take an asset out of every list and run; it can be restored, or deleted, under Archived."""
    deletion.row_archive(row=asset_of(project, pk), actor=page_actor(request))
    return redirect("assets", project=project.slug)


@require_safe
@project_page(Role.VIEWER)
def asset_player(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Answer with an asset's picture and its alpha."""
    return JsonResponse(player_of_asset(asset_of(project, pk), project.slug))


@require_safe
@project_page(Role.VIEWER)
def asset_values(request: ProjectRequest, project: Project, pk: int) -> JsonResponse:
    """Answer with what an asset and its alpha have stored at ``?frame=&x=&y=``."""
    return answer_values(request, stored_streams_of_asset(asset_of(project, pk)))


@require_safe
@project_page(Role.VIEWER)
def asset_list_file(request: ProjectRequest, project: Project, name: str) -> HttpResponse:
    """Answer with one of the published lists as it stands, or of what is chosen."""
    chosen = {part: request.GET.get(part, "") for part in ("kind", "side")}
    data = asset_lists.asset_list_write(project=project, name=name, **chosen)
    response = HttpResponse(data, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@project_page(Role.ANNOTATOR)
def asset_list_read(request: ProjectRequest, project: Project) -> HttpResponse:
    """Read a list file onto the assets that it names; show all that does not fit."""
    given = request.FILES.get("file")
    if given is None:
        raise BadInput(_("No list was chosen."), hint=_("Choose fg_train.txt or its like."))
    name = request.POST.get("name", "") or given.name or ""
    found = asset_lists.asset_list_apply(
        project=project, name=name, data=given.read(), actor=page_actor(request)
    )
    if found.missing or found.extra:
        return render(request, "assets/list_read.html", {"list": name, "found": found})
    words = ngettext("%(count)s asset changed.", "%(count)s assets changed.", found.changed)
    messages.success(request, words % {"count": found.changed})
    return redirect("assets", project=project.slug)


@require_POST
@project_page(Role.VIEWER)
def library_export(request: ProjectRequest, project: Project) -> HttpResponse:
    """Begin to write the assets of a kind and a side, or every video, as a ZIP."""
    layout = request.POST.get("layout", "")
    library_export_start(
        project=project,
        actor=page_actor(request),
        layout=layout,
        selection={name: request.POST.get(name, "") for name in ("kind", "side")},
    )
    page = "library" if layout in CLIP_LAYOUTS else "assets"
    return redirect("image-sets" if layout == TRACKS_LAYOUT else page, project=project.slug)


def _roles(request: ProjectRequest) -> dict[str, object]:
    return {
        "may_change": request.role.rank >= Role.ANNOTATOR.rank,
        "may_archive": request.role.rank >= Role.LEAD.rank,
    }
