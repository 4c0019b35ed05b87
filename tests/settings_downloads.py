"""Settings of the server that the tests of downloads start: as shipped, plus two big downloads."""

from __future__ import annotations

from matteweb.settings import *  # noqa: F403

ROOT_URLCONF = "tests.download_urls"
FIRST_RUN_HOOK = ""
