"""What the labels of an annotated video mean: edited, with what follows from it beside."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from datasets_app.domain.annotation.relabel import Relabelling, changes, labels_of
from datasets_app.models import Annotation
from datasets_app.selectors.image_sets import annotation_of
from datasets_app.services.sources.annotations import (
    annotation_findings,
    annotation_map,
    annotation_rule,
    annotation_tracks,
)
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, page_actor, project_page

ROLES = ("object", "fault", "ignore")
MATCHES = ("overlap", "group", "frames")


@require_safe
@project_page(Role.VIEWER)
def annotation(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Show labels, tracks, and which objects turn faulty because of which faults."""
    return render(
        request, "image_sets/annotation.html", _context(request, annotation_of(project, pk))
    )


@require_POST
@project_page(Role.ANNOTATOR)
def annotation_edit(request: ProjectRequest, project: Project, pk: int) -> HttpResponse:
    """Keep another meaning of the labels."""
    row = annotation_of(project, pk)
    annotation_map(annotation=row, mapping=_posted(request, row), actor=page_actor(request))
    messages.success(request, _("The mapping is kept. Sets that were cut before keep theirs."))
    return redirect("annotation", project=project.slug, pk=pk)


def _context(request: ProjectRequest, row: Annotation) -> dict[str, Any]:
    tracks, rule = annotation_tracks(row), annotation_rule(row)
    found = {(one.track): one for one in changes(tracks, rule)}
    return {
        "annotation": row,
        "findings": annotation_findings(row, tracks),
        "rule": rule,
        "labels": [
            (label, rule.labels.get(label), sum(t.label == label for t in tracks.tracks))
            for label in labels_of(tracks)
        ],
        "tracks": [
            (track, _role(rule, track.label), found.get(track.number), _decided(rule, track.number))
            for track in tracks.tracks
        ],
        "roles": ROLES,
        "matches": MATCHES,
        "may_change": request.role.rank >= Role.ANNOTATOR.rank,
    }


def _posted(request: HttpRequest, row: Annotation) -> dict[str, Any]:
    """Return the mapping that the form holds. A track's field that says nothing decides nothing;
    "-" leaves the track out."""
    tracks = annotation_tracks(row)
    labels: dict[str, Any] = {}
    for place, label in enumerate(labels_of(tracks)):
        role = request.POST.get(f"role-{place}", "ignore")
        labels[label] = {"role": role, "label": request.POST.get(f"label-{place}", "").strip()}
    overrides: dict[str, str] = {}
    for track in tracks.tracks:
        said = request.POST.get(f"track-{track.number}", "").strip()
        if said:
            overrides[str(track.number)] = "" if said == "-" else said
    return {
        "labels": labels,
        "match": request.POST.get("match", "overlap"),
        "least_overlap": request.POST.get("least_overlap", "0.1"),
        "whole_track": bool(request.POST.get("whole_track")),
        "overrides": overrides,
    }


def _role(rule: Relabelling, label: str) -> str:
    found = rule.labels.get(label)
    return found.role if found else "ignore"


def _decided(rule: Relabelling, track: int) -> str:
    if track not in rule.overrides:
        return ""
    return rule.overrides[track] or "-"
