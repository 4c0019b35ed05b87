"""Addresses of the networks' pages, in the groups that the composition root mounts."""

from __future__ import annotations

from django.urls import URLPattern, path

from inference_app.api import automatic_masks as automatic_api
from inference_app.api import captioning as captioning_api
from inference_app.api import evaluations as evaluations_api
from inference_app.api import fusion_trainings as fusion_api
from inference_app.api import guidance as guidance_api
from inference_app.api import hard_examples as hard_api
from inference_app.api import mask_evaluations as mask_evaluations_api
from inference_app.api import mask_tracks as tracks_api
from inference_app.api import model_runs as model_runs_api
from inference_app.api import trainings as trainings_api
from inference_app.views import (
    annotate,
    automatic_masks,
    captioning,
    evaluations,
    fusion_trainings,
    guidance,
    hard_examples,
    mask_evaluations,
    mask_tracks,
    model_runs,
    models,
    run_deliveries,
    trainings,
)

# Mounted at p/<slug:project>/
page_patterns: list[URLPattern] = [
    path("models/", models.models_page, name="models"),
    path("models/stills", models.stills, name="model-stills"),
    path("models/runs", model_runs.start, name="model-run-start"),
    path("models/runs/<int:pk>/", model_runs.run_page, name="model-run"),
    path("models/runs/<int:pk>/part", model_runs.run_part, name="model-run-part"),
    path("models/runs/<int:pk>/player.json", model_runs.run_player, name="model-run-player"),
    path("models/runs/<int:pk>/live/<str:layer>", model_runs.run_live, name="model-run-live"),
    path("models/runs/<int:pk>/files/<str:what>", model_runs.run_bytes, name="model-run-file"),
    path("models/runs/<int:pk>/forms", run_deliveries.forms, name="model-run-forms"),
    path("models/runs/<int:pk>/forms/<slug:form>", run_deliveries.ask, name="model-run-form"),
    path(
        "models/runs/<int:pk>/forms/<slug:form>/file",
        run_deliveries.file,
        name="model-run-form-file",
    ),
    path("models/runs/<int:pk>/stop", model_runs.run_stop, name="model-run-stop"),
    path("models/runs/<int:pk>/resume", model_runs.run_resume, name="model-run-resume"),
    path("models/runs/<int:pk>/delete", model_runs.run_delete, name="model-run-delete"),
    path("models/hard-examples/", hard_examples.index, name="hard-examples"),
    path("models/hard-examples/find", hard_examples.find, name="hard-examples-find"),
    path("models/hard-examples/move", hard_examples.move, name="hard-examples-move"),
    path("models/trainings/", trainings.index, name="trainings"),
    path("models/trainings/start", trainings.start, name="training-start"),
    path("models/trainings/<int:pk>/", trainings.page, name="training"),
    path("models/trainings/<int:pk>/part", trainings.part, name="training-part"),
    path("models/trainings/<int:pk>/stop", trainings.stop, name="training-stop"),
    path("models/trainings/<int:pk>/resume", trainings.resume, name="training-resume"),
    path("models/trainings/<int:pk>/delete", trainings.delete, name="training-delete"),
    path("models/trainings/<int:pk>/files/<slug:what>", trainings.file, name="training-file"),
    path("models/evaluations/", evaluations.index, name="evaluations"),
    path("models/evaluations/start", evaluations.start, name="evaluation-start"),
    path("models/evaluations/<int:pk>/", evaluations.page, name="evaluation"),
    path("models/evaluations/<int:pk>/part", evaluations.part, name="evaluation-part"),
    path("models/evaluations/<int:pk>/stop", evaluations.stop, name="evaluation-stop"),
    path("models/evaluations/<int:pk>/resume", evaluations.resume, name="evaluation-resume"),
    path("models/evaluations/<int:pk>/delete", evaluations.delete, name="evaluation-delete"),
    path(
        "models/evaluations/<int:pk>/tables/<slug:form>",
        evaluations.export,
        name="evaluation-export",
    ),
    path(
        "models/evaluations/<int:pk>/sets/<int:number>/worst/<int:place>.png",
        evaluations.picture,
        name="evaluation-picture",
    ),
    path("videos/<int:pk>/annotate/", annotate.annotate, name="annotate"),
    path("videos/<int:pk>/annotate/start", annotate.annotate_start, name="annotate-start"),
    path("videos/<int:pk>/annotate/player.json", annotate.annotate_player, name="annotate-player"),
    path("captions/", captioning.captions_page, name="captions"),
    path("captions/part", captioning.captions_part, name="captions-part"),
    path("captions/start", captioning.start, name="captions-start"),
    path("captions/approve", captioning.approve, name="captions-approve"),
    path("captions/<int:pk>", captioning.write, name="captions-write"),
    path("masks/automatic/", automatic_masks.automatic, name="automatic-masks"),
    path("masks/automatic/made", automatic_masks.automatic_made, name="automatic-masks-made"),
    path("masks/automatic/start", automatic_masks.automatic_start, name="automatic-masks-start"),
    path("masks/evaluations/", mask_evaluations.index, name="mask-evaluations"),
    path("masks/evaluations/start", mask_evaluations.start, name="mask-evaluation-start"),
    path("masks/evaluations/<int:pk>/", mask_evaluations.page, name="mask-evaluation"),
    path("masks/evaluations/<int:pk>/part", mask_evaluations.part, name="mask-evaluation-part"),
    path(
        "masks/evaluations/<int:pk>/figures/<slug:form>",
        mask_evaluations.export,
        name="mask-evaluation-export",
    ),
    path(
        "masks/evaluations/worst/<int:pk>.jpg",
        mask_evaluations.picture,
        name="mask-evaluation-picture",
    ),
    path("masks/fusion/", fusion_trainings.index, name="fusion-trainings"),
    path("masks/fusion/part", fusion_trainings.part, name="fusion-trainings-part"),
    path("masks/fusion/start", fusion_trainings.start, name="fusion-training-start"),
    path("masks/fusion/<int:pk>/delete", fusion_trainings.delete, name="fusion-training-delete"),
    path(
        "masks/fusion/<int:pk>.safetensors", fusion_trainings.weights, name="fusion-training-file"
    ),
    path("samples/<int:pk>/guidance/", guidance.sample_page, name="sample-guidance"),
    path("samples/<int:pk>/guidance/part", guidance.sample_part, name="sample-guidance-part"),
    path("samples/<int:pk>/guidance/start", guidance.sample_start, name="sample-guidance-start"),
    path("runs/<int:pk>/guidance/", guidance.run_page, name="run-guidance"),
    path("runs/<int:pk>/guidance/part", guidance.run_part, name="run-guidance-part"),
    path("runs/<int:pk>/guidance/start", guidance.run_start, name="run-guidance-start"),
    path("videos/<int:pk>/masks/tracks/", mask_tracks.tracks, name="mask-tracks"),
    path("videos/<int:pk>/masks/combine", mask_tracks.combine, name="mask-combine"),
    path("videos/<int:pk>/masks/export", mask_tracks.export, name="mask-export"),
    path("masks/<int:pk>/mend", mask_tracks.mend, name="mask-mend"),
    path("mask-exports/<int:pk>", mask_tracks.export_bytes, name="mask-export-file"),
    path("masks-by-hand/<int:pk>/state.json", annotate.session_state, name="mask-session"),
    path(
        "masks-by-hand/<int:pk>/masks/<int:number>/<int:frame>.png",
        annotate.session_mask,
        name="mask-session-mask",
    ),
    path("masks-by-hand/<int:pk>/objects", annotate.object_add, name="mask-object-add"),
    path("masks-by-hand/<int:pk>/objects/<int:number>", annotate.object_edit, name="mask-object"),
    path("masks-by-hand/<int:pk>/marks", annotate.interaction_add, name="mask-mark-add"),
    path("masks-by-hand/<int:pk>/undo", annotate.interaction_undo, name="mask-undo"),
    path("masks-by-hand/<int:pk>/redo", annotate.interaction_redo, name="mask-redo"),
    path("masks-by-hand/<int:pk>/carry", annotate.carry, name="mask-carry"),
    path("masks-by-hand/<int:pk>/stop", annotate.carry_stop, name="mask-carry-stop"),
    path("masks-by-hand/<int:pk>/save", annotate.session_save, name="mask-save"),
]

