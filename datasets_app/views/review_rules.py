"""The rules of review, its figures, and the known-bad samples by which reviewers are measured."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from datasets_app.domain.quality.faults import FAULTS
from datasets_app.selectors.review_queue import calibration_item_of, policy_of, reviewers_of
from datasets_app.selectors.review_statistics import calibration_items, review_figures
from datasets_app.services.desk import calibration, review_policy
from datasets_app.views.review_form import PolicyForm
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import whole_number
from matteweb.accounts.web import ProjectRequest, page_actor, project_page
from matteweb.errors import BadInput

ITEMS = 100
"""Newest known-bad samples that leads are shown."""


@require_safe
@project_page(Role.VIEWER)
def statistics(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show how the review goes, per reviewer and between them."""
    may_lead = request.role.rank >= Role.LEAD.rank
    context = {
        "figures": review_figures(project),
        "policy": policy_of(project),
        "items": calibration_items(project)[:ITEMS] if may_lead else [],
        "may_lead": may_lead,
    }
    return render(request, "review/statistics.html", context)


@require_safe
@project_page(Role.VIEWER)
def rules(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the rules of review; leads also see what changes them."""
    return _rules_page(request, project, PolicyForm.of(policy_of(project)))


@require_POST
@project_page(Role.LEAD)
def rules_save(request: ProjectRequest, project: Project) -> HttpResponse:
    """Set the rules."""
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _rules_page(request, project, form, status=400)
    review_policy.policy_set(project=project, actor=page_actor(request), **form.cleaned_data)
    messages.success(request, _("The rules of review are set."))
    return redirect("review-rules", project=project.slug)


@require_POST
@project_page(Role.LEAD)
def calibration_start(request: ProjectRequest, project: Project) -> HttpResponse:
    """Have known-bad samples made."""
    count = whole_number(request.POST.get("count", ""))
    strength = whole_number(request.POST.get("strength", ""))
    if count is None or strength is None:
        raise BadInput("how many, and how strong in per cent, are whole numbers")
    calibration.calibration_request(
        project=project,
        count=count,
        faults=request.POST.getlist("fault"),
        strength=strength / 100,
        actor=page_actor(request),
    )
    text = ngettext(
        "%(n)s known-bad sample is being made; see Jobs.",
        "%(n)s known-bad samples are being made; see Jobs.",
        count,
    )
    messages.success(request, text % {"n": count})
    return redirect("review-statistics", project=project.slug)


@require_POST
@project_page(Role.LEAD)
def calibration_retire(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Take a known-bad sample out of use."""
    item = calibration_item_of(project, pk)
    calibration.calibration_retire(item=item, actor=page_actor(request))
    messages.success(request, _("It is offered to nobody any more."))
    return redirect("review-statistics", project=project.slug)


def _rules_page(
    request: ProjectRequest, project: Project, form: PolicyForm, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "may_lead": request.role.rank >= Role.LEAD.rank,
        "faults": list(FAULTS),
        "reviewers": reviewers_of(project).select_related("user"),
    }
    return render(request, "review/rules.html", context, status=status)
