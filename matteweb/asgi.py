"""What the web server runs: HTTP by Django, websockets by our consumers."""

from __future__ import annotations

import os
from typing import cast

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matteweb.settings")
# Loads the applications, which the imports below need.
http = get_asgi_application()

from matteweb.body_limit import Application, BodyLimit  # noqa: E402
from matteweb.routing import websocket  # noqa: E402 - needs the applications that Django loaded

limited = BodyLimit(cast(Application, http), settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
application = ProtocolTypeRouter({"http": limited, "websocket": websocket})
