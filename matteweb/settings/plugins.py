"""Which lists of plug-ins there are: applications name theirs here by string, as for jobs."""

from __future__ import annotations

# What one of the list is called -> where the list is.
PLUGIN_LISTS: dict[str, str] = {
    "recipe": "datasets_app.domain.recipes.RECIPES",
    "layout": "datasets_app.domain.layouts.LAYOUTS",
    "metric": "datasets_app.domain.metrics.METRICS",
    "predictor": "inference_app.domain.predictors.PREDICTORS",
    "mask maker": "inference_app.domain.automatic.MAKERS",
    "captioner": "inference_app.domain.captioners.CAPTIONERS",
}
