"""Background jobs: how many at once, what counts as dead, who handles which kind."""

from __future__ import annotations

import os
import warnings

from matteweb.settings import env

JOB_WORKERS = env.integer("MATTEWEB_WORKERS", max(1, os.cpu_count() or 1), least=1)
JOB_HEARTBEAT_SECONDS = 2
# A process that is gone from this host is noticed at once; this is for one that is only silent.
# Longer than the 20 s that a write may wait for the database.
JOB_DEAD_AFTER_SECONDS = 24
JOB_CALL_LOST_AFTER_SECONDS = 10
JOB_WAITS_AT_LEAST_SECONDS = 10  # for room on the disk, before it is tried again
JOB_CRASHES_ALLOWED = 5  # deaths of a worker in a row without any progress
JOB_STOP_GRACE_SECONDS = 8  # for running jobs to keep what they have, when the workers end

# kind of job -> its task, by string: jobs know no application, applications register here.
JOB_HANDLERS: dict[str, str] = {
    "ingest_footage": "datasets_app.tasks.ingest_footage",
    "ingest_mask": "datasets_app.tasks.ingest_mask",
    "synthesis_plan": "datasets_app.tasks.synthesis_plan",
    "synthesis_render": "datasets_app.tasks.synthesis_render",
    "sample_regenerate": "datasets_app.tasks.sample_regenerate",
    "bundle_freeze": "datasets_app.tasks.bundle_freeze",
    "upload_finish": "datasets_app.tasks.upload_finish",
    "demo_scene": "datasets_app.tasks.demo_scene",
    "folder_import": "datasets_app.tasks.folder_import",
    "quality_measure": "datasets_app.tasks.quality_measure",
    "image_set_cut": "datasets_app.tasks.image_set_cut",
    "layout_export": "datasets_app.tasks.layout_export",
    "calibration_make": "datasets_app.tasks.calibration_make",
    "model_run": "inference_app.tasks.model_run",
    "evaluation": "inference_app.tasks.evaluation",
    "training": "inference_app.tasks.training",
    "hard_examples": "inference_app.tasks.hard_examples",
    "run_delivery": "inference_app.tasks.run_delivery",
    "mask_flow": "inference_app.tasks.mask_flow",
    "mask_carry": "inference_app.tasks.mask_carry",
    "mask_make": "inference_app.tasks.mask_make",
    "guidance_make": "inference_app.tasks.guidance_make",
    "mask_combine": "inference_app.tasks.mask_combine",
    "mask_evaluation": "inference_app.tasks.mask_evaluation",
    "fusion_training": "inference_app.tasks.fusion_training",
    "mask_export": "inference_app.tasks.mask_export",
    "mask_open": "inference_app.tasks.mask_open",
    "mask_save": "inference_app.tasks.mask_save",
    "captions_make": "inference_app.tasks.captions_make",
}

# What else `up` keeps running: a name for people, and the command with its arguments. The live
# engine answers while somebody waits, so it stands above the workers, below the web server.
COMPANIONS: list[tuple[str, tuple[str, ...]]] = []
if env.boolean("MATTEWEB_MASK_ENGINE", True):
    COMPANIONS.append(("mask engine", ("engine", "--nice", "1")))

# What else is done every ten minutes beside the workers: functions without arguments.
HOUSEKEEPING: list[str] = [
    "datasets_app.services.receiving.upload_removal.uploads_expire",
    "datasets_app.services.quality.measuring_catch_up",
    "inference_app.services.runs.run_leftovers.run_pieces_expire",
]

# The runner's own heartbeat decides what is dead, so django-q2 neither stops nor re-runs a task by
# time: ``timeout`` is off and ``retry`` is longer than any job. It warns of that combination.
warnings.filterwarnings("ignore", message="Retry and timeout are misconfigured")
Q_CLUSTER = {
    "name": "cpu",
    "label": "Background queue",
    "orm": "default",
    "workers": JOB_WORKERS,
    "timeout": None,
    "retry": 30 * 24 * 3600,
    "max_attempts": 1,
    "ack_failures": True,
    "poll": 0.25,  # seconds between looks into an empty queue
    "guard_cycle": 0.25,
    "queue_limit": 1,  # what one pool has fetched ahead, a free pool elsewhere cannot take
    "recycle": 50,
    "save_limit": -1,  # the job row tells how a job ended
    "scheduler": False,
    "daemonize_workers": False,  # daemons may not have children, and decoders are children
}
