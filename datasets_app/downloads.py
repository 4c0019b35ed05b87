"""What is taken away: the same answers for pages and for the API."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import StringIO
from pathlib import PurePosixPath
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from datasets_app.adapters.ranged_response import ranged_response, ranged_zip_response
from datasets_app.domain.bundles.files import bundle_files
from datasets_app.domain.metrics import METRICS
from datasets_app.models import Bundle, LayoutExport, SetPicture
from datasets_app.selectors.bundles import bundle_file
from datasets_app.selectors.imports import import_findings
from datasets_app.selectors.quality import ANY_FINDING, finding_lines
from datasets_app.selectors.samples import samples_of
from datasets_app.services.freezing.export import bundle_archive, bundle_manifest
from matteweb.accounts.models import Project
from matteweb.errors import BadInput, Conflict, NotFound
from matteweb.jobs.models import Job

ROWS_BY_WEIGHT = "weights"
FINDING_COLUMNS = ("severity", "code", "where", "message", "hint")
SAMPLE_FINDING_COLUMNS = (
    "sample", "name", "review", "metric", "title", "first", "last", "layers",
    "x", "y", "width", "height", "strength", "words", "advice",
)  # fmt: skip
_PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


def manifest_response(request: HttpRequest, bundle: Bundle) -> HttpResponseBase:
    """Return the response for the manifest. Raises Conflict for a draft."""
    if bundle.manifest_blob is None:
        raise Conflict(f"bundle {bundle.name} is not frozen", hint="freeze it first")
    return ranged_response(request, bundle.manifest_blob, "application/json", "manifest.json")


def file_response(request: HttpRequest, bundle: Bundle, path: str) -> HttpResponseBase:
    """Return the response for one file; a training list is written anew for another ``?root=``, and
    with ``?rows=weights`` as one row for each sample.

    Raises BadInput for another form of the rows, NotFound for a path that the bundle does not have.
    """
    found = bundle_file(bundle, path)
    root = request.GET.get("root", "").strip()
    filename = path.split("/")[-1]
    rows = request.GET.get("rows", "")
    if rows not in ("", ROWS_BY_WEIGHT):
        raise BadInput(f"there are no rows as {rows!r}", hint=f"rows={ROWS_BY_WEIGHT}, or nothing")
    if root or rows:
        files = bundle_files(bundle_manifest(bundle), root=root, weighted=bool(rows))
        text = next(one for one in files if one.path == path)
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


def findings_response(job: Job, form: str) -> HttpResponse:
    """Return the response for every finding of an import, as csv or json.

    Raises NotFound for another form.
    """
    findings = import_findings(job)
    if form == "json":
        data, media = json.dumps(findings, ensure_ascii=False, indent=1), "application/json"
    elif form == "csv":
        data, media = _csv(findings), "text/csv; charset=utf-8"
    else:
        raise NotFound(f"there are no findings as {form!r}", hint="csv or json")
    answer = HttpResponse(data, content_type=media)
    name = f"import-{job.pk}-findings.{form}"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return answer


def sample_findings_response(project: Project, metric: str, form: str) -> HttpResponse:
    """Return the response for what was found in a project's samples, as csv or json.

    ``metric``: one of them, or "any". Raises NotFound for another form or metric.
    """
    if metric != ANY_FINDING and metric not in {one.info.slug for one in METRICS}:
        raise NotFound(f"there is no metric {metric!r}", hint="any, or as QualityShape names them")
    if form not in ("json", "csv"):
        raise NotFound(f"there are no findings as {form!r}", hint="csv or json")
    lines = [dict(line) for line in finding_lines(samples_of(project), metric)]
    if form == "json":
        data, media = json.dumps(lines, ensure_ascii=False, indent=1), "application/json"
    else:
        rows = [_flat(line) for line in lines]
        data, media = _csv(rows, SAMPLE_FINDING_COLUMNS), "text/csv; charset=utf-8"
    answer = HttpResponse(data, content_type=media)
    name = f"{project.slug}-findings.{form}"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return answer


def set_picture_response(request: HttpRequest, row: SetPicture, what: str) -> HttpResponseBase:
    """Return the response for the ``picture`` of a row of an image set, or for its ``mask``.

    Raises NotFound for what the row does not have.
    """
    blob = {"picture": row.picture, "mask": row.mask}.get(what)
    if blob is None:
        raise NotFound(f"picture {row.pk} has no {what}")
    ending = PurePosixPath(row.name).suffix.lower() if what == "picture" else ".png"
    media = _PICTURES.get(ending)
    # What a browser does not show leaves as a download under its own name.
    name = None if media else row.name
    return ranged_response(request, blob, media or "application/octet-stream", name)


def export_response(request: HttpRequest, row: LayoutExport) -> HttpResponseBase:
    """Return the response for the ZIP of an export. Raises NotFound before it is written."""
    if row.archive is None:
        raise NotFound("this export is not written yet", hint="ask again when its job is done")
    name = f"{row.source_name}-{row.layout}.zip"
    return ranged_response(request, row.archive, "application/zip", name)


def media_type(path: str) -> str:
    """Return the media type of a bundle's file by its ending."""
    endings = {
        ".json": "application/json",
        ".md": "text/markdown; charset=utf-8",
        ".mp4": "video/mp4",
    }
    return endings.get(PurePosixPath(path).suffix, "application/octet-stream")


def _flat(line: dict[str, Any]) -> dict[str, Any]:
    """Return a finding with its layers and its place in cells of their own."""
    x, y, width, height = line["box"] or ("", "", "", "")
    place = {"x": x, "y": y, "width": width, "height": height}
    return line | place | {"layers": " ".join(line["layers"])}


def _csv(findings: list[dict[str, Any]], columns: Sequence[str] = FINDING_COLUMNS) -> str:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for one in findings:
        writer.writerow([_cell(str(one.get(column, ""))) for column in columns])
    return text.getvalue()


def _cell(text: str) -> str:
    # A spreadsheet runs what begins like this, and names of files come from anywhere.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
