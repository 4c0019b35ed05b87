"""What the processes that serve pages and start workers load, and what they must not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
