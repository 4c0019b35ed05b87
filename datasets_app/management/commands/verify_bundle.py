"""``manage.py verify_bundle``: check a folder or ZIP against its own manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from datasets_app.domain.bundles.verify import verify_export
from matteweb.commands import Exit, MatteCommand


class Command(MatteCommand):
    """Needs no database; exit code 6 when something does not hold."""

    help = "Verify an exported bundle: every file by digest, lists, frame counts, mask values."
    needs_database: ClassVar[bool] = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="folder or ZIP of an export")

    def act(self, options: dict[str, Any]) -> None:
        report = verify_export(options["path"])
        lines = [f"bundle {report.bundle_id}: {report.files} files, {report.samples} samples"]
        lines += [str(finding) for finding in report.findings]
        lines.append("Everything holds." if report.holds else "It does not hold.")
        self.answer(
            {
                "path": str(options["path"]),
                "id": report.bundle_id,
                "files": report.files,
                "samples": report.samples,
                "holds": report.holds,
                "findings": [finding.as_json() for finding in report.findings],
            },
            "\n".join(lines),
            code=Exit.OK if report.holds else Exit.FINDINGS,
        )
