"""Whatever is killed, and whenever: it comes back, nobody is orphaned, the work is done once."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import pytest

from tests.processes import Installation, Part, Up, up, wait_until
from tests.scale import scale

pytestmark = pytest.mark.processes

JOBS = 3
FILES = scale(30, 200)
KILLS = scale(5, 30)
SEED = 20


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "data", "tests.settings_kills")


def test_killed_at_random_moments_all_work_is_done_exactly_once(
    installation: Installation, tmp_path: Path
) -> None:
    random = Random(SEED)
    parts = random.sample(list(Part), k=len(Part)) * (KILLS // len(Part))
    with up(installation) as running:
        folders = [tmp_path / f"job{number}" for number in range(JOBS)]
        for folder in folders:
            folder.mkdir()
            create_job(installation, "write_files", folder=str(folder), n=FILES, pause=0.02)
        for part in parts:
            sleep(random.uniform(0.1, 2.0))
            kill_and_see_it_return(running, part, random, folders)
        wait_until(lambda: states(installation) == ["done"] * JOBS, 60, "all jobs are done")
    for folder in folders:
        assert_exactly_once(folder)
    assert installation.query("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def test_a_job_that_kills_its_worker_fails_and_the_others_do_not(
    installation: Installation,
) -> None:
    with up(installation):
        poison = create_job(installation, "poison")
        other = create_job(installation, "count", n=40, pause=0.1)
        wait_until(lambda: row(installation, poison)["state"] == "failed", 60, "poison failed")
        wait_until(lambda: row(installation, other)["state"] == "done", 60, "the other is done")
    job = row(installation, poison)
    assert (job["attempt"], job["crashes"]) == (5, 5)
    assert job["error"] == (
        "The process that ran this job died 5 times in a row without getting further than "
        "1 frames of “swallow”."
    )
    assert "MATTEWEB_WORKERS" in job["hint"]
    assert row(installation, other)["crashes"] == 0


def test_a_clean_stop_keeps_the_job_and_a_killed_supervisor_leaves_no_orphan(
    installation: Installation,
) -> None:
    with up(installation) as running:
        job = create_job(installation, "count", n=100_000, pause=0.01)
        wait_until(lambda: row(installation, job)["done"] > 10, 20, "the job runs")
        second = installation.run("up", "--port", "0")
        assert second.returncode == 5
        assert f"already runs for {installation.data} (process {running.process.pid})" in (
            second.stderr
        )
    assert (row(installation, job)["state"], row(installation, job)["crashes"]) == ("queued", 0)
    assert installation.query("SELECT * FROM jobs_workerpool") == []
    with up(installation) as running:
        assert "password" not in running.facts
        wait_until(lambda: row(installation, job)["state"] == "running", 20, "the job goes on")
        running.process.kill()
        wait_until(lambda: not installation.processes(), 2, "no process outlives the supervisor")


def test_workers_run_without_a_web_server(installation: Installation) -> None:
    job = create_job(installation, "count", n=3)
    pool = subprocess.Popen(installation.command("work"), env=installation.environment())
    try:
        wait_until(lambda: row(installation, job)["state"] == "done", 30, "the job is done")
    finally:
        pool.terminate()
        assert pool.wait(20) == 0
    wait_until(lambda: not installation.processes(), 5, "no process is left")


def kill_and_see_it_return(running: Up, part: Part, random: Random, folders: list[Path]) -> None:
    """Kill a part; within 30 s all processes are there again and files are being written."""
    before = files_written(folders)
    killed = running.kill(part, random)
    wait_until(
        lambda: not killed & {process.pid for process in running.installation.processes()},
        5,
        f"{part.value} is gone",
    )
    wait_until(running.complete, 30, f"all processes are there again after {part.value}")
    everything = FILES * len(folders)
    wait_until(
        lambda: files_written(folders) > before or before == everything,
        30,
        f"the work goes on after the death of {part.value}",
    )


def assert_exactly_once(folder: Path) -> None:
    """Every file has the content of an undisturbed run, and none was made twice."""
    expected = {
        f"{number:03d}.txt": "".join(f"{number} {line}\n" for line in range(10))
        for number in range(FILES)
    }
    assert {path.name: path.read_text() for path in folder.glob("*.txt")} == expected
    lines = (folder / "journal").read_text().splitlines()
    times = Counter(json.loads(line)["file"] for line in lines)
    assert max(times.values()) == 1


def files_written(folders: list[Path]) -> int:
    """Return how many files are there under their final names."""
    return sum(len(list(folder.glob("*.txt"))) for folder in folders)


def create_job(installation: Installation, kind: str, **params: Any) -> int:
    """Queue a job as the program does and return its number."""
    return int(
        installation.python(
            "from tests import factories\n"
            "from matteweb.accounts.models import Project\n"
            "from matteweb.database import database_ensure\n"
            "from matteweb.jobs.services import job_create\n"
            "database_ensure()\n"
            "project, _ = Project.objects.get_or_create(slug='kills')\n"
            f"job = job_create(project=project, kind={kind!r}, title={kind!r},\n"
            f"    params={params!r}, actor=factories.actor())\n"
            "print(job.pk)"
        )
    )


def row(installation: Installation, job: int) -> dict[str, Any]:
    """Return a job as it is stored."""
    (found,) = installation.query("SELECT * FROM jobs_job WHERE id = ?", job)
    return found


def states(installation: Installation) -> list[str]:
    """Return the states of all jobs."""
    return [job["state"] for job in installation.query("SELECT state FROM jobs_job")]
