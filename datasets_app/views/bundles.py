"""Bundles: the list, the draft, freezing, and what is taken away from a frozen one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from datasets_app.downloads import archive_response, file_response, manifest_response
from datasets_app.models import Bundle
from datasets_app.models.bundle import BundleState
from datasets_app.selectors.bundles import (
    SampleFilter,
    accepted_categories,
    accepted_runs,
    bundle_candidates,
    bundle_of,
    bundles_archived,
    bundles_of,
)
from datasets_app.selectors.image_sets import exports_of
from datasets_app.selectors.run_work import target_job
from datasets_app.services.freezing import bundles
from datasets_app.services.freezing.bundle_choice import BundleChoice
from datasets_app.services.freezing.bundle_facts import bundle_facts, problems_grouped
from datasets_app.services.freezing.bundle_outlook import bundle_outlook, fitting_choice
from datasets_app.services.freezing.export import bundle_manifest as bundle_manifest_of
from datasets_app.services.keeping import deletion
from datasets_app.services.trees.layout_exports import layout_export_start, layouts_for
from datasets_app.views.bundle_form import (
    BY_REPEATS,
    BY_SHARE,
    SPLITS,
    posted_choice,
    share_rows,
    share_scale,
)
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.jobs.states import LIVE


@require_safe
@project_page(Role.VIEWER)
def bundle_list(request: ProjectRequest, project: Project) -> HttpResponse:
    """List the project's bundles, newest first."""
    context = {
        "bundles": bundles_of(project),
        "archived": bundles_archived(project),
        "accepted": bundle_candidates(project, SampleFilter()).count(),
        "may_lead": _leads(request),
    }
    return render(request, "bundles/page.html", context)


@require_POST
@project_page(Role.LEAD)
def bundle_new(request: ProjectRequest, project: Project) -> HttpResponse:
    """Begin a draft."""
    name = request.POST.get("name", "").strip()
    made = bundles.bundle_create(project=project, name=name, actor=page_actor(request))
    return redirect("bundle", project=project.slug, name=made.name)


@require_safe
@project_page(Role.VIEWER)
def bundle(request: ProjectRequest, project: Project, name: str) -> HttpResponse:
    """Show one bundle: a draft to be decided, the freezing, or what is frozen."""
    found = bundle_of(project, name)
    if found.state == BundleState.FROZEN:
        part = request.headers.get("HX-Request")
        template = "bundles/_layouts.html" if part else "bundles/frozen.html"
        return render(request, template, _frozen(request, found))
    if found.state == BundleState.FREEZING:
        return render(request, "bundles/freezing.html", _freezing(request, found))
    choice = BundleChoice.from_json(found.settings)
    by = BY_SHARE if choice.shares else BY_REPEATS
    return render(request, "bundles/draft.html", _draft(request, found, choice, by, set()))


@require_POST
@project_page(Role.VIEWER)
def bundle_outlook_part(request: ProjectRequest, project: Project, name: str) -> HttpResponse:
    """Answer with the draft as it looks with what the form holds; nothing is stored."""
    found = bundle_of(project, name)
    choice = fitting_choice(project=project, choice=posted_choice(request.POST))
    by = request.POST.get("by", BY_REPEATS)
    locked = set(request.POST.getlist("lock"))
    return render(request, "bundles/_draft.html", _draft(request, found, choice, by, locked))


@require_POST
@project_page(Role.LEAD)
def bundle_save(request: ProjectRequest, project: Project, name: str) -> HttpResponse:
    """Keep the draft."""
    found = bundle_of(project, name)
    choice = fitting_choice(project=project, choice=posted_choice(request.POST))
    bundles.bundle_choose(bundle=found, choice=choice, actor=page_actor(request))
    messages.success(request, _("The draft is kept."))
    return redirect("bundle", project=project.slug, name=name)


@require_POST
@project_page(Role.LEAD)
def bundle_freeze(request: ProjectRequest, project: Project, name: str) -> HttpResponse:
    """Begin to freeze what the form holds."""
    found = bundle_of(project, name)
    choice = fitting_choice(project=project, choice=posted_choice(request.POST))
    bundles.bundle_freeze(bundle=found, choice=choice, actor=page_actor(request))
    return redirect("bundle", project=project.slug, name=name)


@require_safe
@project_page(Role.VIEWER)
def bundle_progress(request: ProjectRequest, project: Project, name: str) -> HttpResponse:
    """Answer with how far freezing is; when it is over, the page is loaded anew."""
    found = bundle_of(project, name)
    if found.state != BundleState.FREEZING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "bundles/_progress.html", _freezing(request, found))