# Mounted at api/projects/<slug:project>/
api_patterns: list[URLPattern] = [
    path(
        "automatic-masks/", automatic_api.AutomaticMasksView.as_view(), name="api-automatic-masks"
    ),
    path(
        "fusion-trainings/", fusion_api.FusionTrainingsView.as_view(), name="api-fusion-trainings"
    ),
    path(
        "fusion-trainings/<int:pk>",
        fusion_api.FusionTrainingView.as_view(),
        name="api-fusion-training",
    ),
    path(
        "mask-evaluations/",
        mask_evaluations_api.MaskEvaluationsView.as_view(),
        name="api-mask-evaluations",
    ),
    path(
        "mask-evaluations/<int:pk>",
        mask_evaluations_api.MaskEvaluationView.as_view(),
        name="api-mask-evaluation",
    ),
    path(
        "videos/<int:pk>/mask-combinations",
        tracks_api.MaskCombinationsView.as_view(),
        name="api-mask-combinations",
    ),
    path(
        "videos/<int:pk>/mask-exports/",
        tracks_api.MaskExportsView.as_view(),
        name="api-mask-exports",
    ),
    path("mask-exports/<int:pk>/file", tracks_api.mask_export_bytes, name="api-mask-export-file"),
    path("segmenters/", guidance_api.SegmentersView.as_view(), name="api-segmenters"),
    path("samples/<int:pk>/guidance", guidance_api.GuidanceView.as_view(), name="api-guidance"),
    path("captioning/", captioning_api.CaptioningView.as_view(), name="api-captioning"),
    path("models/", model_runs_api.ModelsView.as_view(), name="api-models"),
    path("model-runs/", model_runs_api.ModelRunsView.as_view(), name="api-model-runs"),
    path("model-runs/<int:pk>", model_runs_api.ModelRunView.as_view(), name="api-model-run"),
    path(
        "model-runs/<int:pk>/stop",
        model_runs_api.ModelRunStopView.as_view(),
        name="api-model-run-stop",
    ),
    path(
        "model-runs/<int:pk>/resume",
        model_runs_api.ModelRunResumeView.as_view(),
        name="api-model-run-resume",
    ),
    path(
        "model-runs/<int:pk>/layers/<slug:layer>",
        model_runs_api.layer_bytes,
        name="api-model-run-layer",
    ),
    path(
        "model-runs/<int:pk>/forms",
        model_runs_api.DeliveriesView.as_view(),
        name="api-model-run-deliveries",
    ),
    path(
        "model-runs/<int:pk>/forms/<slug:form>",
        model_runs_api.DeliveryView.as_view(),
        name="api-model-run-delivery",
    ),
    path(
        "model-runs/<int:pk>/forms/<slug:form>/file",
        model_runs_api.delivery_bytes,
        name="api-model-run-delivery-file",
    ),
    path("hard-examples/", hard_api.HardExamplesView.as_view(), name="api-hard-examples"),
    path("hard-examples/<int:pk>", hard_api.HardExampleView.as_view(), name="api-hard-example"),
    path("trainings/", trainings_api.TrainingsView.as_view(), name="api-trainings"),
    path("trainings/<int:pk>", trainings_api.TrainingView.as_view(), name="api-training"),
    path(
        "trainings/<int:pk>/stop",
        trainings_api.TrainingStopView.as_view(),
        name="api-training-stop",
    ),
    path(
        "trainings/<int:pk>/resume",
        trainings_api.TrainingResumeView.as_view(),
        name="api-training-resume",
    ),
    path("trainings/<int:pk>/weights", trainings_api.weights, name="api-training-weights"),
    path("evaluations/", evaluations_api.EvaluationsView.as_view(), name="api-evaluations"),
    path("evaluations/<int:pk>", evaluations_api.EvaluationView.as_view(), name="api-evaluation"),
    path(
        "evaluations/<int:pk>/stop",
        evaluations_api.EvaluationStopView.as_view(),
        name="api-evaluation-stop",
    ),
    path(
        "evaluations/<int:pk>/resume",
        evaluations_api.EvaluationResumeView.as_view(),
        name="api-evaluation-resume",
    ),
    path(
        "evaluations/<int:pk>/tables/<slug:form>",
        evaluations_api.export,
        name="api-evaluation-export",
    ),
]
