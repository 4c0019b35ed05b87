"""Settings of the test suite: a data folder of its own, cheap password hashes."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("MATTEWEB_DATA", tempfile.mkdtemp(prefix="matteweb-test-"))

from matteweb.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DISK_RESERVE_BYTES = 64 * 1024**2
AXES_ENABLED = False
