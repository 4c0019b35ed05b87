"""What the web server runs: HTTP by Django, websockets by our consumers."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matteweb.settings")
# Loads the applications, which the routes below import.
http = get_asgi_application()

application = ProtocolTypeRouter({"http": http})
