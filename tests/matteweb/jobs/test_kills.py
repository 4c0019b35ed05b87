"""Whatever is killed, and whenever: it comes back, nobody is orphaned, the work is done once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from pathlib import Path
from random import Random
from time import sleep

import pytest

from matteweb.jobs.claims import claim_owner
from tests.matteweb.jobs.installed import create_job, row, states
from tests.processes import Installation, Part, Up, up, wait_until
from tests.scale import scale

pytestmark = pytest.mark.processes

JOBS = 3
FILES = scale(30, 200)
KILLS = scale(5, 30)
SEED = 20


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


def test_idle_workers_that_are_killed_do_not_take_the_queue_with_them(
    installation: Installation,
) -> None:
    """An idle worker waits with the lock of the queue in its hand."""
    random = Random(SEED)
    with up(installation) as running:
        for _ in range(scale(2, 10)):
            wait_until(running.complete, 30, "all processes are there")
            running.kill(Part.CHILD, random)
            create_job(installation, "count", n=3)
            wait_until(lambda: set(states(installation)) == {"done"}, 20, "the job is done")


def test_a_process_that_slept_through_its_own_death_writes_nothing_when_it_wakes(
    tmp_path: Path,
) -> None:
    installation = Installation.migrated(tmp_path / "data", "tests.settings_impatient")
    folder = tmp_path / "job"
    folder.mkdir()
    with up(installation):
        job = create_job(installation, "write_files", folder=str(folder), n=FILES, pause=0.02)
        wait_until(lambda: files_written([folder]) > 2, 20, "the job runs")
        sleeper = claim_owner(row(installation, job)["claim"]).pid
        os.kill(sleeper, signal.SIGSTOP)
        before = files_written([folder])
        wait_until(lambda: files_written([folder]) > before, 20, "another worker goes on")
        os.kill(sleeper, signal.SIGCONT)
        wait_until(lambda: row(installation, job)["state"] == "done", 60, "the job is done")
    assert row(installation, job)["attempt"] == 2
    assert_exactly_once(folder)


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
    before, everything = files_written(folders), FILES * len(folders)
    assert before < everything, "the work ended before the kills did"
    killed = running.kill(part, random)
    wait_until(
        lambda: not killed & {process.pid for process in running.installation.processes()},
        5,
        f"{part.value} is gone",
    )
    wait_until(running.complete, 30, f"all processes are there again after {part.value}")
    wait_until(
        lambda: files_written(folders) > before,
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
