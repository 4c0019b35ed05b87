"""Which Chromium the browser tests drive, and whether it decodes what the player shows.

``python -m tests.chromium`` prints the executable; with ``--decodes`` it asks the browser first.
Either ends in one sentence on stderr when the answer is no.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Colour previews are H.264 High 4:2:0, masks and alpha High 4:4:4 Predictive at qp 0.
CODECS = ("avc1.64001F", "avc1.F4001F")

# Root has no user namespace to build a sandbox in.
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]

_SUPPORTED = """async (codecs) => {
    const answers = await Promise.all(codecs.map((codec) =>
        VideoDecoder.isConfigSupported({codec, codedWidth: 1280, codedHeight: 720})));
    return codecs.filter((_, index) => !answers[index].supported);
}"""


def executable() -> str | None:
    """Return the path of an installed Chromium or of Playwright's own; None without either."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def undecodable(path: str) -> list[str]:
    """Return those of ``CODECS`` that the Chromium at ``path`` cannot decode."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_page()
        # WebCodecs exists only in a secure context, which an empty page is not.
        page.route("**", lambda route: route.fulfill(body="<!doctype html>"))
        page.goto("http://localhost/")
        missing: list[str] = page.evaluate(_SUPPORTED, list(CODECS))
        browser.close()
    return missing


def main() -> None:
    """Print the executable, or end with one sentence."""
    path = executable()
    if path is None:
        sys.exit(f"There is no Chromium here ({', '.join(NAMES)}, or Playwright's own).")
    if "--decodes" in sys.argv[1:] and (missing := undecodable(path)):
        sys.exit(
            f"{path} cannot decode {' and '.join(missing)}: the browser tests need a build with "
            "H.264, such as Debian's chromium package or Google Chrome."
        )
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
