"""Logs go to stderr: stdout of a command belongs to its answer."""

from __future__ import annotations

from typing import Any

from matteweb.settings import env

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("MATTEWEB_LOG_LEVEL", "WARNING")},
}
