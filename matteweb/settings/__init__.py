"""All settings, assembled from one module per subject. Everything works with no variable set."""

from __future__ import annotations

from matteweb.settings.base import *  # noqa: F403
from matteweb.settings.captions import *  # noqa: F403
from matteweb.settings.logging import *  # noqa: F403
from matteweb.settings.media import *  # noqa: F403
from matteweb.settings.plugins import *  # noqa: F403
from matteweb.settings.queue import *  # noqa: F403
from matteweb.settings.review import *  # noqa: F403
from matteweb.settings.serving import *  # noqa: F403
