"""The API of the review desk: leases, comments, assignments, acts on many, rules, figures."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.api import review_shapes as shapes
from datasets_app.api import shapes as common_shapes
from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS, accepted
from datasets_app.models import Sample
from datasets_app.selectors.comments import comment_of, comments_of
from datasets_app.selectors.review_items import review_items
from datasets_app.selectors.review_queue import (
    QueueChoice,
    author_of,
    batch_of,
    calibration_item_of,
    desk_queue,
    policy_of,
    unleased,
)
from datasets_app.selectors.review_statistics import calibration_items, review_figures
from datasets_app.selectors.samples import sample_of
from datasets_app.services.desk import (
    calibration,
    comments,
    leases,
    review_bulk,
    review_policy,
    review_returns,
)
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import api_actor, api_project, api_user

UPCOMING = 20
"""Samples after those that a page holds, which its list shows."""


def _holder(request: Request, given: dict[str, Any]) -> leases.Holder:
    return leases.Holder(api_user(request), given["session"])


def _frames(given: dict[str, Any]) -> tuple[int, int] | None:
    first, last = given.get("first_frame"), given.get("last_frame")
    return None if first is None else (first, first if last is None else last)


class LeasesView(APIView):
    """What a page has on screen."""

    @extend_schema(
        request=shapes.LeasesGiven, responses={200: shapes.LeasesShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str) -> Response:
        """Take the next samples (reviewer); nobody else gets them while the page renews."""
        found = api_project(request, project, Role.REVIEWER)
        given = accepted(shapes.LeasesGiven, request)
        chosen = QueueChoice(
            queue=given["queue"],
            order=given["order"],
            run_id=given.get("run"),
            category=given["category"],
            finding=given["finding"],
        )
        holder = _holder(request, given)
        held = leases.leases_take(
            project=found,
            holder=holder,
            chosen=chosen,
            held=given["samples"],
            count=max(given["count"], len(given["samples"])),
            leave_out=given["leave_out"],
        )
        queue = desk_queue(found, holder.reviewer, chosen, policy=policy_of(found))
        rest = queue.exclude(pk__in={*(sample.pk for sample in held), *given["leave_out"]})
        body = {
            "items": review_items(held, found.slug),
            "upcoming": review_items(list(unleased(rest, holder.session)[:UPCOMING]), found.slug),
            "waiting": queue.count(),
        }
        return Response(shapes.LeasesShape(body).data)


class LeaseView(APIView):
    """One sample that a page wants."""

    @extend_schema(request=shapes.PageGiven, responses={204: DONE, **CHANGE_REFUSALS})
    def put(self, request: Request, project: str, pk: int) -> Response:
        """Take this one (reviewer); refused while somebody else has it."""
        sample = sample_of(api_project(request, project, Role.REVIEWER), pk)
        given = accepted(shapes.PageGiven, request)
        leases.lease_take(sample=sample, holder=_holder(request, given))
        return Response(status=status.HTTP_204_NO_CONTENT)


class LeasesRenewView(APIView):
    """The heartbeat of a page."""

    @extend_schema(
        request=shapes.PageGiven, responses={200: shapes.RenewedShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str) -> Response:
        """Renew (reviewer); what was lost in the meantime is missing in the answer."""
        found = api_project(request, project, Role.REVIEWER)
        given = accepted(shapes.PageGiven, request)
        kept = leases.leases_renew(
            project=found, holder=_holder(request, given), samples=given["samples"]
        )
        return Response(shapes.RenewedShape({"samples": kept}).data)


class LeasesReleaseView(APIView):
    """What a page does last."""

    @extend_schema(request=shapes.ReleaseGiven, responses={204: DONE, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str) -> Response:
        """Give samples back (reviewer), all of them when none is named or the page is left."""
        found = api_project(request, project, Role.REVIEWER)
        given = accepted(shapes.ReleaseGiven, request)
        holder = _holder(request, given)
        if given["leaving"]:
            leases.page_left(project=found, holder=holder)
        else:
            leases.leases_release(project=found, holder=holder, samples=given["samples"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class CommentsView(APIView):
    """The comments on a sample."""

    @extend_schema(responses={200: shapes.CommentShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """List them, those on what it replaces included."""
        sample = sample_of(api_project(request, project, Role.VIEWER), pk)
        return Response(shapes.CommentShape(comments_of(sample), many=True).data)

    @extend_schema(
        request=shapes.CommentGiven, responses={201: shapes.CommentShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Say something about frames, a region, or all of it (annotator)."""
        sample = sample_of(api_project(request, project, Role.ANNOTATOR), pk)
        given = accepted(shapes.CommentGiven, request)
        made = comments.comment_add(
            sample=sample,
            text=given["text"],
            frames=_frames(given),
            region=given.get("region"),
            actor=api_actor(request),
        )
        return Response(shapes.CommentShape(made).data, status=status.HTTP_201_CREATED)


class CommentView(APIView):
    """One comment."""

    @extend_schema(
        request=shapes.CommentChange, responses={200: shapes.CommentShape, **CHANGE_REFUSALS}
    )
    def patch(self, request: Request, project: str, pk: int) -> Response:
        """Resolve it, or open it again (annotator)."""
        comment = comment_of(api_project(request, project, Role.ANNOTATOR), pk)
        given = accepted(shapes.CommentChange, request)
        changed = comments.comment_resolve(
            comment=comment, resolved=given["resolved"], actor=api_actor(request)
        )
        return Response(shapes.CommentShape(changed).data)


