"""Runs of models through the page: each plays while it is made, survives a reload, ends whole."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from inference_app.domain.live_pieces import FIRST
from tests import clips
from tests.e2e.studio import Studio
from tests.scale import SOAK, scale

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OpenPage = Callable[..., Page]
PATIENCE = scale(60_000, 240_000)
EMBEDDED = ("wavelet_refiner", "flow_unet", "guided_filter", "closed_form", "layered_depth")
RUN = scale(("wavelet_refiner", "layered_depth"), EMBEDDED)

_SCENE = """
import json
from pathlib import Path
from datasets_app.domain.media.frames import FrameSize
from matteweb.accounts.models import Membership, User
from tests import clips, factories, footage
factories._numbers = iter(range(7 * 10**6, 8 * 10**6))
project = factories.project("runs")
Membership.objects.create(project=project, user=User.objects.get(username="lena"), role="owner")
folder, size = Path("{folder}"), FrameSize(96, 64)
filmed = clips.clip("davis_camel"), clips.mask("davis_camel")
painted = footage.clip_file(folder, frames=40, size=size), footage.mask_file(
    folder, footage.squares(40, size)
)
clip, mask = filmed if {filmed} else painted
video = footage.add(project, clip)
print(json.dumps([footage.attach(video, mask).pk, video.frames]))
"""
_WORKER = """
import time
from pathlib import Path
from inference_app.adapters.run_folders import live_streams
from inference_app.models import ModelRun
from inference_app.services.runs import model_runs
from matteweb.jobs.waiting import wait_for_target
write, done = model_runs._write_piece, 0
def write_when_told(run, *rest):
    # The first piece at once, the others when the page has shown it.
    alpha = live_streams(run)[0]
    while alpha.frames_done() and not (Path("{told}") / alpha.folder.name).exists():
        time.sleep(0.05)
    return write(run, *rest)
model_runs._write_piece = write_when_told
while done < {runs}:
    for run in ModelRun.objects.filter(state="running", video__project__slug="runs"):
        wait_for_target("model_run", run.pk)
        run.refresh_from_db()
        wait_for_target("ingest_mask", run.result_id)
        done += 1
    time.sleep(0.1)
"""


@pytest.fixture(scope="module")
def mask(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, int]:
    """Bring in a clip with a mask; return the number of the mask and the frames of the clip."""
    code = _SCENE.format(
        folder=tmp_path_factory.mktemp("runs"), filmed=SOAK and clips.ROOT.is_dir()
    )
    pk, frames = json.loads(studio.python(code).splitlines()[-1])
    return pk, frames


@pytest.fixture(scope="module")
def told(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Run jobs beside the web server; a run goes on when a file of its name is there."""
    folder, installation = tmp_path_factory.mktemp("told"), studio.server.installation
    code = _WORKER.format(told=folder, runs=len(RUN))
    command = installation.command("shell", "--verbosity", "0", "-c", code)
    worker = subprocess.Popen(command, env=installation.environment())
    yield folder
    worker.terminate()
    worker.wait(30)


@pytest.mark.parametrize("slug", RUN)
def test_a_run_plays_while_it_is_made_and_is_whole_at_the_end(
    slug: str, studio: Studio, mask: tuple[int, int], told: Path, open_page: OpenPage
) -> None:
    number, frames = mask
    page = open_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    studio.sign_in(page, "lena")
    page.goto(f"{studio.server.address}/p/runs/models/")
    page.get_by_label("Model", exact=True).select_option(slug)
    page.locator(f"input[name=mask][value='{number}']").check()
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/models/runs/*/")

    # The finished part plays, also after a reload, while the rest waits.
    _plays(page)
    page.reload()
    _plays(page)
    standing = page.locator("#standing")
    expect(standing).to_have_attribute("data-done", str(FIRST))
    expect(standing).to_have_attribute("data-state", "running")

    # The rest comes; the viewer takes it in by itself, and stays as somebody set it.
    page.keyboard.press("w")
    (told / f"model-run-{page.url.rstrip('/').rpartition('/')[2]}").touch()
    expect(standing).to_have_attribute("data-state", "ready", timeout=PATIENCE)
    found = page.get_by_role("link", name=re.compile("^(Alpha|Depth), lossless$"))
    expect(found).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(
        "(frames) => document.querySelector('mw-player')?.layers?.frames === frames", arg=frames
    )
    page.keyboard.press("End")
    page.wait_for_function(
        "(last) => document.querySelector('mw-player').frame === last", arg=frames - 1
    )
    assert page.evaluate("document.querySelector('mw-player').view") == "wipe"


def _plays(page: Page) -> None:
    """Wait for the finished part and play it for some frames."""
    page.wait_for_function(
        "(frames) => document.querySelector('mw-player')?.layers?.frames === frames", arg=FIRST
    )
    page.evaluate("document.querySelector('mw-player').ready")
    page.keyboard.press(" ")
    page.wait_for_function("() => document.querySelector('mw-player').frame >= 5")
    page.keyboard.press(" ")
