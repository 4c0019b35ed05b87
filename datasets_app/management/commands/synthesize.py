"""``manage.py synthesize``: launch a run of a recipe."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from datasets_app.domain.recipes import RECIPES
from datasets_app.selectors.samples import run_counts
from datasets_app.services.lanes import LANE_KIND
from datasets_app.services.runs.synthesis import PLAN_KIND, run_create
from matteweb.accounts.models import Role
from matteweb.commands import Exit, MatteCommand, assignments
from matteweb.jobs.waiting import wait_for_target


class Command(MatteCommand):
    """Makes a run; with --wait, stays until it is through, working itself when no worker does."""

    help = "Make samples with a recipe from the project's videos and masks."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True)
        parser.add_argument("--recipe", required=True, help="see: manage.py plugins")
        parser.add_argument("--count", type=int, required=True, metavar="N")
        parser.add_argument("--seed", type=int, required=True, metavar="S")
        parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
        parser.add_argument("--wait", action="store_true")

    def act(self, options: dict[str, Any]) -> None:
        recipe = RECIPES[options["recipe"]]
        # What needs nothing that somebody brought in may be the first thing that a project holds.
        project = self.project(options["project"], Role.LEAD, create=not recipe.needs)
        run = run_create(
            project=project,
            recipe_slug=recipe.info.slug,
            params=assignments(options["set"]),
            count=options["count"],
            root_seed=options["seed"],
            actor=self.actor,
        )
        if options["wait"]:
            wait_for_target(PLAN_KIND, run.pk)
            wait_for_target(LANE_KIND, run.pk)
        counts = run_counts(run)
        failed = run.samples.filter(state="failed").values("name", "error", "hint")
        self.answer(
            {
                "project": project.slug,
                "run": run.pk,
                "recipe": run.recipe,
                "recipe_version": run.recipe_version,
                "count": run.count,
                "ready": counts.ready,
                "failed": list(failed),
                "left_out": run.survey.get("left_out", []),
                "hurdle": run.survey.get("hurdle", ""),
            },
            code=Exit.FINDINGS if counts.failed else Exit.OK,
        )
