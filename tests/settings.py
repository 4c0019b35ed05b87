"""Settings of the test suite: a data folder of its own, cheap password hashes.

Not inside ``matteweb.settings``: importing a module there runs the package first, which has then
read MATTEWEB_DATA before this module could set it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile


def _remove(folder: str, creator: int) -> None:
    """Remove the folder at the end of the process that made it, not of one forked from it."""
    if os.getpid() == creator:
        shutil.rmtree(folder, ignore_errors=True)


# Processes that share the tests would inherit the folder of the one that started them; what they
# start themselves does inherit theirs.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if "MATTEWEB_DATA" not in os.environ or _worker != os.environ.get("MATTEWEB_TEST_WORKER", ""):
    os.environ["MATTEWEB_TEST_WORKER"] = _worker
    os.environ["MATTEWEB_DATA"] = tempfile.mkdtemp(prefix="matteweb-test-")
    atexit.register(_remove, os.environ["MATTEWEB_DATA"], os.getpid())

from matteweb.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DISK_RESERVE_BYTES = 64 * 1024**2
AXES_ENABLED = False
# Otherwise every new test client lists all static files before its first request.
WHITENOISE_AUTOREFRESH = True
# A test holds the database in one transaction, for which a heartbeat waits 20 s in vain, and the
# job for the heartbeat. Few jobs of tests take this long.
JOB_HEARTBEAT_SECONDS = 10
