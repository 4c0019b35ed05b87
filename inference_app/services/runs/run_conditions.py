"""What has to hold before a run is asked for, so that no job is queued that cannot end well."""

from __future__ import annotations

from django.conf import settings

from datasets_app.models import Mask, Video
from datasets_app.models.mask import MaskKind
from datasets_app.models.video import IngestState
from inference_app.domain.predictors.base import RUNNABLE, Predictor
from inference_app.domain.predictors.weights import find_weights, why_not
from inference_app.models import Training
from matteweb.errors import BadInput, Conflict


def require_runnable(predictor: Predictor, video: Video, mask: Mask | None) -> None:
    """Raise unless ``predictor`` can run here over ``video``, guided by ``mask``.

    BadInput for a mask that does not fit or weights that are others, Conflict for what is not ready
    or lacks something, WeightsMissing.
    """
    if predictor.traits.task not in RUNNABLE:
        raise BadInput(f"{predictor.info.label} makes neither alpha nor depth")
    if reason := why_not(predictor, settings.WEIGHTS_DIR):
        raise Conflict(f"{predictor.info.label} cannot run here: {reason}")
    find_weights(predictor, settings.WEIGHTS_DIR)
    if video.state != IngestState.READY:
        raise Conflict(f"{video.name} is {video.state}", hint="wait until it is read")
    if mask is None:
        if predictor.traits.hints_on != "none":
            raise BadInput(f"{predictor.info.label} needs a mask", hint="choose one of the video")
        return
    if mask.video_id != video.pk:
        raise BadInput(f"{mask.name} is no mask of {video.name}", hint="choose one of the video")
    if mask.state == IngestState.FAILED:
        raise BadInput(f"mask {mask.name} cannot be used: {mask.error}", hint=mask.hint)
    if mask.state != IngestState.READY:
        hint = "wait, or decide on the page of the video how it is read"
        raise Conflict(f"mask {mask.name} is not read yet", hint=hint)
    if mask.kind == MaskKind.INDEX:
        raise BadInput(f"{mask.name} holds several objects", hint="choose the mask of one of them")


def weights_of(training: Training, predictor: Predictor) -> dict[str, str]:
    """Return the digest of a checkpoint. Raises BadInput for one that the predictor cannot read."""
    if predictor.info.slug != training.plan["network"] or training.weights_id is None:
        raise BadInput(f"{predictor.info.label} cannot use what came of the training {training}")
    return {f"{training.name}.safetensors": training.weights_id}
