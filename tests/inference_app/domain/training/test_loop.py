"""A training that is stopped or killed goes on as if nothing had happened."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from datasets_app.domain.progress import Progress, ignore_progress, never_stop
from inference_app.domain.device import Device
from inference_app.domain.networks.tensor_file import read_tensors
from inference_app.domain.training.batches import Painted, batches, make_batch
from inference_app.domain.training.held_out import HeldOut
from inference_app.domain.training.loop import BEST, STATE, Outcome, train
from inference_app.domain.training.plan import Stage, TrainingPlan
from matteweb.errors import BadInput, Cancelled, OutOfMemory
from tests.inference_app.short_memory import short_in_step
from tests.scale import scale

ROOT = Path(__file__).parents[4]
TINY = Stage(batch=2, frames=2, side=32)
PLAN = TrainingPlan(
    steps=12,
    warmup=2,
    rate=3e-3,
    main=TINY,
    last=TINY,
    sprites=3,
    textures=3,
    validate_every=4,
    save_every=2,
)
HELD = HeldOut("tiny", 501, 502, 3, 3, 2, 2, 32, 32)
SOURCE = Painted(3, 3)


def run(
    folder: Path,
    plan: TrainingPlan = PLAN,
    stop_after: int | None = None,
    progress: Progress = ignore_progress,
) -> Outcome:
    seen: list[int] = []

    def should_stop() -> bool:
        seen.append(1)
        return stop_after is not None and len(seen) > stop_after

    return train(
        plan,
        SOURCE,
        folder,
        device=Device(),
        processes=0,
        progress=progress,
        should_stop=should_stop if stop_after is not None else never_stop,
        report=lambda entry: None,
        held=HELD,
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    run(folder)
    return folder


def test_a_stopped_training_goes_on_to_the_same_weights(tmp_path: Path, undisturbed: Path) -> None:
    with pytest.raises(Cancelled):
        run(tmp_path, stop_after=5)
    outcome = run(tmp_path)
    assert outcome.step == 12
    assert_same(tmp_path, undisturbed)


CHILD = """
import sys
import time
from pathlib import Path
from tests.inference_app.domain.training.test_loop import PLAN, run
def told(done, total):
    print(done, flush=True)
    if done == total - 1:
        time.sleep(600)  # whoever kills it is slow; it must not end by itself
run(Path(sys.argv[1]), PLAN.model_copy(update={"steps": int(sys.argv[2])}), progress=told)
"""


def test_a_killed_training_goes_on_to_the_same_weights(tmp_path: Path, undisturbed: Path) -> None:
    rng, killed = random.Random(time.time_ns()), tmp_path / "killed"
    plan = PLAN.model_copy(update={"steps": scale(12, 60)})
    if plan != PLAN:
        undisturbed = tmp_path / "undisturbed"
        run(undisturbed, plan)
    for _ in range(scale(1, 5)):
        command = [sys.executable, "-c", CHILD, str(killed), str(plan.steps)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in range(rng.randint(1, 5)):
                child.stdout.readline()
            time.sleep(rng.uniform(0, 0.05))
            child.send_signal(signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
    run(killed, plan)
    assert_same(killed, undisturbed)


def test_weights_that_changed_in_a_step_that_did_not_end_are_not_kept(
    tmp_path: Path, undisturbed: Path
) -> None:
    with short_in_step(4), pytest.raises(OutOfMemory, match="at step 3"):
        run(tmp_path)
    assert read_tensors(tmp_path / STATE)[1]["step"] == "2"
    run(tmp_path)
    assert_same(tmp_path, undisturbed)


def assert_same(folder: Path, other: Path) -> None:
    for name in (STATE, BEST):
        (mine, facts), (theirs, other_facts) = (read_tensors(f / name) for f in (folder, other))
        assert facts == other_facts
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[key], theirs[key]) for key in mine)


def test_a_plan_may_grow_before_its_rate_falls_and_not_after(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        run(tmp_path, stop_after=6)
    longer = PLAN.model_copy(update={"steps": 14})
    with pytest.raises(Cancelled):
        run(tmp_path, longer, stop_after=5)
    with pytest.raises(BadInput, match="another plan"):
        run(tmp_path, PLAN)
    with pytest.raises(BadInput, match="another plan"):
        run(tmp_path, longer.model_copy(update={"seed": 2}))


def test_learning_makes_the_loss_smaller(undisturbed: Path) -> None:
    _, facts = read_tensors(undisturbed / STATE)
    assert facts["step"] == "12"
    curve = json.loads(facts["curve"])
    assert curve[-1]["band"] < curve[0]["band"]
    assert curve[-1]["loss"] < curve[0]["loss"]


def test_a_training_without_progress_ends_early(tmp_path: Path) -> None:
    still = PLAN.model_copy(update={"steps": 40, "rate": 1e-12, "patience": 2})
    assert run(tmp_path, still).step < 40


def test_other_processes_make_the_same_batches_in_order() -> None:
    plan = PLAN.model_copy(update={"steps": 3})
    made = list(batches(SOURCE, plan, 1, processes=1))
    assert [step for step, _ in made] == [1, 2]
    for step, batch in made:
        assert batch.rgb.tobytes() == make_batch(SOURCE, plan, step).rgb.tobytes()


def test_a_file_that_is_no_safetensors_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / STATE).write_bytes(b"\x80\x04pickle")
    with pytest.raises(BadInput, match=STATE):
        run(tmp_path)
