"""Labels of a bundle's entries, and the portable names that its folders carry.

The three labels are those of the Casper training tree; a recipe is spelled with underscores in
this program and its category with hyphens in that tree, so both spellings are read.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from matteweb.errors import BadInput

OMNIMATTE_TRIPOD = "omnimatte+tripod"
KUBRIC = "kubric"
OBJECT_PASTE = "object-paste"

CASPER_ORDER = (OMNIMATTE_TRIPOD, KUBRIC, OBJECT_PASTE)
"""The order in which the Casper merge lists its categories."""

DEFAULT_REPEATS = {OMNIMATTE_TRIPOD: 256, KUBRIC: 40, OBJECT_PASTE: 1}
"""Repeats that the Casper merge uses when none are given."""

_OF_RECIPE = {"object_paste": OBJECT_PASTE, "effect_removal": KUBRIC, "imported": OMNIMATTE_TRIPOD}
_ALIASES = {
    **_OF_RECIPE,
    "omnimatte": OMNIMATTE_TRIPOD,
    "tripod": OMNIMATTE_TRIPOD,
    "omnimatte_tripod": OMNIMATTE_TRIPOD,
    "omnimatte+tripod": OMNIMATTE_TRIPOD,
    "kubric": KUBRIC,
}
_LABEL = re.compile(r"[a-z0-9][a-z0-9+.-]{0,59}")
_TAKEN_BY_FILES = {"casper", "manifest", "export", "attribution"}
_UNPORTABLE = re.compile(r"[^A-Za-z0-9._+-]+")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
_NAME_LIMIT = 100


def category_label(text: str) -> str:
    """Return the label that ``text`` means: a label, or a recipe's slug, in either spelling.

    A new label is allowed when it can name a folder. Raises BadInput otherwise.
    """
    plain = text.strip().lower()
    known = _ALIASES.get(plain.replace("-", "_"))
    if known:
        return known
    label = plain.replace("_", "-")
    if not _LABEL.fullmatch(label) or label.endswith(".") or label in _TAKEN_BY_FILES | _RESERVED:
        raise BadInput(
            f"{text!r} cannot be a category",
            hint="use lower-case letters, digits, '-', '+', '.'; at most 60 characters",
        )
    return label


def category_key(label: str) -> tuple[int, str]:
    """Sort key: the three of the Casper merge first, in its order, then the others by name."""
    return (CASPER_ORDER.index(label) if label in CASPER_ORDER else len(CASPER_ORDER), label)


def portable_name(text: str) -> str:
    """Return ``text`` as a folder name that every file system takes (ASCII, <= 100 characters)."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = _UNPORTABLE.sub("-", ascii_only).strip("-. ")[:_NAME_LIMIT].rstrip("-. ")
    if not name:
        return "sample"
    return f"{name}-" if name.split(".")[0].lower() in _RESERVED else name


def folder_names(names: Mapping[int, str]) -> dict[int, str]:
    """Return one portable folder per sample id, no two alike even where case does not count.

    A name that several samples carry gets each one's id as a suffix, so the answer does not
    depend on the order of ``names``.
    """
    wanted = {key: portable_name(name) for key, name in names.items()}
    for _ in range(len(names) + 1):
        count = Counter(name.casefold() for name in wanted.values())
        twice = sorted(key for key, name in wanted.items() if count[name.casefold()] > 1)
        if not twice:
            return wanted
        wanted |= {key: f"{wanted[key]}-{key}" for key in twice}
    raise BadInput("the samples' names cannot be told apart", hint="rename some of them")
