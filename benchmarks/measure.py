"""CPU time and peak memory of this process."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU-seconds per unit of work. ``first`` is the run on a fresh process, the rest are the runs
    after it: the median one in user and system time, and the extremes."""

    user: float
    system: float
    least: float
    most: float
    first: float

    @property
    def cpu(self) -> float:
        """User and system time of the median run."""
        return self.user + self.system

    def as_json(self) -> dict[str, float]:
        """Return plain numbers."""
        return asdict(self)


def cpu_per_unit(work: Callable[[], int], repeats: int) -> Cost:
    """Run ``work``, which returns how many units it did, once and then ``repeats`` times.

    CPU time instead of wall time, because the machine may have other things to do.
    """
    first = sum(_cpu_of(work))
    later = sorted((_cpu_of(work) for _ in range(repeats)), key=sum)
    user, system = later[repeats // 2]
    return Cost(user, system, least=sum(later[0]), most=sum(later[-1]), first=first)


def _cpu_of(work: Callable[[], int]) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_SELF)
    units = work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return (
        (after.ru_utime - before.ru_utime) / units,
        (after.ru_stime - before.ru_stime) / units,
    )


def peak_megabytes() -> float:
    """Return the largest resident size that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
