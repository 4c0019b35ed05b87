"""The API of models and their runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets_app.adapters.ranged_response import ranged_response
from datasets_app.api.answers import CHANGE_REFUSALS, DONE, REFUSALS, accepted
from datasets_app.models import Mask
from datasets_app.selectors.footage import video_of
from inference_app.api import shapes
from inference_app.models import ModelRun
from inference_app.selectors.model_cards import ModelCard, model_cards
from inference_app.selectors.model_runs import run_layer_file, run_of, runs_of
from inference_app.selectors.run_deliveries import (
    DeliveryStanding,
    delivered_file,
    delivery_standings,
)
from inference_app.selectors.trainings import training_of
from inference_app.services.runs import model_runs
from inference_app.services.runs.run_deliveries import run_delivery_start
from matteweb.accounts.models import Project, Role
from matteweb.accounts.web import ProjectRequest, api_actor, api_project, project_api
from matteweb.errors import BadInput


class ModelsView(APIView):
    """What there is to run."""

    @extend_schema(responses={200: shapes.ModelShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str) -> Response:
        """List every model with its files of weights and, if so, why it cannot run here."""
        api_project(request, project, Role.VIEWER)
        return Response([card_body(card) for card in model_cards()])


class ModelRunsView(ListAPIView[ModelRun]):
    """The model runs of a project."""

    serializer_class = shapes.ModelRunShape
    queryset = ModelRun.objects.none()

    def get_queryset(self) -> Any:
        """Return them, newest first."""
        return runs_of(api_project(self.request, self.kwargs["project"], Role.VIEWER))

    @extend_schema(
        request=shapes.ModelRunGiven, responses={201: shapes.ModelRunShape, **CHANGE_REFUSALS}
    )
    def post(self, request: Request, project: str) -> Response:
        """Start one over a video, guided by one of its masks (annotator)."""
        owner = api_project(request, project, Role.ANNOTATOR)
        given = accepted(shapes.ModelRunGiven, request)
        mask = _mask_of(owner, given["mask"]) if "mask" in given else None
        if mask is None and "video" not in given:
            raise BadInput("neither a mask nor a video was named")
        video = video_of(owner, mask.video_id if mask else given["video"])
        run = model_runs.run_create(
            video=video,
            mask=mask,
            predictor_slug=given["predictor"],
            training=training_of(owner, given["training"]) if "training" in given else None,
            longest=given["longest"],
            actor=api_actor(request),
        )
        return Response(shapes.ModelRunShape(run).data, status=status.HTTP_201_CREATED)


class ModelRunView(APIView):
    """One model run."""

    @extend_schema(responses={200: shapes.ModelRunShape, **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """Return it."""
        run = run_of(api_project(request, project, Role.VIEWER), pk)
        return Response(shapes.ModelRunShape(run).data)

    @extend_schema(request=None, responses={204: DONE, **CHANGE_REFUSALS})
    def delete(self, request: Request, project: str, pk: int) -> Response:
        """Remove it (lead); its alpha stays with the video."""
        run = run_of(api_project(request, project, Role.LEAD), pk)
        model_runs.run_delete(run=run, actor=api_actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ModelRunStopView(APIView):
    """Stopping a model run."""

    @extend_schema(request=None, responses={200: shapes.ModelRunShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Stop it (annotator); what is finished stays."""
        run = run_of(api_project(request, project, Role.ANNOTATOR), pk)
        model_runs.run_stop(run=run, actor=api_actor(request))
        return Response(shapes.ModelRunShape(run).data)


class ModelRunResumeView(APIView):
    """Resuming a model run."""

    @extend_schema(request=None, responses={200: shapes.ModelRunShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int) -> Response:
        """Go on after its last finished piece (annotator)."""
        run = run_of(api_project(request, project, Role.ANNOTATOR), pk)
        model_runs.run_resume(run=run, actor=api_actor(request))
        return Response(shapes.ModelRunShape(run).data)


class DeliveriesView(APIView):
    """The forms in which a model run can be taken away."""

    @extend_schema(responses={200: shapes.DeliveryShape(many=True), **REFUSALS})
    def get(self, request: Request, project: str, pk: int) -> Response:
        """List them with how far each is."""
        run = run_of(api_project(request, project, Role.VIEWER), pk)
        return Response([delivery_body(standing) for standing in delivery_standings(run)])


class DeliveryView(APIView):
    """One form of a model run."""

    @extend_schema(request=None, responses={202: shapes.DeliveryShape, **CHANGE_REFUSALS})
    def post(self, request: Request, project: str, pk: int, form: str) -> Response:
        """Have it written (annotator); what is there or under way is not written again."""
        run = run_of(api_project(request, project, Role.ANNOTATOR), pk)
        run_delivery_start(run=run, form_slug=form, actor=api_actor(request))
        found = next(one for one in delivery_standings(run) if one.form.slug == form)
        return Response(delivery_body(found), status=status.HTTP_202_ACCEPTED)


@require_safe
@project_api(Role.VIEWER)
def delivery_bytes(
    request: ProjectRequest, project: Project, pk: int, form: str
) -> HttpResponseBase:
    """Answer with the file of a form."""
    blob, kind, name = delivered_file(run_of(project, pk), form)
    return ranged_response(request, blob, kind.media_type, name)


@require_safe
@project_api(Role.VIEWER)
def layer_bytes(request: ProjectRequest, project: Project, pk: int, layer: str) -> HttpResponseBase:
    """Answer with the lossless alpha or foreground."""
    run = run_of(project, pk)
    blob = run_layer_file(run, layer)
    return ranged_response(request, blob, "video/x-matroska", f"{run.video.name} {layer}.mkv")


def card_body(card: ModelCard) -> dict[str, Any]:
    """Return a model as the API describes it."""
    info, traits = card.predictor.info, card.predictor.traits
    return {
        "slug": info.slug,
        "title": info.label,
        "summary": info.summary,
        "version": info.version,
        **asdict(traits),
        "weights": [
            {
                "name": row.file.name,
                "bytes": row.file.bytes,
                "sha256": row.file.sha256,
                "licence": row.file.licence,
                "url": row.file.url,
                "folder": str(row.folder),
                "present": row.present,
            }
            for row in card.weights
        ],
        "why_not": card.why_not,
    }


def delivery_body(standing: DeliveryStanding) -> dict[str, Any]:
    """Return a form of a run as the API describes it."""
    blob, job = standing.blob, standing.job
    return {
        "form": standing.form.slug,
        "title": standing.form.label,
        "state": "ready" if blob else job.state if job else "absent",
        "bytes": blob.size if blob else None,
        "sha256": blob.digest if blob else "",
        "error": job.error if job and not blob else "",
    }


def _mask_of(project: Project, pk: int) -> Mask:
    found = Mask.objects.filter(pk=pk, video__project=project).select_related("video").first()
    if found is None:
        raise BadInput(f"there is no mask {pk} in {project.name}")
    return found
