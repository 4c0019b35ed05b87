from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class DatasetsConfig(AppConfig):
    name = "datasets_app"

    def ready(self) -> None:
        """Tell the domain, which reads no settings, where the renderer is."""
        from datasets_app.domain.scenes.renderer import OWN_PYTHON, RendererPlace, use_renderer

        use_renderer(RendererPlace(python=OWN_PYTHON, blender=settings.BLENDER))
