"""Where the web server listens, and what happens on the very first start."""

from __future__ import annotations

from matteweb.settings import env

WEB_HOST = env.text("MATTEWEB_HOST", "127.0.0.1")
WEB_PORT = env.integer("MATTEWEB_PORT", 8000)

# Called once with ``actor`` (the new owner) before anything runs, to make the demo project; ""
# for none.
FIRST_RUN_HOOK = "datasets_app.services.sources.demo.demo_project_create"
