"""What is taken away from a frozen bundle: the same answers for pages and for the API."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from datasets_app.adapters.ranged_response import ranged_response, ranged_zip_response
from datasets_app.domain.bundles.files import bundle_files
from datasets_app.models import Bundle
from datasets_app.selectors.bundles import bundle_file
from datasets_app.services.export import bundle_archive, bundle_manifest
from matteweb.errors import Conflict


def manifest_response(request: HttpRequest, bundle: Bundle) -> HttpResponseBase:
    """Return the response for the manifest. Raises Conflict for a draft."""
    if bundle.manifest_blob is None:
        raise Conflict(f"bundle {bundle.name} is not frozen", hint="freeze it first")
    return ranged_response(request, bundle.manifest_blob, "application/json", "manifest.json")


def file_response(request: HttpRequest, bundle: Bundle, path: str) -> HttpResponseBase:
    """Return the response for one file; a training list is written anew for another root.

    Raises NotFound for a path that the bundle does not have.
    """
    found = bundle_file(bundle, path)
    root = request.GET.get("root", "").strip()
    filename = path.split("/")[-1]
    if root:
        text = next(
            one for one in bundle_files(bundle_manifest(bundle), root=root) if one.path == path
        )
        if text.data is not None:
            answer = HttpResponse(text.data, content_type="application/json")
            answer["Content-Disposition"] = f'attachment; filename="{filename}"'
            return answer
    return ranged_response(request, found.blob, media_type(path), filename)


def archive_response(request: HttpRequest, bundle: Bundle) -> HttpResponseBase:
    """Return the response for the whole bundle as a ZIP. Raises Conflict for a draft."""
    whole = bundle_archive(bundle, root=request.GET.get("root", "").strip())
    return ranged_zip_response(
        request, whole.layout, whole.locate, tag=whole.tag, filename=f"{bundle.name}.zip"
    )


def media_type(path: str) -> str:
    """Return the media type of a bundle's file by its ending."""
    endings = {
        ".json": "application/json",
        ".md": "text/markdown; charset=utf-8",
        ".mp4": "video/mp4",
    }
    return endings.get(PurePosixPath(path).suffix, "application/octet-stream")
