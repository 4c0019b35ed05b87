"""Recipes against plain implementations of what they were learned from, on the same material.

Prints CPU time per frame, frames per CPU-second and peak memory of both, and their ratio; then
the peak memory of the recipe for 80 and for 800 frames. Every figure comes from a process of its
own. Takes some minutes; name figures on the command line to get only those.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from tempfile import TemporaryDirectory
from typing import Any

FIGURES = {
    "compositing": ("compositing alone", "frame"),
    "job": ("whole job, decode to mp4", "frame"),
    "planning": ("planning", "accepted try"),
}
CROWDS = ("him_image_files", "him_image", "him_video_easy", "him_video_medium", "him_video_hard")
LENSES = {"defocus_track": "track", "defocus_layers": "layers"}
MASKS = "masks"
MATTING = "matting"
SCENES = "effect_removal"
SIZES = ((640, 384), (1920, 1080))
LENGTHS = (80, 800)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = [*FIGURES, "memory", *CROWDS, *LENSES, MASKS, MATTING, SCENES]
    parser.add_argument("figures", nargs="*", help=f"{', '.join(known)}; all by default")
    parser.add_argument("--repeats", type=int, default=3, help="of HIM and Defocus, after a first")
    options = parser.parse_args()
    chosen, repeats = options.figures or known, ("--repeats", str(options.repeats))
    for figure in chosen:
        if figure == "memory":
            _print_memory()
        elif figure in FIGURES:
            _print_figure(figure)
        elif figure in LENSES:
            _print_lens(figure, *repeats)
        elif figure in (MASKS, MATTING, SCENES):
            subprocess.run([sys.executable, "-m", f"benchmarks.{figure}"], check=True)
    if crowds := [figure for figure in CROWDS if figure in chosen]:
        _print_crowds(crowds, *repeats)


def _print_figure(figure: str) -> None:
    title, unit = FIGURES[figure]
    ours, theirs = (_measured(figure, "--side", side) for side in ("recipe", "baseline"))
    print(f"\n{title}, 640x384, {ours['footage']}, CPU per {unit} of 80-frame samples")
    for name, side in (("recipe", ours), ("baseline", theirs)):
        cost = side["cost"]
        cpu = cost["user"] + cost["system"]
        print(
            f"  {name:9} {cpu * 1e3:9.2f} ms (user {cost['user'] * 1e3:.2f}, system "
            f"{cost['system'] * 1e3:.2f}; {cost['least'] * 1e3:.2f} to {cost['most'] * 1e3:.2f}; "
            f"fresh process {cost['first'] * 1e3:.2f})  {1 / cpu:8.1f} per CPU-second  "
            f"peak {side['peak']:.0f} MiB"
        )
    ratio = _cpu(theirs) / _cpu(ours)
    user = theirs["cost"]["user"] / ours["cost"]["user"]
    fresh = theirs["cost"]["first"] / ours["cost"]["first"]
    memory = theirs["peak"] / ours["peak"]
    print(
        f"  ratio     {ratio:9.1f} x  (user time alone {user:.1f} x, fresh process {fresh:.1f} x, "
        f"memory {memory:.1f} x)",
        flush=True,
    )


def _print_memory() -> None:
    for width, height in SIZES:
        peaks = [_memory(width, height, frames) for frames in LENGTHS]
        print(
            f"\npeak memory of a job at {width}x{height}: {peaks[0]:.1f} MiB for {LENGTHS[0]} "
            f"frames, {peaks[1]:.1f} MiB for {LENGTHS[1]} ({peaks[1] / peaks[0] - 1:+.1%})",
            flush=True,
        )


def _print_crowds(figures: list[str], *options: str) -> None:
    """Print both sides of the figures of HIM image and HIM video, on people painted once."""
    with TemporaryDirectory() as folder:
        _run("benchmarks.him", "prepare", "--folder", folder)
        for figure in figures:
            ours, theirs = (
                _run("benchmarks.him", figure, "--side", side, "--folder", folder, *options)
                for side in ("recipe", "baseline")
            )
            unit = "sample" if figure.startswith("him_image") else "kept frame"
            print(
                f"\n{figure}, CPU per {unit}: recipe {_cpu(ours) * 1e3:.1f} ms, plain port "
                f"{_cpu(theirs) * 1e3:.1f} ms, ratio {_cpu(theirs) / _cpu(ours):.1f} x "
                f"(peak {ours['peak']:.0f} and {theirs['peak']:.0f} MiB)",
                flush=True,
            )


def _print_lens(figure: str, *options: str) -> None:
    """Print both sides of Defocus; the plain port needs a depth track in either case."""
    ours, theirs = (
        _run("benchmarks.defocus", LENSES[figure], "--side", side, *options)
        for side in ("recipe", "baseline")
    )
    apart = [_cpu({"cost": side["decoding"]}) for side in (ours, theirs)]
    alone = (_cpu(theirs) - apart[1]) / (_cpu(ours) - apart[0])
    print(
        f"\n{figure}, {ours['footage']}, CPU per frame of 24-frame samples: recipe "
        f"{_cpu(ours) * 1e3:.1f} ms, plain port {_cpu(theirs) * 1e3:.1f} ms, ratio "
        f"{_cpu(theirs) / _cpu(ours):.1f} x, without decoding {alone:.1f} x "
        f"(peak {ours['peak']:.0f} and {theirs['peak']:.0f} MiB)",
        flush=True,
    )


def _memory(width: int, height: int, frames: int) -> float:
    with TemporaryDirectory() as folder:
        size = ["--width", str(width), "--height", str(height), "--frames", str(frames)]
        _measured("prepare", *size, "--folder", folder)
        return float(_measured("memory", "--folder", folder)["peak"])


def _cpu(side: dict[str, Any]) -> float:
    return float(side["cost"]["user"] + side["cost"]["system"])


def _measured(*arguments: str) -> dict[str, Any]:
    """Run one measurement of ObjectPaste in a process of its own."""
    return _run("benchmarks.object_paste", *arguments)


def _run(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
