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
        parser.add_argument(
            "--decode", action="store_true", help="also read every frame and apply the preflight"
        )

    def act(self, options: dict[str, Any]) -> None:
        report = verify_export(options["path"], decode=options["decode"])
        lines = [f"bundle {report.bundle}: {report.files} files, {report.samples} samples"]
        lines += [str(finding) for finding in report.findings]
        lines.append("Everything holds." if report.ok else "It does not hold.")
        self.answer(
            report.as_json(), "\n".join(lines), code=Exit.OK if report.ok else Exit.FINDINGS
        )
