"""The review desk in a browser: by keyboard alone, by two people at once, with comments."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.studio import Studio, StudioProject
from tests.processes import wait_until
from tests.scale import scale

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OpenPage = Callable[..., Page]
PATIENCE = 30_000

# Counts what a pointing device does, from the first moment of every page.
NO_MOUSE = """
globalThis.pointed = Number(sessionStorage.getItem("pointed") ?? 0);
for (const type of ["mousedown", "pointerdown", "wheel", "touchstart"]) {
  addEventListener(type, () => sessionStorage.setItem("pointed", ++globalThis.pointed), true);
}
"""


# Both keys before the next frame can be decoded, as somebody types who does not wait for it.
STEP_AND_COMMENT = """
for (const key of ["ArrowRight", "c"]) {
  const pressed = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  document.body.dispatchEvent(pressed);
}
"""


@pytest.fixture
def open_desk(studio: Studio, open_page: OpenPage) -> Callable[[StudioProject, str], Page]:
    """Return a function that opens the review of a project for somebody."""

    def opened(project: StudioProject, name: str) -> Page:
        page = open_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.add_init_script(NO_MOUSE)
        studio.sign_in(page, name)
        page.goto(f"{studio.server.address}/p/{project.slug}/review/")
        page.wait_for_selector("mw-player.built")
        shown(page)
        return page

    return opened


def shown(page: Page) -> None:
    """Wait until the current sample's first frame is on screen."""
    wait_until(lambda: _frame(page) >= 0, 30, "the first frame is on screen")


def _frame(page: Page) -> int:
    found: int = page.evaluate("document.getElementById('player').frame")
    return found


def current(page: Page) -> str:
    return page.locator("#current").inner_text()


def _stored(studio: Studio, project: StudioProject, number: int) -> bool:
    return len(verdicts(studio, project)) == number


def verdicts(studio: Studio, project: StudioProject) -> list[dict[str, object]]:
    marks = ", ".join("?" for _ in project.samples)
    return studio.query(
        "SELECT v.sample_id, u.username, v.decision, v.reasons, v.seconds "  # noqa: S608
        "FROM datasets_app_verdict v JOIN accounts_user u ON u.id = v.reviewer_id "
        f"WHERE v.undone_at IS NULL AND v.sample_id IN ({marks}) ORDER BY v.id",
        *project.samples,
    )


def test_ten_samples_are_reviewed_with_the_keyboard_alone(
    studio: Studio, open_desk: Callable[[StudioProject, str], Page]
) -> None:
    project = studio.project(10)
    page = open_desk(project, "anna")
    keys = page.keyboard
    for number in range(10):
        name = current(page)
        shown(page)
        keys.press("ArrowRight")
        keys.press("End")
        keys.press("w" if number % 2 else "f")
        if number in (3, 7):
            keys.press("3")
            keys.press("r")
        else:
            keys.press("a")
        expect(page.locator("#said")).to_contain_text(name)
        if number == 5:
            keys.press("z")
            expect(page.locator("#said")).to_contain_text("taken back")
            expect(page.locator("#current")).to_have_text(name)
            keys.press("a")
        if number < 9:
            expect(page.locator("#current")).not_to_have_text(name)
    expect(page.get_by_role("heading", name="Nothing is waiting here")).to_be_visible()
    wait_until(lambda: len(verdicts(studio, project)) == 10, 10, "all verdicts are stored")
    given = verdicts(studio, project)
    assert sorted(str(row["sample_id"]) for row in given) == sorted(map(str, project.samples))
    assert [row["decision"] for row in given].count("reject") == 2
    assert {row["reasons"] for row in given if row["decision"] == "reject"} == {'["flicker"]'}
    assert page.evaluate("Number(sessionStorage.getItem('pointed') ?? 0)") == 0


def test_a_key_that_is_held_down_judges_one_sample(
    studio: Studio, open_desk: Callable[[StudioProject, str], Page]
) -> None:
    project = studio.project(2)
    page = open_desk(project, "anna")
    for _ in range(6):
        page.keyboard.down("a")  # the second and later ones are repeats
    page.keyboard.up("a")
    wait_until(lambda: len(verdicts(studio, project)) == 1, 10, "a verdict is stored")
    page.wait_for_timeout(300)
    assert len(verdicts(studio, project)) == 1