class AssignmentView(APIView):
    """Author and reviewer of a sample."""

    @extend_schema(responses={200: shapes.AssignmentShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Say who they are."""
        sample = sample_of(api_project(request, project, Role.VIEWER), pk)
        return Response(shapes.AssignmentShape(_people(sample)).data)

    @extend_schema(
        request=shapes.AssignmentGiven,
        responses={200: shapes.AssignmentShape, **CHANGE_REFUSALS},
    )
    def put(self, request: Request, project: str, pk: int) -> Response:
        """Choose one of them (lead); they are never the same person."""
        sample = sample_of(api_project(request, project, Role.LEAD), pk)
        given = accepted(shapes.AssignmentGiven, request)
        review_returns.sample_assign(
            sample=sample,
            part=given["part"],
            username=given["username"],
            actor=api_actor(request),
        )
        return Response(shapes.AssignmentShape(_people(sample)).data)


def _people(sample: Sample) -> dict[str, str | None]:
    author, case = author_of(sample), getattr(sample, "case", None)
    reviewer = case.reviewer if case else None
    return {
        "author": author.username if author else None,
        "reviewer": reviewer.username if reviewer else None,
    }


class ResubmitView(APIView):
    """Sending a rejected sample back to review."""

    @extend_schema(request=None, responses={200: common_shapes.SampleShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Begin a new round (its author, or a lead); no earlier verdict counts any more."""
        sample = sample_of(api_project(request, project, Role.ANNOTATOR), pk)
        back = review_returns.sample_resubmit(sample=sample, actor=api_actor(request))
        return Response(common_shapes.SampleShape(back).data)


class SampleRerollView(APIView):
    """Rolling one sample again."""

    @extend_schema(request=None, responses={201: shapes.RerollShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Ask for another with a new seed (its author, or a lead)."""
        sample = sample_of(api_project(request, project, Role.ANNOTATOR), pk)
        made = review_returns.sample_reroll_asked(sample=sample, actor=api_actor(request))
        return Response(shapes.RerollShape(made).data, status=status.HTTP_201_CREATED)


_ACT = ("action", "reasons", "username", "weight")


class BatchesView(APIView):
    """Acts on many samples."""

    @extend_schema(request=shapes.BatchGiven, responses={201: shapes.BatchShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str) -> Response:
        """Do something to many samples; what cannot be done is left out with its reason."""
        api_project(request, project, Role.ANNOTATOR)
        given = accepted(shapes.BatchGiven, request)
        found = api_project(request, project, review_bulk.least_role(given["action"]))
        act = review_bulk.BulkAct(**{part: given[part] for part in _ACT})
        result = review_bulk.bulk_do(
            project=found, ids=given["samples"], act=act, actor=api_actor(request)
        )
        body = {
            "id": result.batch.pk,
            "action": result.batch.action,
            "at": result.batch.at,
            "undoable": result.undoable,
            "done": result.done,
            "left_out": [{"name": name, "reason": why} for name, why in result.left_out],
        }
        return Response(shapes.BatchShape(body).data, status=status.HTTP_201_CREATED)


class BatchUndoView(APIView):
    """Taking back an act on many samples."""

    @extend_schema(request=None, responses={200: shapes.UndoneShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Take it back (whoever did it)."""
        batch = batch_of(api_project(request, project, Role.ANNOTATOR), pk)
        count = review_bulk.bulk_undo(batch=batch, actor=api_actor(request))
        return Response(shapes.UndoneShape({"samples": count}).data)


class PolicyView(APIView):
    """The rules of review."""

    @extend_schema(responses={200: shapes.PolicyShape, **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """Return them."""
        found = api_project(request, project, Role.VIEWER)
        return Response(shapes.PolicyShape(policy_of(found)).data)

    @extend_schema(
        request=shapes.PolicyShape, responses={200: shapes.PolicyShape, **CHANGE_REFUSALS}
    )
    def put(self, request: Request, project: str) -> Response:
        """Set them (lead)."""
        found = api_project(request, project, Role.LEAD)
        given = accepted(shapes.PolicyShape, request)
        policy = review_policy.policy_set(project=found, actor=api_actor(request), **given)
        return Response(shapes.PolicyShape(policy).data)


class CalibrationView(APIView):
    """Known-bad samples."""

    @extend_schema(responses={200: shapes.CalibrationShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """List them (lead: reviewers are not to know which they are)."""
        found = calibration_items(api_project(request, project, Role.LEAD))
        return Response(shapes.CalibrationShape(found, many=True).data)

    @extend_schema(
        request=shapes.CalibrationGiven, responses={202: shapes.JobStarted, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str) -> Response:
        """Make some from accepted samples (lead); a job does it."""
        found = api_project(request, project, Role.LEAD)
        given = accepted(shapes.CalibrationGiven, request)
        job = calibration.calibration_request(project=found, actor=api_actor(request), **given)
        body = shapes.JobStarted({"job": job.pk}).data
        return Response(body, status=status.HTTP_202_ACCEPTED)


class CalibrationItemView(APIView):
    """One known-bad sample."""

    @extend_schema(request=None, responses={204: DONE, **CHANGE_REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Take it out of use (lead)."""
        item = calibration_item_of(_lead(request, project), pk)
        calibration.calibration_retire(item=item, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class StatisticsView(APIView):
    """How the review goes."""

    @extend_schema(responses={200: shapes.StatisticsShape, **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """Return each reviewer's figures and how far they agree."""
        figures = review_figures(api_project(request, project, Role.VIEWER))
        return Response(shapes.StatisticsShape(figures).data)


def _lead(request: Request, project: str) -> Project:
    return api_project(request, project, Role.LEAD)
