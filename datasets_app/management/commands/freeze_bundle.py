"""``manage.py freeze_bundle``: an immutable bundle of the accepted samples."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.core.management.base import CommandParser

from datasets_app.domain.findings import Finding
from datasets_app.models import Bundle
from datasets_app.selectors.bundles import bundle_candidates, category_counts, repeat_outlook
from datasets_app.services.freezing.bundle_choice import BundleChoice, exact_number
from datasets_app.services.freezing.bundles import FREEZE_KIND, bundle_create_frozen
from matteweb.accounts.models import Role
from matteweb.commands import Exit, MatteCommand
from matteweb.errors import BadInput, MatteError
from matteweb.jobs.waiting import wait_for_target


class Command(MatteCommand):
    """Prints the weights formula and the bundle's id; a draft of that name is frozen."""

    help = "Freeze the accepted samples of a project into a bundle."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--share", action="append", default=[], metavar="CATEGORY=PERCENT")
        parser.add_argument("--repeat", action="append", default=[], metavar="CATEGORY=N")
        parser.add_argument(
            "--most-rows", type=int, default=0, metavar="N", help="bound on what --share repeats"
        )
        parser.add_argument("--split", action="append", default=[], metavar="NAME=PERCENT")
        parser.add_argument("--split-seed", type=int, default=0)
        parser.add_argument(
            "--keep-splits",
            action="store_true",
            help="with --split: samples with a split of their own keep it, the others are drawn",
        )
        parser.add_argument(
            "--licence-reason",
            default="",
            metavar="TEXT",
            help="why sources with an unknown or restricted licence may be used",
        )

    def act(self, options: dict[str, Any]) -> None:
        project = self.project(options["project"], Role.LEAD)
        choice = BundleChoice(
            shares=_fractions("--share", options["share"]),
            repeats=_numbers("--repeat", options["repeat"]),
            most_rows=options["most_rows"],
            splits=_fractions("--split", options["split"]),
            split_seed=options["split_seed"],
            keep_splits=options["keep_splits"],
            licence_reason=options["licence_reason"],
        )
        counts = category_counts(bundle_candidates(project, choice.samples))
        bundle = bundle_create_frozen(
            project=project, name=options["name"], choice=choice, actor=self.actor
        )
        if not _freezes(bundle):
            self._say_why_not(bundle)
            return
        plan = repeat_outlook(
            counts, shares=choice.shares, repeats=choice.repeats, most_rows=choice.most_rows
        )
        self.answer(
            {
                "project": project.slug,
                "bundle": bundle.name,
                "id": bundle.manifest_id,
                "samples": bundle.entries.count(),
                "rows": plan.total,
                "repeats": plan.repeats(),
                "shares": {line.category: float(line.share) for line in plan.categories},
                "formula": plan.formula(),
                "findings": bundle.problems,
            },
            f"{plan.formula()}\nbundle {bundle.name} is frozen: {bundle.manifest_id}",
        )

    def _say_why_not(self, bundle: Bundle) -> None:
        """Answer with everything that the preflight found; the bundle is a draft again."""
        findings = [Finding.from_json(one) for one in bundle.problems]
        self.answer(
            {
                "project": bundle.project.slug,
                "bundle": bundle.name,
                "id": "",
                "findings": bundle.problems,
            },
            "\n".join([*map(str, findings), f"bundle {bundle.name} is not frozen"]),
            code=Exit.FINDINGS,
        )


def _freezes(bundle: Bundle) -> bool:
    """Wait for the job; whether the bundle is frozen. Raises what ended it but for its findings."""
    try:
        wait_for_target(FREEZE_KIND, bundle.pk)
    except MatteError:
        bundle.refresh_from_db()
        if not bundle.problems:
            raise
        return False
    bundle.refresh_from_db()
    return True


def _pairs(option: str, texts: list[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        name, sign, value = text.rpartition("=")
        if not sign or not name:
            raise BadInput(f"{option} {text!r} is not name=number")
        pairs.append((name, value))
    return pairs


def _fractions(option: str, texts: list[str]) -> dict[str, Fraction]:
    try:
        return {name: exact_number(value) for name, value in _pairs(option, texts)}
    except ValueError:
        raise BadInput(f"{option} takes numbers, not {' '.join(texts)}") from None


def _numbers(option: str, texts: list[str]) -> dict[str, int]:
    try:
        return {name: int(value) for name, value in _pairs(option, texts)}
    except ValueError:
        raise BadInput(f"{option} takes whole numbers, not {' '.join(texts)}") from None