@require_POST
@project_page(Role.LEAD)
def bundle_reopen(request: ProjectRequest, project: Project, name: str) -> HttpResponse:
    """Turn a bundle that could not be frozen back into a draft."""
    bundles.bundle_reopen(bundle=bundle_of(project, name), actor=page_actor(request))
    return redirect("bundle", project=project.slug, name=name)


@require_safe
@project_page(Role.VIEWER)
def bundle_manifest(request: ProjectRequest, project: Project, name: str) -> HttpResponseBase:
    """Answer with ``manifest.json``."""
    return manifest_response(request, bundle_of(project, name))


@require_safe
@project_page(Role.VIEWER)
def bundle_document(
    request: ProjectRequest, project: Project, name: str, path: str
) -> HttpResponseBase:
    """Answer with a list or the attributions; ``?root=`` is the mount root of training lists,
    ``?rows=weights`` gives them one row for each sample."""
    return file_response(request, bundle_of(project, name), path)


@require_POST
@project_page(Role.VIEWER)
def bundle_layout(request: ProjectRequest, project: Project, name: str) -> HttpResponse:
    """Begin to write a frozen bundle as a ZIP of another layout."""
    layout = request.POST.get("layout", "")
    found = bundle_of(project, name)
    layout_export_start(actor=page_actor(request), layout=layout, bundle=found)
    return redirect("bundle", project=project.slug, name=name)


@require_safe
@project_page(Role.VIEWER)
def bundle_zip(request: ProjectRequest, project: Project, name: str) -> HttpResponseBase:
    """Answer with the whole bundle; ``?root=`` is the mount root of training lists."""
    return archive_response(request, bundle_of(project, name))


@require_POST
@project_page(Role.LEAD)
def bundle_archive(request: ProjectRequest, project: Project, name: str) -> HttpResponse:
    """Take a bundle out of every list."""
    deletion.row_archive(row=bundle_of(project, name), actor=page_actor(request))
    return redirect("bundles", project=project.slug)


@require_POST
@project_page(Role.LEAD)
def bundle_restore(request: ProjectRequest, project: Project, name: str) -> HttpResponse:
    """Bring an archived bundle back."""
    found = bundle_of(project, name, archived=True)
    deletion.row_restore(row=found, actor=page_actor(request))
    return redirect("bundle", project=project.slug, name=name)


@require_POST
@project_page(Role.LEAD)
def bundle_delete(request: ProjectRequest, project: Project, name: str) -> HttpResponse:
    """Delete an archived bundle for good; its samples stay."""
    found = bundle_of(project, name, archived=True)
    deletion.row_delete(row=found, actor=page_actor(request))
    return redirect("bundles", project=project.slug)


def _draft(
    request: ProjectRequest, found: Bundle, choice: BundleChoice, by: str, locked: set[str]
) -> dict[str, Any]:
    outlook = bundle_outlook(project=found.project, choice=choice)
    rows = share_rows(outlook, locked)
    asked = {name: choice.splits.get(name) for name in SPLITS}
    return {
        "bundle": found,
        "problems": problems_grouped(found.problems),
        "outlook": outlook,
        "choice": choice,
        "by": by,
        "rows": rows,
        "scale": share_scale(rows),
        "runs": accepted_runs(found.project),
        "categories": accepted_categories(found.project),
        "accepted": bundle_candidates(found.project, SampleFilter()).count(),
        "splits": [(name, f"{float(part):g}" if part else "") for name, part in asked.items()],
        "asks_reason": any(line.concerns for line in outlook.licences),
        "may_lead": _leads(request),
    }


def _freezing(request: ProjectRequest, found: Bundle) -> dict[str, Any]:
    work = target_job(bundles.FREEZE_KIND, found.pk)
    return {
        "bundle": found,
        "work": work,
        "live": work is not None and work.state in LIVE,
        "may_lead": _leads(request),
    }


def _frozen(request: ProjectRequest, found: Bundle) -> dict[str, Any]:
    exports = exports_of(bundle=found)
    made = {one.export.layout: one for one in reversed(exports)}
    return {
        "has_tuples": any(sample.is_tuple for sample in bundle_manifest_of(found).samples),
        "layouts": [(fit, made.get(fit.slug)) for fit in layouts_for(bundle_manifest_of(found))],
        "writing": any(one.job is not None and one.job.state in LIVE for one in exports),
        "bundle": found,
        "facts": bundle_facts(found),
        "problems": problems_grouped(found.problems),
        "site": f"{request.scheme}://{request.get_host()}",
        "dependents": deletion.dependents_of(found),
        "may_lead": _leads(request),
    }


def _leads(request: ProjectRequest) -> bool:
    return request.role.rank >= Role.LEAD.rank
