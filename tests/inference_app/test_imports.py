"""What the processes that serve pages and start workers load, and what they must not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "transformers", "onnxruntime", "pymatting", "numba", "bpy")

LISTING = f"""
import django, sys
django.setup()
import matteweb.urls, matteweb.routing, matteweb.jobs.pool, inference_app.domain.device
from inference_app.domain.predictors import PREDICTORS
[plugin.unavailable() for plugin in PREDICTORS]
print([name for name in {HEAVY} if name in sys.modules])
"""


def test_serving_pages_and_starting_workers_loads_no_network_library() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", LISTING],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", sorted(settings.JOB_HANDLERS))
def test_every_kind_of_job_has_the_handler_that_it_names(kind: str) -> None:
    assert callable(import_string(settings.JOB_HANDLERS[kind]))
