"""A Chromium that outlives its own faults: a context that it never closes costs half a minute.

Chromium now and then does not answer ``Target.disposeBrowserContext`` at all, and Playwright waits
for that answer without a limit.
"""

from __future__ import annotations

import os
import signal
import threading
import warnings
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Error, Playwright

PATIENCE: Final = 30.0  # seconds that closing a context may take; it takes 0.05


class LastingBrowser:
    """Starts Chromium with the first context, and again after it died or was killed."""

    def __init__(self, playwright: Playwright, executable: str, arguments: list[str]) -> None:
        self._launch = (playwright.chromium, executable, arguments)
        self._browser: Browser | None = None
        self.pid = 0

    def new_context(self, **options: Any) -> BrowserContext:
        """Return a context of its own, as Playwright's ``Browser.new_context`` does."""
        if self._browser is None or not self._browser.is_connected():
            launcher, executable, arguments = self._launch
            self._browser = launcher.launch(executable_path=executable, args=arguments)
            self.pid = _process_of(self._browser)
        return self._browser.new_context(**options)

    def close_context(self, context: BrowserContext, patience: float = PATIENCE) -> None:
        """Close ``context``; a browser that does not answer within ``patience`` s is killed."""
        killer = threading.Timer(patience, os.kill, (self.pid, signal.SIGKILL))
        killer.start()
        try:
            context.close()
        except Error:
            if self._browser is not None and self._browser.is_connected():
                raise
        finally:
            killed = killer.finished.is_set()
            killer.cancel()
        if killed:
            warnings.warn(f"Chromium did not close a page in {patience:g} s.", stacklevel=2)

    def close(self) -> None:
        """End the process."""
        if self._browser is not None and self._browser.is_connected():
            self._browser.close()


def _process_of(browser: Browser) -> int:
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    pid: int = next(process["id"] for process in processes if process["type"] == "browser")
    return pid
