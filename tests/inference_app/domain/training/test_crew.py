"""Two processes on one training, started by torchrun, make the training of one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from inference_app.domain.networks.tensor_file import read_tensors
from inference_app.domain.training.batches import make_batch
from inference_app.domain.training.crew import require_clips_for_all
from inference_app.domain.training.loop import STATE
from matteweb.errors import BadInput
from tests.inference_app.domain.training.test_loop import PLAN, ROOT, SOURCE, run
from tests.processes import free_port

SHORT = PLAN.model_copy(update={"steps": 4, "network": "flow_unet"})

CHILD = """
import sys
from pathlib import Path
from tests.inference_app.domain.training.test_crew import SHORT, run
run(Path(sys.argv[1]), SHORT)
"""


def torchrun(folder: Path) -> subprocess.CompletedProcess[str]:
    script = folder / "child.py"
    script.write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{CHILD}")
    # By number: a bare machine does not know its own name.
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--master-addr", "127.0.0.1", "--master-port", str(free_port())]
    command += [str(script), str(folder)]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"GLOO_SOCKET_IFNAME": "lo"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_two_processes_learn_what_one_learns(tmp_path: Path) -> None:
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    shared.mkdir()
    run(alone, SHORT)
    ended = torchrun(shared)
    assert ended.returncode == 0, ended.stderr[-2000:]
    (one, facts), (two, other) = (read_tensors(folder / STATE) for folder in (alone, shared))
    assert facts["step"] == other["step"] == "4"
    assert one.keys() == two.keys()
    for key in one:
        assert torch.allclose(one[key].float(), two[key].float(), atol=2e-4), key


def test_more_processes_than_clips_are_refused() -> None:
    require_clips_for_all(PLAN, PLAN.main.batch)
    with pytest.raises(BadInput, match="3 processes cannot share a batch of 2 clips"):
        require_clips_for_all(PLAN, 3)


def test_the_parts_of_a_batch_are_the_batch() -> None:
    whole = make_batch(SOURCE, PLAN, 3)
    parts = [make_batch(SOURCE, PLAN, 3, (number, 2)) for number in range(2)]
    for number, part in enumerate(parts):
        assert part.rgb.tobytes() == whole.rgb[number::2].tobytes()
        assert part.first_only.tolist() == whole.first_only[number::2].tolist()


def test_without_torchrun_one_process_leads(tmp_path: Path) -> None:
    assert run(tmp_path, SHORT.model_copy(update={"steps": 1})).leads
