"""django-q2 and the limits of the job runner."""

from __future__ import annotations

import os

from matteweb.settings import env

JOB_WORKERS = env.integer("MATTEWEB_WORKERS", max(1, os.cpu_count() or 1), least=1)
JOB_HEARTBEAT_SECONDS = 2
JOB_DEAD_AFTER_SECONDS = 12
JOB_CRASHES_ALLOWED = 5  # deaths of a worker in a row without any progress

# kind of job -> its task, by string: jobs know no application, applications register here.
JOB_HANDLERS: dict[str, str] = {
    "ingest_video": "datasets_app.tasks.ingest_video",
    "ingest_mask": "datasets_app.tasks.ingest_mask",
    "synthesis_plan": "datasets_app.tasks.synthesis_plan",
    "synthesis_render": "datasets_app.tasks.synthesis_render",
    "bundle_freeze": "datasets_app.tasks.bundle_freeze",
    "upload_finish": "datasets_app.tasks.upload_finish",
    "folder_import": "datasets_app.tasks.folder_import",
}

# The runner's own heartbeat decides what is dead, so django-q2 neither stops nor re-runs a task by
# time: ``timeout`` is off and ``retry`` is longer than any job.
Q_CLUSTER = {
    "name": "cpu",
    "orm": "default",
    "workers": JOB_WORKERS,
    "timeout": None,
    "retry": 30 * 24 * 3600,
    "max_attempts": 1,
    "ack_failures": True,
    "poll": 0.25,
    "queue_limit": JOB_WORKERS,
    "recycle": 50,
    "catch_up": False,
    "save_limit": 200,
    "label": "Background queue",
    "daemonize_workers": False,
}
