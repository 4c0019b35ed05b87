"""Where websockets are mounted."""

from __future__ import annotations

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.urls import path

from matteweb.jobs.consumers import ProjectConsumer

websocket = AuthMiddlewareStack(
    URLRouter([path("ws/projects/<slug:project>/", ProjectConsumer.as_asgi())])
)
