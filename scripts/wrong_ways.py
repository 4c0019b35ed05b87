"""Does what the nineteen faults of the first generators did, one after the other, in a copy of the
program, and says whether the tests that are to keep each out really fail.

    python -m scripts.wrong_ways            (a minute or two; renders a little)
    python -m scripts.wrong_ways 4 6 10

Ends with 1 when a fault goes through, and when the code no longer has the line that is made wrong.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.datasets_app.domain.test_faults_of_the_generators import KEPT_OUT

ROOT: Final = Path(__file__).parents[1]
FAILED: Final = 1
"""What pytest answers when a test failed, and not anything else."""
PATIENCE_SECONDS: Final = 600.0
"""For one test, on a machine that does other things as well: what is made wrong may never end."""
_DOMAIN = "datasets_app/domain"
_FREEZING = "datasets_app/services/freezing"


@dataclass(frozen=True, slots=True)
class Wrong:
    """``right`` stands once in ``file`` and is replaced; then that test of the fault fails whose
    name begins with ``fails``."""

    file: str
    right: str
    wrong: str
    fails: str


WRONG: Final[dict[int, tuple[Wrong, ...]]] = {
    1: (
        Wrong(
            f"{_FREEZING}/bundles.py",
            "counts, shares=choice.shares, repeats=choice.repeats,",
            "counts, shares=choice.shares, repaets=choice.repeats,",
            "test_the_same_choice",
        ),
        Wrong(
            f"{_DOMAIN}/bundles/weights.py",
            "WATER_WEIGHT: Final = 2",
            "WATER_WEIGHT: Final = 1",
            "test_the_default_repeats",
        ),
    ),
    2: (
        Wrong(
            f"{_DOMAIN}/captions/texts.py",
            "        if name in found:\n",
            "        if False:\n",
            "test_planted_faults",
        ),
    ),
    3: (
        Wrong(
            f"{_DOMAIN}/bundles/preflight.py",
            "    if caption.strip():\n",
            "    if True:\n",
            "test_a_sample_without_caption",
        ),
    ),
    4: (
        Wrong(
            f"{_DOMAIN}/synthesis/sources/mask_track.py",
            "shares *= placement.area / (255 * cells)",
            "shares /= 255 * cells",
            "test_every_accepted_plan",
        ),
        Wrong(
            f"{_DOMAIN}/synthesis/sources/mask_track.py",
            "stationary=float(rows @ still @ columns) * placement.area / cells,",
            "stationary=float(shares.mean() > 0.1),",
            "test_every_accepted_plan",
        ),
    ),
    5: (
        Wrong(
            f"{_DOMAIN}/media/mask_reading.py",
            "DEFAULT_THRESHOLD: Final = 127",
            "DEFAULT_THRESHOLD: Final = 0",
            "test_a_lossy_mask",
        ),
    ),
    6: (
        Wrong(
            f"{_DOMAIN}/synthesis/pasting/paste_draw.py",
            "    limits = pool.limits\n",
            "    limits = pool.limits\n"
            '    object.__setattr__(background, "frames", max(1, window.length - 1))\n',
            "test_tries_that_fail",
        ),
    ),
    7: (
        Wrong(
            f"{_DOMAIN}/media/mask_stream.py",
            "    if survey.frames != frames:\n",
            "    if False:\n",
            "test_a_mask_of_other_length",
        ),
        Wrong(
            f"{_DOMAIN}/media/mask_stream.py",
            "    if survey.size != size:\n",
            "    if False:\n",
            "test_a_mask_of_other_size",
        ),
    ),
    8: (
        Wrong(
            f"{_DOMAIN}/recipes/object_paste.py",
            "fps_num=fps.numerator,",
            "fps_num=60,",
            "test_a_sample_is_the_background",
        ),
    ),
    9: (
        Wrong(
            f"{_DOMAIN}/synthesis/planner.py",
            "for tries in range(1, TRIES + 1):",
            "for tries in range(1, 2):",
            "test_tries_that_fell",
        ),
        Wrong(
            f"{_DOMAIN}/synthesis/planner.py",
            "for tries in range(1, TRIES + 1):",
            "for tries in range(1, 2):",
            "test_a_sample_without_a_plan",
        ),
    ),
    10: (
        Wrong(
            f"{_DOMAIN}/synthesis/compositing/compositor.py",
            "        self._soft_edge = soft_edge > 0\n",
            "        self._soft_edge = False\n",
            "test_a_soft_edge",
        ),
        Wrong(
            f"{_DOMAIN}/synthesis/pasting/paste_pool.py",
            "own = self._members[_group(clip)]",
            "own = [self._clips.index(clip)]",
            "test_an_object_never_goes",
        ),
    ),
    11: (
        Wrong(
            f"{_DOMAIN}/scenes/draw.py",
            "if all(_apart(place, rests, other) > reach + REACH * other.size for other in things):",
            "if True:",
            "test_no_object_starts",
        ),
    ),
    12: (
        Wrong(
            f"{_DOMAIN}/scenes/draw.py",
            "replace=False",
            "replace=True",
            "test_what_is_removed",
        ),
    ),
    13: (
        Wrong(
            "scene_renderer/stage.py",
            "        settle(resting, kinds)\n",
            "",
            "test_what_rests",
        ),
    ),
    14: (
        Wrong(
            f"{_DOMAIN}/scenes/draw.py",
            "rng.uniform(*rule.elevation)",
            "rng.uniform(-80, 80)",
            "test_the_sun",
        ),
    ),
    15: (
        Wrong(
            "scene_renderer/physics.py",
            "self._scene.render.fps_base = self._scene.render.fps / fps",
            "self._scene.render.fps, self._scene.render.fps_base = 16, 1.0",
            "test_speed_follows",
        ),
    ),
    16: (
        Wrong(
            "scene_renderer/stage.py",
            "                made.hide_render = True\n",
            "                made.visible_camera = False\n",
            "test_removed_is_the_render",
        ),
    ),
    17: (
        Wrong(
            "scene_renderer/materials.py",
            '    "coat": "Coat Weight",\n',
            "",
            "test_every_pattern",
        ),
    ),
    18: (
        Wrong(
            f"{_DOMAIN}/scenes/draw.py",
            "towards=(rounded(towards[0]), rounded(towards[1])),",
            "towards=(rounded(towards[0] - place[0]), rounded(towards[1] - place[1])),",
            "test_a_wall_stands",
        ),
        Wrong(
            f"{_DOMAIN}/scenes/look.py",
            "metallic=rounded(rng.uniform(0.3, 0.8)) if mirror else 0.0",
            "metallic=rounded(rng.uniform(2.4, 3.0)) if mirror else 0.0",
            "test_shaders_get",
        ),
    ),
    19: (
        Wrong(
            f"{_DOMAIN}/scenes/checks.py",
            'if figures["seen"] < SEEN_FRAMES:',
            "if False:",
            "test_a_removed_object_that_is_hardly_seen",
        ),
        Wrong(
            f"{_DOMAIN}/scenes/checks.py",
            'if figures["effect"] < LEAST_EFFECT:',
            "if False:",
            "test_an_object_without_any_effect",
        ),
    ),
}


def main(wanted: list[int]) -> int:
    """Try the faults with these numbers, all without any; return the exit code."""
    through = 0
    with TemporaryDirectory() as place:
        folder = Path(place) / "copy"
        copy_program(folder)
        for number in wanted or sorted(WRONG):
            named = {one.fails for one in WRONG[number]}
            for test in KEPT_OUT[number]:
                if not any(f"::{name}" in test for name in named):
                    through += _said(number, test, "nothing is made wrong for it")
            for one in WRONG[number]:
                through += _said(number, one.fails, tried(folder, number, one))
    return 1 if through else 0


def copy_program(folder: Path) -> None:
    """Copy every file that git does not ignore, and link the two environments beside them."""
    words = [shutil.which("git") or "git", "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for environment in (".venv", ".venv-render"):
        if (ROOT / environment).exists():
            (folder / environment).symlink_to(ROOT / environment)


def tried(folder: Path, number: int, one: Wrong) -> str:
    """Return why the fault goes through, or "" when its test fails."""
    (test,) = (name for name in KEPT_OUT[number] if f"::{one.fails}" in name)
    path = folder / one.file
    right = path.read_text()
    if right.count(one.right) != 1:
        return f"{one.file} has not the line {one.right.strip()!r} once"
    path.write_text(right.replace(one.right, one.wrong))
    words = [sys.executable, "-m", "pytest", f"tests/datasets_app/{test}", "-q", "-x"]
    try:
        code, said = answered([*words, "-p", "no:cacheprovider"], folder, PATIENCE_SECONDS)
    finally:
        path.write_text(right)
    if code is None:
        return f"pytest was not through in {PATIENCE_SECONDS:.0f} s"
    if code == FAILED and b" failed" in said:
        return ""
    return f"pytest answered {code}: {''.join(said.decode(errors='replace').splitlines()[-1:])}"


def answered(words: list[str], folder: Path, seconds: float) -> tuple[int | None, bytes]:
    """Run a command in ``folder``; return its exit code and what it wrote, or None where it was
    ended after ``seconds``, with everything that it had started."""
    with subprocess.Popen(
        words,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None, b""
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, said.strip()


def _said(number: int, name: str, why: str) -> int:
    print(f"{number:2}  {name:48} {why or 'fails, as it has to'}", flush=True)
    return bool(why)


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]]))
