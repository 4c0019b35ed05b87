"""Two files for everybody: what a manifest looks like, and the client for a terminal."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from datasets_app import cli
from datasets_app.domain.bundles.manifest import manifest_schema
from matteweb.errors import NotFound

CLIENT = Path(cli.__file__).with_name("matteweb.py")


@require_safe
def manifest_schema_file(request: HttpRequest) -> JsonResponse:
    """Answer with the JSON Schema of ``manifest.json``."""
    return JsonResponse(
        manifest_schema(), content_type="application/schema+json", json_dumps_params={"indent": 2}
    )


@require_safe
def client_file(request: HttpRequest) -> FileResponse:
    """Answer with the one-file client."""
    if not CLIENT.is_file():
        raise NotFound("this installation has no client file", hint="install MatteWeb again")
    return FileResponse(
        CLIENT.open("rb"), as_attachment=True, filename=CLIENT.name, content_type="text/x-python"
    )
