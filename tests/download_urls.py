"""The pages of the program, and beside them what every stored blob looks like as a download."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path

from datasets_app.adapters.blob_location import blob_store
from datasets_app.adapters.ranged_response import ranged_response, ranged_zip_response
from datasets_app.domain.archives.virtual_zip import ZipEntry, ZipLayout, zip_layout
from datasets_app.models import Blob
from matteweb.urls import urlpatterns as real_patterns


def archive_layout(digest: str, size: int, crc32: int, copies: int) -> ZipLayout:
    """Return an archive of ``copies`` entries that all hold the same blob."""
    entries = (ZipEntry(f"{n:05d}.mp4", size, crc32, digest) for n in range(copies))
    return zip_layout([*entries, ZipEntry("manifest.json", 2, 2745614147, b"{}")])


def archive(request: HttpRequest, digest: str, crc32: int, copies: int) -> HttpResponseBase:
    """Answer with such an archive."""
    store = blob_store()
    layout = archive_layout(digest, store.path(digest).stat().st_size, crc32, copies)
    return ranged_zip_response(
        request, layout, store.path, tag=f"{digest}{copies}", filename="bundle.zip"
    )


def single(request: HttpRequest, digest: str) -> HttpResponseBase:
    """Answer with one blob."""
    size = blob_store().path(digest).stat().st_size
    return ranged_response(request, Blob(digest=digest, size=size, crc32=0), "video/mp4")


urlpatterns = [
    path("downloads/<str:digest>/<int:crc32>/<int:copies>.zip", archive),
    path("downloads/<str:digest>", single),
    *real_patterns,
]
