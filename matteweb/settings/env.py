"""The only place that reads environment variables; a bad value stops the program with its name."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str) -> str:
    """Return the variable, or ``default`` when it is unset or empty."""
    return os.environ.get(name) or default


def words(name: str, default: list[str]) -> list[str]:
    """Return a comma-separated list."""
    raw = os.environ.get(name)
    return [part.strip() for part in raw.split(",") if part.strip()] if raw else default


def integer(name: str, default: int, *, least: int = 0) -> int:
    """Return a whole number of at least ``least``."""
    raw = os.environ.get(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}") from None
    if value < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {value}")
    return value


def boolean(name: str, default: bool) -> bool:
    """Return a switch written as 1/0, true/false, yes/no or on/off."""
    raw = os.environ.get(name)
    if not raw:
        return default
    known = {"1": True, "true": True, "yes": True, "on": True}
    known |= {"0": False, "false": False, "no": False, "off": False}
    if raw.lower() not in known:
        raise ImproperlyConfigured(f"{name} must be true or false, not {raw!r}")
    return known[raw.lower()]


def folder(name: str, default: Path) -> Path:
    """Return an absolute folder path; the folder need not exist."""
    return Path(os.environ.get(name) or default).expanduser().resolve()


def secret_file(path: Path) -> str:
    """Return the secret in ``path``; the first caller creates it, readable by its owner only.

    Two processes that start at once agree: the file is written aside and linked into place, which
    succeeds for exactly one of them.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process was first; its secret is the one
        finally:
            draft.unlink()
    return path.read_text().strip()
