"""A Chromium that hangs is replaced, and the next page opens."""

from __future__ import annotations

import os
import signal

import pytest

from tests.e2e.lasting_browser import LastingBrowser

pytestmark = pytest.mark.browser


def test_a_browser_that_no_longer_answers_is_replaced(browser: LastingBrowser) -> None:
    context = browser.new_context()
    context.new_page()
    hung = browser.pid
    os.kill(hung, signal.SIGSTOP)
    with pytest.warns(UserWarning, match="did not close a page in 1 s"):
        browser.close_context(context, patience=1)
    again = browser.new_context()
    assert again.new_page().evaluate("6 * 7") == 42
    assert browser.pid != hung
    browser.close_context(again)
