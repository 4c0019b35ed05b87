from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class InferenceConfig(AppConfig):
    name = "inference_app"

    def ready(self) -> None:
        """Tell the domain, which reads no settings, where networks find what they need."""
        from inference_app.domain import model_folders
        from inference_app.domain.captioners.openai_vision import Endpoint, use_endpoint

        model_folders.use_weights(settings.WEIGHTS_DIR)
        use_endpoint(
            Endpoint(
                url=settings.CAPTION_URL,
                model=settings.CAPTION_MODEL,
                key=settings.CAPTION_KEY,
                private=settings.CAPTION_PRIVATE_ADDRESSES,
                timeout=settings.CAPTION_TIMEOUT_SECONDS,
            )
        )
