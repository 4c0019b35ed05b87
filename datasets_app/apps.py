from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class DatasetsConfig(AppConfig):
    name = "datasets_app"

    def ready(self) -> None:
        """Tell the domain, which reads no settings, where the renderer is and its files may lie."""
        from datasets_app.domain.scenes.renderer import OWN_PYTHON, RendererPlace, use_renderer

        scratch = Path(settings.WORK_DIR)
        use_renderer(RendererPlace(OWN_PYTHON, settings.BLENDER, scratch=scratch))
