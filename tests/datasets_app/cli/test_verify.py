"""A folder is compared with its manifest where nothing but Python is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets_app.domain.bundles.variants import write_variant
from tests.bundle_store import stored_bundle
from tests.client import STREAM, Home


def test_each_difference_is_named(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "out"
    home.run("pull", "demo/casper", out)
    (out / STREAM).unlink()
    (out / "kubric.json").write_text("[]")
    (out / "extra.txt").touch()
    (out / "casper.json").write_text("[]")
    told, _ = home.run("verify", out, "--json", code=1)
    assert told["problems"] == [
        "extra.txt does not belong to the bundle",
        "casper.json has other bytes than were frozen",
        "kubric.json has other bytes than were frozen",
        f"{STREAM} is missing",
    ]
    assert told["ok"] is False


@pytest.mark.parametrize("text", [None, "{}", "[", '{"samples": 1, "documents": []}'])
def test_a_folder_without_a_manifest_is_no_bundle(
    home: Home, tmp_path: Path, text: str | None
) -> None:
    if text:
        (tmp_path / "manifest.json").write_text(text)
    _, said = home.run("verify", tmp_path, code=1)
    assert "has no manifest of a bundle" in said


def test_an_export_in_another_form_is_verified_too(home: Home, tmp_path: Path) -> None:
    whole, blobs = stored_bundle(tmp_path / "store")
    write_variant(whole, tmp_path / "png", blobs.path, form="png")
    home.run("verify", tmp_path / "png")
    next((tmp_path / "png").rglob("*.png")).unlink()
    home.run("verify", tmp_path / "png", code=1)
