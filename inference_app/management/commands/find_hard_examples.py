"""``manage.py find_hard_examples``: frames that models found hard, sent to people."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from inference_app.models import HardState
from inference_app.selectors.hard_examples import hard_examples_of
from inference_app.selectors.model_runs import run_of
from inference_app.services.learning.hard_examples import hard_examples_find, hard_examples_move
from matteweb.accounts.models import Role
from matteweb.commands import MatteCommand
from matteweb.jobs.runner import wait_for
from matteweb.jobs.waiting import require_done


class Command(MatteCommand):
    """Looks in a job and waits for it; --send puts the hardest of what is found into a queue."""

    help = "Rank frames by uncertainty, flicker and disagreement of models; send them to a queue."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True)
        parser.add_argument(
            "--run", action="append", default=[], type=int, metavar="N", help="default: newest"
        )
        parser.add_argument("--send", choices=[HardState.ANNOTATION.value, HardState.REVIEW.value])
        parser.add_argument("--top", type=int, default=10, metavar="N", help="how many to send")

    def act(self, options: dict[str, Any]) -> None:
        project = self.project(options["project"], Role.ANNOTATOR)
        runs = [run_of(project, pk) for pk in options["run"]]
        job = hard_examples_find(project=project, runs=runs, actor=self.actor)
        require_done(wait_for(job.pk))
        among = hard_examples_of(project).filter(run__in=job.params["runs"])
        sent = []
        if options["send"]:
            sent = list(among.filter(state=HardState.FOUND)[: max(0, options["top"])])
            hard_examples_move(examples=sent, to=options["send"], actor=self.actor)
        rows = [
            {
                "id": one.pk,
                "video": one.run.video.name,
                "predictor": one.run.predictor,
                "frame": one.frame,
                "score": round(one.score, 4),
                "state": one.state,
            }
            for one in among
        ]
        self.answer({"examples": rows, "sent": len(sent)})
