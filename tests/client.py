"""The command-line client as a person runs it, and a bundle for it to fetch."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from datasets_app.domain.bundles.files import BundleFile, bundle_files
from datasets_app.domain.bundles.manifest import TUPLE_LAYERS, Manifest
from tests.manifests import manifest, sample
from tests.studio_server import StudioServer

CLIENT = Path(__file__).parents[1] / "datasets_app" / "cli" / "matteweb.py"
STREAM = "kubric/000002/rgb_full.mp4"


class Home:
    """A person's home folder, and the client run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"HOME": str(folder), "PATH": os.environ["PATH"]}

    def start(self, *words: object, stdin: str = "") -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(CLIENT), *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
            # A suite in the background ignores Ctrl-C, and its children would inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *words: object, code: int = 0, stdin: str = "") -> tuple[Any, str]:
        """Return what was said as JSON on stdout (None without), and the text on stderr."""
        process = self.start(*words)
        out, err = process.communicate(stdin, timeout=60)
        assert process.returncode == code, err
        return (json.loads(out) if out else None), err

    def login(self, studio: StudioServer) -> None:
        words = ("login", studio.url, "--user", "ada", "--password-stdin")
        self.run(*words, stdin="right horse\n")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def big_bundle() -> tuple[Manifest, list[BundleFile]]:
    """Return a bundle with streams of some 100 kB each, their bytes in the entries."""
    draw = random.Random(0)
    blobs: dict[str, bytes] = {}

    def built(number: int, **fields: Any) -> Any:
        streams = {layer: draw.randbytes(100_000 + number) for layer in TUPLE_LAYERS}
        made = sample(number, bytes_of=streams, **fields)
        blobs.update({made.stream(layer).sha256: data for layer, data in streams.items()})
        return made

    whole = manifest(built(1, repeats=2), built(2, category="kubric"), built(3, split="validation"))
    return whole, [
        BundleFile(f.path, f.sha256, f.size, f.crc32, f.data or blobs[f.sha256])
        for f in bundle_files(whole)
    ]
