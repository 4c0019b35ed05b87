"""The Jobs page in a real browser, beside real workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.matteweb.jobs.installed import create_job
from tests.processes import Installation, Part, up
from tests.scale import scale

pytestmark = [pytest.mark.browser, pytest.mark.processes]

LOGIN = """
from matteweb.accounts.models import Membership, Project, User
owner = User.objects.get(username='owner')
owner.set_password('a-long-password')
owner.must_change_password = False
owner.save()
Membership.objects.create(project=Project.objects.get(slug='installed'), user=owner, role='owner')
"""


def test_a_job_is_followed_stopped_and_resumed_in_the_browser(
    installation: Installation, chromium: str
) -> None:
    with up(installation) as running:
        job = create_job(installation, "count", n=scale(600, 3000), pause=0.05)
        create_job(installation, "count", n=2)
        installation.python(LOGIN)
        with logged_in(chromium, running.facts["address"]) as page:
            page.goto("/p/installed/jobs/")
            row = page.locator(f"tr[data-job='{job}']")
            expect(row.locator(".state")).to_have_text("Running")
            progress_is_never_older_than_a_second(page, installation, job)
            expect(page.locator("mw-job-count")).to_contain_text("1 running")

            row.click()
            panel = page.locator(".job-detail")
            expect(panel.locator("h2")).to_have_text("count")
            panel.get_by_role("button", name="Stop job").click()
            expect(panel.locator(".state")).to_have_text("Stopped", timeout=5000)
            panel.get_by_role("button", name="Resume").click()
            expect(panel.locator(".state")).to_have_text("Running", timeout=5000)

            running.kill(Part.WEB, Random(1))
            expect(page.locator(".notice")).to_be_visible(timeout=5000)
            expect(page.locator(".notice")).to_be_hidden(timeout=30_000)
            progress_is_never_older_than_a_second(page, installation, job)


def progress_is_never_older_than_a_second(page: Page, installation: Installation, job: int) -> None:
    """Look a few times: the page shows at least what was stored a second ago."""
    cell = page.locator(f"tr[data-job='{job}'] td.num").first
    for _ in range(scale(2, 30)):
        (stored,) = installation.query("SELECT done FROM jobs_job WHERE id = ?", job)
        page.wait_for_timeout(1000)
        shown = int(cell.inner_text().split("/")[0].replace(",", ""))
        assert shown >= stored["done"]


@contextmanager
def logged_in(chromium: str, address: str) -> Iterator[Page]:
    """Open a page of the owner; at the end, no script failed and no policy was violated."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(base_url=address, locale="en-US")
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        page.goto("/login/")
        page.fill("[name=username]", "owner")
        page.fill("[name=password]", "a-long-password")
        page.locator("form:has([name=password]) button[type=submit]").click()
        page.wait_for_url(lambda url: "/login/" not in url)
        yield page
        browser.close()
        assert faults == []
