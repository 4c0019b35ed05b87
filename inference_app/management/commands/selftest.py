"""``manage.py selftest``: a tiny set is made, learned and measured; the result is known."""

from __future__ import annotations

import json
import platform
import sys
from importlib.metadata import version
from typing import Any

from inference_app.services.learning.defects import defects_selftest
from matteweb.commands import MatteCommand
from matteweb.errors import Unsupported


class Command(MatteCommand):
    """Ends well only with an area under the curve of exactly 1."""

    help = "Make a tiny set of good and scratched plates, train on it, and expect AUROC 1.0."
    needs_database = False

    def act(self, options: dict[str, Any]) -> None:
        """Run it; on another result print what to send."""
        found = defects_selftest()
        if found["auroc"] != 1.0:
            self.say(json.dumps(found | _circumstances(), indent=1))
            raise Unsupported(
                f"the self-test reached AUROC {found['auroc']}, not 1.0",
                hint="send the report above to whoever looks after this program",
            )
        self.answer(found, "self-test passed: AUROC 1.0")


def _circumstances() -> dict[str, str]:
    packages = ("torch", "numpy", "opencv-python-headless")
    return {
        "python": sys.version,
        "platform": platform.platform(),
        **{name: version(name) for name in packages},
    }
