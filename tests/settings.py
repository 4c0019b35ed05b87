"""Settings of the test suite: a data folder of its own, cheap password hashes.

Not inside ``matteweb.settings``: importing a module there runs the package first, which has then
read MATTEWEB_DATA before this module could set it.
"""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("MATTEWEB_DATA", tempfile.mkdtemp(prefix="matteweb-test-"))

from matteweb.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DISK_RESERVE_BYTES = 64 * 1024**2
AXES_ENABLED = False
# Otherwise every new test client lists all static files before its first request.
WHITENOISE_AUTOREFRESH = True
