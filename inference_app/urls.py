"""Addresses of the networks' pages, in the groups that the composition root mounts."""

from __future__ import annotations

from django.urls import URLPattern, path

from inference_app.views import annotate, model_runs, models

# Mounted at p/<slug:project>/
page_patterns: list[URLPattern] = [
    path("models/", models.models_page, name="models"),
    path("models/runs", model_runs.start, name="model-run-start"),
    path("models/runs/<int:pk>/", model_runs.run_page, name="model-run"),
    path("models/runs/<int:pk>/part", model_runs.run_part, name="model-run-part"),
    path("models/runs/<int:pk>/player.json", model_runs.run_player, name="model-run-player"),
    path("models/runs/<int:pk>/live/<str:layer>", model_runs.run_live, name="model-run-live"),
    path("models/runs/<int:pk>/files/<str:what>", model_runs.run_bytes, name="model-run-file"),
    path("models/runs/<int:pk>/stop", model_runs.run_stop, name="model-run-stop"),
    path("models/runs/<int:pk>/resume", model_runs.run_resume, name="model-run-resume"),
    path("models/runs/<int:pk>/delete", model_runs.run_delete, name="model-run-delete"),
    path("videos/<int:pk>/annotate/", annotate.annotate, name="annotate"),
    path("videos/<int:pk>/annotate/start", annotate.annotate_start, name="annotate-start"),
    path("videos/<int:pk>/annotate/player.json", annotate.annotate_player, name="annotate-player"),
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
api_patterns: list[URLPattern] = []
