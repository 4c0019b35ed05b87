"""How many planted faults the metrics find, and how often they cry over a clean sample.

``python -m benchmarks.planted_faults 11 60`` tries the seeds 11 to 60, painted and, if there are
clips, real: thresholds are fixed on 1 to 10. Seeds that nobody looked at say most.
Prints a table and every miss as Markdown; on stderr each sample as soon as it is done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import cv2

from datasets_app.domain.recipes.base import Layers
from tests import clips
from tests.fault_samples import painted_sample, real_sample
from tests.fault_scores import KINDS, SampleTrials, Trial, try_sample

Maker = Callable[..., list[Layers]]


def main() -> None:
    """Try the seeds and print what came of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("first", type=int)
    options.add_argument("last", type=int)
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--of", choices=["painted", "real"], action="append")
    given = options.parse_args()
    makers: dict[str, Maker] = {"painted": painted_sample}
    if clips.ROOT.is_dir():
        makers["real"] = real_sample
    seeds = range(given.first, given.last + 1)
    for name, make in makers.items():
        if given.of is None or name in given.of:
            with ProcessPoolExecutor(given.processes, initializer=_one_thread) as pool:
                tried = []
                for one in pool.map(partial(try_sample, make), seeds):
                    print(one, file=sys.stderr, flush=True)
                    tried.append(one)
            _print(name, tried)


def _one_thread() -> None:
    cv2.setNumThreads(1)


def _print(name: str, tried: list[SampleTrials]) -> None:
    alarmed = [one for one in tried if one.alarms]
    print(f"\n### {name}: {len(tried)} samples\n")
    print("| fault | planted | found on its frames +-1 | frames elsewhere |\n|---|---|---|---|")
    for kind in KINDS:
        for whole in (False, True):
            of_kind = [
                trial
                for one in tried
                for trial in one.trials
                if (trial.kind, trial.whole) == (kind, whole)
            ]
            if of_kind:
                _print_row(f"{kind}{', all through' if whole else ''}", of_kind)
    _print_row("all", [trial for one in tried for trial in one.trials])
    share = len(alarmed) / len(tried)
    print(f"\nClean samples with a finding: {len(alarmed)} of {len(tried)} ({share:.0%})")
    for one in alarmed:
        print(f"- seed {one.seed}: {', '.join(one.alarms)}")
    print("\nMissed:")
    for one in tried:
        for trial in one.trials:
            if not trial.found:
                _print_miss(one, trial)


def _print_row(label: str, trials: list[Trial]) -> None:
    found = sum(trial.found for trial in trials)
    elsewhere = sum(bool(trial.elsewhere) for trial in trials)
    print(f"| {label} | {len(trials)} | {found} ({found / len(trials):.0%}) | {elsewhere} |")


def _print_miss(one: SampleTrials, trial: Trial) -> None:
    form = "imported" if one.imported else "rendered"
    frames = f"{trial.frames[0]}-{trial.frames[-1]}"
    layers = ", ".join(trial.layers)
    print(f"- seed {one.seed} ({form}): {trial.kind} {trial.amount:.2f} in {layers}, {frames}")


if __name__ == "__main__":
    main()
