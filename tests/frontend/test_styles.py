"""Colours live in one file, greys carry no hue, and text can be read on what lies under it."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, pairwise, product
from pathlib import Path

import pytest

FRONTEND = Path(__file__).parents[2] / "frontend"
TOKENS = FRONTEND / "static" / "css" / "tokens.css"

# Eight digits are colours with alpha; an id selector or a fragment is never all hex digits here.
HEX = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})\b")
DECLARED = re.compile(r"--([\w-]+):\s*([^;]+);")

SURFACES = ("bg", "surface", "raised", "hover", "pressed", "selected", "sunken")
WITHOUT_HUE = (
    *SURFACES,
    *("line", "line-strong", "line-control", "text", "text-2", "text-3", "text-off"),
    *(
        "well-black",
        "well-dark",
        "well-mid",
        "well-light",
        "well-sunken",
        "well-pressed",
        "ruler",
        "mark",
    ),
    *("shadow", "shadow-pop", "backdrop", "on-accent-key", "on-accent"),
    *(f"grey-{step}" for step in range(9)),
)
# WCAG 2.2: 4.5 for text, 3 for what shows a control and for the focus ring.
NEEDED = {
    "text": 4.5,
    "text-2": 4.5,
    "text-3": 4.5,
    "accent": 4.5,
    "ok": 4.5,
    "warn": 4.5,
    "bad": 4.5,
    "line-control": 3.0,
}


@cache
def _tokens() -> dict[str, str]:
    """Return name to value; the first declaration counts, the viewer's overrides do not."""
    return dict(reversed(DECLARED.findall(TOKENS.read_text())))


def _channels(colour: str) -> tuple[int, int, int]:
    digits = colour.removeprefix("#")
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(first: str, second: str) -> float:
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _pair(name: str) -> tuple[str, str]:
    """Return (light, dark) of a token."""
    colours = HEX.findall(_tokens()[name])
    return colours[0], colours[-1]


@pytest.mark.parametrize("name", WITHOUT_HUE)
def test_a_grey_token_has_equal_red_green_and_blue(name: str) -> None:
    colours = HEX.findall(_tokens()[name])
    assert colours
    for colour in colours:
        assert len(set(_channels(colour))) == 1, f"--{name} holds {colour}"


def test_no_colour_is_written_outside_the_tokens() -> None:
    files = chain(
        (FRONTEND / "static" / "css").rglob("*.css"),
        (FRONTEND / "static" / "mw").rglob("*.js"),
        (FRONTEND / "static" / "img").rglob("*.svg"),
        (FRONTEND / "templates").rglob("*.html"),
    )
    found = [
        f"{path.relative_to(FRONTEND)}: {match}"
        for path in files
        if path != TOKENS
        for match in _colours(path.read_text())
    ]
    assert found == []


def _colours(text: str) -> list[str]:
    """Return what looks like a colour and is neither an address nor a private member's name."""
    private = set(re.findall(r"\.(#\w+)", text))
    without_addresses = re.sub(r"""(?:href|src)=["'][^"']*["']""", "", text)
    return [match for match in HEX.findall(without_addresses) if match not in private]


def test_every_token_that_is_used_is_declared() -> None:
    unknown = {
        (path.name, name)
        for path in (FRONTEND / "static" / "css").rglob("*.css")
        for name, fallback in re.findall(r"var\(--([\w-]+)(,?)", path.read_text())
        # What a module sets has its start in the same file.
        if not fallback and name not in _tokens() and f"--{name}:" not in path.read_text()
    }
    assert unknown == set()


@pytest.mark.parametrize(("name", "surface"), list(product(NEEDED, SURFACES)))
def test_text_and_controls_can_be_read_on_every_surface(name: str, surface: str) -> None:
    for theme, over, under in zip(("light", "dark"), _pair(name), _pair(surface), strict=True):
        got = _contrast(over, under)
        assert got >= NEEDED[name], f"{theme}: --{name} on --{surface} is {got:.2f} to 1"


@pytest.mark.parametrize("name", ["ok", "warn", "bad", "accent"])
def test_a_state_can_be_read_on_its_own_wash(name: str) -> None:
    for over, under in zip(_pair(name), _pair(f"{name}-wash"), strict=True):
        assert _contrast(over, under) >= 4.5


@pytest.mark.parametrize("button", ["accent", "accent-hover"])
def test_the_primary_button_can_be_read(button: str) -> None:
    for over, under in zip(_pair("on-accent"), _pair(button), strict=True):
        assert _contrast(over, under) >= 4.5


@pytest.mark.parametrize("ramp", ["grey", "ember"])
def test_every_step_of_a_strip_is_lighter_than_the_one_before(ramp: str) -> None:
    steps = [_luminance(_tokens()[f"{ramp}-{step}"]) for step in range(9)]
    assert all(after - before > 0.015 for before, after in pairwise(steps))


def test_no_template_writes_an_inline_script_style_or_handler() -> None:
    forbidden = re.compile(
        r"<style|\sstyle=|\son\w+=|hx-on|<script(?![^>]*\ssrc=)(?![^>]*application/json)"
    )
    found = [
        f"{path.relative_to(FRONTEND)}:{number}"
        for path in (FRONTEND / "templates").rglob("*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if forbidden.search(re.sub(r"{%.*?%}|{{.*?}}", "", line))
    ]
    assert found == []


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    sprite = (FRONTEND / "static" / "img" / "sprite.svg").read_text()
    drawn = set(re.findall(r'id="i-([\w-]+)"', sprite))
    used = {
        (path.name, name)
        for path in (FRONTEND / "templates").rglob("*.html")
        for name in re.findall(r'"_icon\.html" with name="([\w-]+)"', path.read_text())
    }
    assert {(file, name) for file, name in used if name not in drawn} == set()
