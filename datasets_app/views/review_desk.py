"""Review: one sample after the other, decided by keyboard, and many at once from a list."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from datasets_app.domain.bundles.weights import MOST_WEIGHT
from datasets_app.models import Sample, SynthesisRun
from datasets_app.models.verdict import Reason
from datasets_app.selectors.quality import metrics_that_found
from datasets_app.selectors.review import review_progress, sample_history
from datasets_app.selectors.review_items import (
    open_comment_counts,
    review_items,
    verdicts_shown,
)
from datasets_app.selectors.review_queue import (
    QueueChoice,
    QueueName,
    QueueOrder,
    author_of,
    desk_queue,
    policy_of,
    reviewers_of,
)
from datasets_app.selectors.samples import runs_of, sample_of, samples_of
from matteweb.accounts.models import Project, Role
from matteweb.accounts.request_numbers import row_number
from matteweb.accounts.web import ProjectRequest, project_page

ROWS = 60
"""Samples of one page of the list; whoever may only look gets as many in the desk."""

QUEUES = {
    QueueName.WAITING: gettext_lazy("Waiting"),
    QueueName.MINE: gettext_lazy("Assigned to me"),
    QueueName.DISPUTED: gettext_lazy("Disagreements"),
    QueueName.REJECTED: gettext_lazy("Rejected"),
    QueueName.ACCEPTED: gettext_lazy("Accepted"),
    QueueName.RETURNED: gettext_lazy("Returned to me"),
    QueueName.ALL: gettext_lazy("All"),
}
ORDERS = {
    QueueOrder.WORST: gettext_lazy("Worst first"),
    QueueOrder.OLDEST: gettext_lazy("Oldest first"),
}


@require_safe
@project_page(Role.VIEWER)
def review(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show the queue, the first sample of it, and the verdict bar."""
    chosen = _chosen(request)
    if chosen.queue == QueueName.RETURNED:  # to be mended, not to be judged
        return redirect(
            f"{reverse('review-list', kwargs={'project': project.slug})}?queue=returned"
        )
    queue = desk_queue(project, request.user, chosen, policy=policy_of(project))
    may_judge = request.role.rank >= Role.REVIEWER.rank
    waiting = queue.count()
    context = {
        **_choices(project, chosen),
        "waiting": waiting,
        "progress": review_progress(project, request.user, run_id=chosen.run_id),
        "reasons": list(enumerate(Reason.choices, 1)),
        "may_judge": may_judge,
        "may_comment": request.role.rank >= Role.ANNOTATOR.rank,
        "facts": _facts(request, project, chosen, given=not may_judge),
    }
    return render(request, "review/page.html", context)


@require_safe
@project_page(Role.VIEWER)
def sample_side(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Answer with what stands beside the player: caption, sources, history."""
    sample = sample_of(project, pk)
    case = getattr(sample, "case", None)
    context = {
        "sample": sample,
        "shown_run": _shown_run(sample),
        "verdicts": verdicts_shown(sample, request.user, sample_history(sample)),
        "author": author_of(sample),
        "reviewer": case.reviewer if case else None,
    }
    return render(request, "review/_side.html", context)


@require_safe
@project_page(Role.VIEWER)
def review_list(request: ProjectRequest, project: Project) -> HttpResponse:
    """Show a queue as a list, to act on many samples at once."""
    chosen = _chosen(request)
    found = desk_queue(project, request.user, chosen, policy=policy_of(project))
    page = Paginator(found.select_related("run__created_by", "case__author"), ROWS).get_page(
        request.GET.get("page")
    )
    samples = list(page)
    items = review_items(samples, project.slug)
    comments = open_comment_counts(samples)
    rows = [
        {
            "sample": sample,
            "item": item,
            "author": author_of(sample),
            "comments": comments.get(sample.pk, 0),
        }
        for sample, item in zip(samples, items, strict=True)
    ]
    context = {
        **_choices(project, chosen),
        "page": page,
        "rows": rows,
        "reasons": Reason.choices,
        "most_weight": MOST_WEIGHT,
        "members": project.memberships.select_related("user"),
        "reviewers": reviewers_of(project).select_related("user"),
        "may_judge": request.role.rank >= Role.REVIEWER.rank,
        "may_lead": request.role.rank >= Role.LEAD.rank,
        "may_mend": request.role.rank >= Role.ANNOTATOR.rank,
    }
    return render(request, "review/list.html", context)


def _chosen(request: ProjectRequest) -> QueueChoice:
    run, queue = request.GET.get("run", ""), request.GET.get("queue", "")
    order = request.GET.get("order", "")
    return QueueChoice(
        queue=queue if queue in list(QueueName) else QueueName.WAITING,
        order=order if order in list(QueueOrder) else QueueOrder.WORST,
        run_id=row_number(run) if run else None,
        category=request.GET.get("category", ""),
        finding=request.GET.get("finding", ""),
    )


def _choices(project: Project, chosen: QueueChoice) -> dict[str, Any]:
    return {
        "queues": [(name.value, label) for name, label in QUEUES.items()],
        "orders": [(name.value, label) for name, label in ORDERS.items()],
        "runs": runs_of(project)[:20],
        "found": [
            (metric.info.slug, metric.info.label)
            for metric in metrics_that_found(samples_of(project))
        ],
        "chosen": chosen,
    }


def _facts(
    request: ProjectRequest, project: Project, chosen: QueueChoice, *, given: bool
) -> dict[str, Any]:
    """Return what the page's script is told; a reader without verdicts is given the samples."""
    inside = {"project": project.slug}
    facts: dict[str, Any] = {
        "leases": {
            "take": reverse("api-leases", kwargs=inside),
            "renew": reverse("api-leases-renew", kwargs=inside),
            "release": reverse("api-leases-release", kwargs=inside),
        },
        "lease_seconds": settings.REVIEW_LEASE_SECONDS,
        "chosen": {
            "queue": chosen.queue,
            "order": chosen.order,
            "run": chosen.run_id,
            "category": chosen.category,
            "finding": chosen.finding,
        },
        "undo": reverse("api-verdict", kwargs={**inside, "pk": 0}),
        "comment": reverse("api-comment", kwargs={**inside, "pk": 0}),
    }
    if given:
        queue = desk_queue(project, request.user, chosen, policy=policy_of(project))
        items = review_items(list(queue[:ROWS]), project.slug)
        facts["given"] = {"items": items, "upcoming": [], "waiting": queue.count()}
    return facts


def _shown_run(sample: Sample) -> SynthesisRun | None:
    """Return the run to name: a known-bad sample shows that of its origin, like any other."""
    item = getattr(sample, "calibration", None)
    return item.origin.run if item is not None and item.origin is not None else sample.run
