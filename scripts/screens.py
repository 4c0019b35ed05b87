"""Pictures of every page and state for the docs: ``python -m scripts.screens [PAGE...]``.

Starts a MatteWeb of its own in a temporary folder, does there what its users do, and leaves
``docs/screens/<page>_<state>_<theme>_<width>.png``, each with 256 colours.
"""

from __future__ import annotations

import io
import secrets
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from datasets_app.domain.recipes import RECIPES
from tests.chromium import ARGUMENTS, executable
from tests.processes import Installation, up, wait_until
from tests.scene_files import glb, hdr
from tests.subjects import figure, rgba_png

OUT = Path(__file__).parents[1] / "docs" / "screens"
THEMES = ("light", "dark")
WIDTHS = (1440, 900)
HEIGHT = 900
LOGIN_WORD = secrets.token_urlsafe(16)
SETTLE_MS = 1500

# Whether every viewer of the page shows a frame; the one of Review is told later which.
SHOWN = """() => [...document.querySelectorAll("mw-player")].every(({frame}) => frame >= 0)"""

# Every page that a project has from its first day on, by the name of its pictures.
PAGES = {
    "library": "library/",
    "archived": "library/archived",
    "assets": "assets/",
    "imports": "imports/",
    "image_sets": "image-sets/",
    "captions": "captions/",
    "automatic_masks": "masks/automatic/",
    "mask_evaluations": "masks/evaluations/",
    "fusion_networks": "masks/fusion/",
    "synthesize": "synthesize/",
    "models": "models/",
    "trainings": "models/trainings/",
    "evaluations": "models/evaluations/",
    "hard_examples": "models/hard-examples/",
    "review": "review/",
    "review_list": "review/list/",
    "review_figures": "review/statistics/",
    "review_rules": "review/rules/",
    "bundles": "bundles/",
    "jobs": "jobs/",
    "settings": "settings/",
    "project_tokens": "settings/tokens/",
    "audit": "settings/audit/",
}
# What the demo's four clips are enough for, where the defaults ask for more people.
ENOUGH = {"him_image": "&counts=2:1+3:1", "him_video": "&counts=2:1+3:1"}
FORMS = {
    f"synthesize_{recipe.info.slug}": (
        f"synthesize/?recipe={recipe.info.slug}{ENOUGH.get(recipe.info.slug, '')}"
    )
    for recipe in RECIPES
}
PEOPLE = """
from matteweb.accounts.models import Membership, Project, User
user = User.objects.create_user("eva", password={password!r})
for project in Project.objects.all():
    Membership.objects.create(user=user, project=project, role="owner")
"""
# What nobody can begin by command: masks by hand, a model on a video, a training of fusion.
BEGUN = """
from datasets_app.models import Video
from inference_app.services.masks.fusion_trainings import fusion_training_create
from inference_app.services.masks.mask_sessions import session_start
from inference_app.services.runs.model_runs import run_create
from matteweb.accounts.actor import Actor
from matteweb.accounts.models import AuditEntry, User
actor = Actor(User.objects.get(username="eva"), AuditEntry.Channel.COMMAND)
video = Video.objects.order_by("pk").first()
session_start(video=video, actor=actor)
mask = video.masks.order_by("pk").first()
run_create(video=video, mask=mask, predictor_slug="guided_filter", actor=actor)
fusion_training_create(
    project=video.project, name="painted", values={"stage": 0, "steps": 20}, init=None, painted=2,
    actor=actor,
)
"""