def test_two_reviewers_on_one_queue_never_have_the_same_sample(
    studio: Studio, open_desk: Callable[[StudioProject, str], Page]
) -> None:
    count = scale(6, 20)
    project = studio.project(count)
    anna, ben = open_desk(project, "anna"), open_desk(project, "ben")
    judged: list[str] = []
    for turn in range(count):
        page, other = (anna, ben) if turn % 2 else (ben, anna)
        assert current(page) != current(other)
        name = current(page)
        page.keyboard.press("a")
        judged.append(name)
        expect(page.locator("#said")).to_contain_text(name)
        wait_until(partial(_stored, studio, project, turn + 1), 10, "it is stored")
        if turn < count - 2:
            expect(page.locator("#current")).not_to_have_text(name)
    assert sorted(judged) == sorted(project.names)
    given = verdicts(studio, project)
    assert len({row["sample_id"] for row in given}) == count
    assert {row["username"] for row in given} == {"anna", "ben"}


def test_a_page_that_is_left_gives_its_samples_back(
    studio: Studio, open_desk: Callable[[StudioProject, str], Page]
) -> None:
    project = studio.project(2)
    anna = open_desk(project, "anna")
    first = current(anna)
    anna.goto(f"{studio.server.address}/p/{project.slug}/library/")
    ben = open_desk(project, "ben")
    assert current(ben) == first


def test_a_comment_on_a_region_survives_regeneration(
    studio: Studio, open_desk: Callable[[StudioProject, str], Page]
) -> None:
    project = studio.project(1)
    page = open_desk(project, "anna")
    page.evaluate(STEP_AND_COMMENT)
    expect(page.locator("#f-first")).to_have_value("1")
    page.locator("#f-last").fill("4")
    page.get_by_role("button", name="Draw").click()
    _drag(page)
    region = page.locator("#f-region").input_value()
    assert re.fullmatch(r"\d+, \d+, \d+, \d+", region)
    page.locator("#f-comment").fill("the tail jumps")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".comment-list li")).to_contain_text("the tail jumps")
    expect(page.locator(".region-box")).to_have_count(0)  # nothing lies over a picture at rest
    done = studio.server.installation.run("regenerate", "--project", project.slug, project.names[0])
    assert done.returncode == 0, done.stderr
    page.reload()
    line = page.locator(".comment-list li")
    expect(line).to_contain_text("the tail jumps")
    line.locator("button.tag").click()
    expect(line.locator("button.tag")).to_have_text("1 to 4")
    wait_until(lambda: _frame(page) == 1, 30, "the frame of the comment is on screen")
    expect(page.locator(".region-box")).not_to_have_count(0)
    layers = page.evaluate(
        """() => [".region-box", ".stage > canvas"].map((selector) =>
          Number(getComputedStyle(document.querySelector(selector)).zIndex))"""
    )
    assert layers[0] > layers[1], "the box lies under the pictures"
    line.get_by_role("button", name="Resolve").click()
    expect(line).to_contain_text("resolved by anna")
    line.get_by_role("button", name="Open again").click()
    expect(line).not_to_contain_text("resolved")
    stored = studio.query(
        "SELECT region FROM datasets_app_comment WHERE sample_id = ?", project.samples[0]
    )
    assert stored[0]["region"] == f"[{region}]"


def _drag(page: Page) -> None:
    box = page.locator(".pic").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6, steps=4)
    page.mouse.up()


def test_many_are_rejected_from_the_list_and_taken_back(
    studio: Studio, open_page: OpenPage
) -> None:
    project = studio.project(3)
    page = studio.sign_in(open_page(viewport={"width": 1440, "height": 900}), "anna")
    page.set_default_timeout(PATIENCE)
    page.goto(f"{studio.server.address}/p/{project.slug}/review/list/")
    page.locator("#all").check()
    expect(page.locator("#chosen-count")).to_have_text("3 samples")
    page.locator("#b-reason").select_option("halo")
    page.locator("#bulk").get_by_role("button", name="Reject").click()
    expect(page.locator(".toast")).to_contain_text("3 samples changed")
    assert [row["decision"] for row in verdicts(studio, project)] == ["reject"] * 3
    page.locator(".toast").get_by_role("button", name="Undo").click()
    wait_until(lambda: not verdicts(studio, project), 10, "the verdicts are taken back")
