"""The published descriptions: of the API, of its pages, of a manifest, and the client's file."""

from __future__ import annotations

import json
import re

import pytest
from django.core.management import call_command
from django.test import Client

from datasets_app.domain.bundles.manifest import manifest_schema
from tests.manifests import manifest

pytestmark = pytest.mark.django_db


def test_the_schema_of_the_api_is_valid_and_made_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_every_step_of_the_story_is_in_the_schema() -> None:
    answer = Client().get("/api/schema/?format=json")
    paths = json.loads(answer.content)["paths"]
    of_project = {path.removeprefix("/api/projects/{project}/") for path in paths}
    assert of_project >= {
        "videos/",
        "videos/{id}/captions",
        "captions",
        "runs/",
        "samples/{id}/verdicts",
        "bundles/",
        "bundles/outlook",
        "archive/{kind}/{id}",
    }


def test_the_pages_of_the_api_load_nothing_from_elsewhere_and_no_inline_script() -> None:
    page = Client().get("/api/docs/")
    text = page.content.decode()
    policy = page["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert " src=" in script
    assert "<style" not in text
    assert " style=" not in text


def test_the_schema_of_a_manifest_is_public_and_fits_one() -> None:
    answer = Client().get("/api/schema/manifest.json")
    assert answer.status_code == 200
    schema = json.loads(answer.content)
    assert schema == json.loads(json.dumps(manifest_schema()))
    assert set(manifest().model_dump(mode="json")) == set(schema["properties"])


def test_the_client_is_one_file_that_python_can_read() -> None:
    answer = Client().get("/cli/matteweb.py")
    source = b"".join(answer).decode()
    assert answer["Content-Disposition"] == 'attachment; filename="matteweb.py"'
    compile(source, "matteweb.py", "exec")