def main() -> None:
    """Make all pictures, the empty states first; with names, those of these pages only."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        installation = Installation(Path(folder) / "data")
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        with up(installation) as running:
            _wait_for_demo(installation)
            _people(installation)
            wanted = set(sys.argv[1:])
            shots = _Shots(browser, running.facts["address"], wanted)
            for page, path in FORMS.items():
                shots.take(page, "", f"/p/demo/{path}")
            if not wanted or wanted - set(FORMS):
                _without_anything(shots)
                _while_it_works(installation, shots)
                _with_everything(installation, shots)
                _when_it_fails(installation, shots)
        browser.close()


def _without_anything(shots: _Shots) -> None:
    shots.take("login", "", "/login/", signed_in=False)
    shots.take("projects", "full", "/projects/")
    shots.take("tokens", "empty", "/me/tokens/")
    for page, path in PAGES.items():
        shots.take(page, "empty", f"/p/empty/{path}")


def _while_it_works(installation: Installation, shots: _Shots) -> None:
    run = ["synthesize", "--project", "demo", "--recipe", "object_paste", "--seed", "7"]
    _do(installation, *run, "--count", "12")
    shots.take("run", "busy", "/p/demo/runs/1/")
    shots.take("jobs", "busy", "/p/demo/jobs/")
    wait_until(lambda: _ready(installation) == 12, 300, "all samples are there")
    shots.take("run", "full", "/p/demo/runs/1/")
    wait_until(lambda: _measured(installation) == 12, 600, "all samples are measured")
    shots.take("review", "full", "/p/demo/review/")
    shots.take("sample", "full", "/p/demo/samples/1/")


def _with_everything(installation: Installation, shots: _Shots) -> None:
    _do(installation, "review", "--project", "demo", "--accept", "all")
    shots.take("review", "done", "/p/demo/review/")
    installation.python(BEGUN)
    shots.take("annotate", "full", "/p/demo/videos/1/annotate/")
    shots.take("mask_tracks", "full", "/p/demo/videos/1/masks/tracks/")
    _with_assets(installation, shots)
    _do(installation, "freeze_bundle", "--project", "demo", "--name", "first")
    shots.take("bundle", "frozen", "/p/demo/bundles/first/")
    _with_guidance(installation, shots)
    tree = str(installation.data / "tree")
    _do(installation, "export_bundle", "--project", "demo", "--folder", tree, "first")
    _do(installation, "import_folder", "--project", "demo", tree)
    report = _newest(installation, "jobs_job WHERE kind = 'folder_import'")
    shots.take("import", "full", f"/p/demo/imports/{report}/")
    shots.take("video", "full", "/p/demo/videos/1/")
    wait_until(lambda: _count(installation, "inference_app_modelrun"), 300, "the model has run")
    shots.take("model_run", "full", "/p/demo/models/runs/1/")
    wait_until(lambda: _trained(installation), 300, "the fusion network is trained")
    _do(installation, "find_hard_examples", "--project", "demo")
    for page, path in PAGES.items():
        if page not in {"review", "jobs"}:
            shots.take(page, "full", f"/p/demo/{path}")


def _with_assets(installation: Installation, shots: _Shots) -> None:
    """A subject, a 3D model and a picture of light, and a scene that is rendered with them."""
    subject = rgba_png(installation.data / "figure.png", figure())
    model, light = installation.data / "cube.glb", installation.data / "meadow.hdr"
    model.write_bytes(glb())
    light.write_bytes(hdr())
    for file in (model, light, subject):
        _do(installation, "add_asset", "--project", "demo", "--licence", "CC0-1.0", str(file))
    asset = _newest(installation, "datasets_app_asset")
    shots.take("asset", "full", f"/p/demo/assets/{asset}/")
    scene = ["--recipe", "effect_removal", "--count", "1", "--seed", "3", "--wait"]
    for value in ("side=256", "frames=17", "mirror=1", "low_light=0", "models=1", "lights=0"):
        scene += ["--set", value]
    _do(installation, "synthesize", "--project", "demo", *scene)
    sample = _newest(installation, "datasets_app_sample")
    shots.take("scene", "full", f"/p/demo/samples/{sample}/")
    _do(installation, "review", "--project", "demo", "--accept", "all")


def _with_guidance(installation: Installation, shots: _Shots) -> None:
    """Two people in a picture, masks of the recipe and of a segmenter beside each other."""
    people = ["--set", "counts=2:1", "--set", "guidance=rough holed", "--count", "1", "--seed", "4"]
    _do(installation, "synthesize", "--project", "demo", "--recipe", "him_image", *people, "--wait")
    sample = _newest(installation, "datasets_app_sample")
    segmented = ["--segmenter", "boxed", "--sample", str(sample), "--wait"]
    _do(installation, "make_guidance", "--project", "demo", *segmented)
    shots.take("guidance", "full", f"/p/demo/samples/{sample}/guidance/")
    run = _newest(installation, "datasets_app_synthesisrun")
    shots.take("run_guidance", "full", f"/p/demo/runs/{run}/guidance/")


def _when_it_fails(installation: Installation, shots: _Shots) -> None:
    broken = Path(installation.data) / "notes.mp4"
    broken.write_text("This is a text that somebody called a video.")
    installation.run("add_video", "--project", "demo", str(broken))
    shots.take("library", "failed", "/p/demo/library/")
    shots.take("jobs", "failed", "/p/demo/jobs/")
    shots.take("missing", "", "/p/demo/videos/999/")


class _Shots:
    """One signed-in browser page per theme and width."""

    def __init__(self, browser: Browser, address: str, wanted: set[str]) -> None:
        self._address = address
        self._wanted = wanted
        self._pages = {
            (theme, width): browser.new_context(
                viewport={"width": width, "height": HEIGHT},
                color_scheme="dark" if theme == "dark" else "light",
            ).new_page()
            for theme in THEMES
            for width in WIDTHS
        }
        self._inside = False

    def take(self, page: str, state: str, path: str, *, signed_in: bool = True) -> None:
        """Open ``path`` at every theme and width and keep what is seen."""
        if self._wanted and page not in self._wanted:
            return
        if signed_in and not self._inside:
            for view in self._pages.values():
                _log_in(view, self._address)
            self._inside = True
        for (theme, width), view in self._pages.items():
            answer = view.goto(f"{self._address}{path}")
            if answer is None or (answer.status != 200 and page != "missing"):
                sys.exit(f"{path} does not answer as it should")
            view.wait_for_function(SHOWN, timeout=60_000)
            view.wait_for_timeout(SETTLE_MS)
            name = "_".join(part for part in (page, state, theme, str(width)) if part)
            _save(view.screenshot(), OUT / f"{name}.png")
        print(f"{page} {state}")


def _save(png: bytes, path: Path) -> None:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def _log_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login/")
    page.locator("input[name=username]").fill("eva")
    page.locator("input[name=password]").fill(LOGIN_WORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/projects/")


def _people(installation: Installation) -> None:
    """Make an empty project beside the demo and a person who works in both."""
    code = "from matteweb.accounts.models import Project\n"
    code += 'Project.objects.create(slug="empty", name="Empty")\n'
    installation.python(code + PEOPLE.format(password=LOGIN_WORD))


def _do(installation: Installation, *arguments: str) -> None:
    done = installation.run(*arguments, timeout=600)
    if done.returncode:
        sys.exit(done.stderr)


def _wait_for_demo(installation: Installation) -> None:
    wait_until(lambda: _count(installation, "datasets_app_mask") >= 2, 240, "the demo is painted")


def _newest(installation: Installation, rows: str) -> int:
    found: int = installation.query(f"SELECT max(id) AS id FROM {rows}")[0]["id"]  # noqa: S608
    return found


def _ready(installation: Installation) -> int:
    return _count(installation, "datasets_app_sample")


def _measured(installation: Installation) -> int:
    sql = "SELECT count(sample_id) AS n FROM datasets_app_qualityreport"
    found: int = installation.query(sql)[0]["n"]
    return found


def _trained(installation: Installation) -> int:
    sql = "SELECT count(weights_id) AS n FROM inference_app_fusiontraining"
    found: int = installation.query(sql)[0]["n"]
    return found


def _count(installation: Installation, table: str) -> int:
    sql = f"SELECT count(*) AS n FROM {table} WHERE state = 'ready'"  # noqa: S608
    found: int = installation.query(sql)[0]["n"]
    return found


if __name__ == "__main__":
    main()
