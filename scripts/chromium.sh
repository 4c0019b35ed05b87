#!/bin/sh
# Makes sure that the browser tests find a Chromium, and says where it is.
#
# First one that is installed, then Debian's package when root, then Playwright's download. Whether
# it decodes H.264, which some builds leave out, is asked by the tests themselves.
set -eu

installed() { .venv/bin/python -m tests.chromium; }

if found=$(installed); then
    echo "chromium: using $found"
    exit 0
fi
# Ubuntu's package of that name is a snap, which a container cannot run.
if [ "$(id -u)" -eq 0 ] && grep -q '^ID=debian' /etc/os-release 2>/dev/null; then
    echo "chromium: installing Debian's package"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium || true
elif [ "$(id -u)" -eq 0 ]; then
    echo "chromium: downloading Playwright's build and the libraries it loads"
    .venv/bin/playwright install --with-deps chromium || true
else
    echo "chromium: downloading Playwright's build"
    .venv/bin/playwright install chromium || true
fi
if found=$(installed); then
    echo "chromium: using $found"
else
    echo "The browser tests need Chromium: install the package chromium (sudo apt-get install" \
        "chromium) or Google Chrome, then run make test again." >&2
    exit 1
fi
