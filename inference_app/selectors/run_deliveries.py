"""The forms in which a run can be taken away, and how far each is."""

from __future__ import annotations

from dataclasses import dataclass

from datasets_app.models import Blob
from inference_app.domain.delivery_forms import FORMS, DeliveryForm, form_named
from inference_app.models import ModelRun
from inference_app.models.model_run import DELIVERY_KIND
from matteweb.errors import Conflict
from matteweb.jobs.models import Job
from matteweb.jobs.states import LIVE

COLUMNS = {"png": "pictures", "png16": "deep_pictures", "prores": "prores", "vp9": "vp9"}


@dataclass(frozen=True, slots=True)
class DeliveryStanding:
    """One form of one run: the stored file, or the newest job that writes it, or neither."""

    form: DeliveryForm
    blob: Blob | None
    job: Job | None

    @property
    def live(self) -> bool:
        """Whether it is being written or waits for that."""
        return self.blob is None and self.job is not None and self.job.state in LIVE


def delivery_standings(run: ModelRun) -> list[DeliveryStanding]:
    """Return every form of a run."""
    return [
        DeliveryStanding(form, getattr(run, COLUMNS[slug]), delivery_job(run, slug))
        for slug, form in FORMS.items()
    ]


def delivery_job(run: ModelRun, slug: str) -> Job | None:
    """Return the newest job that writes this form of a run."""
    jobs = Job.objects.filter(kind=DELIVERY_KIND, target_id=run.pk, params__form=slug)
    return jobs.order_by("-pk").first()


def delivered_file(run: ModelRun, slug: str) -> tuple[Blob, DeliveryForm, str]:
    """Return the stored file with its form and a name for it.

    Raises NotFound for a form that there is not, Conflict before it is written.
    """
    form = form_named(slug)
    blob: Blob | None = getattr(run, COLUMNS[slug])
    if blob is None:
        raise Conflict(f"{form.label} of {run} is not written yet", hint="ask for it first")
    return blob, form, f"{run.video.name} {run.predictor} {run.pk} {slug}{form.ending}"
