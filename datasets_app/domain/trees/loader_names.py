"""Names that MaGGIe's loader takes.

It finds masks by replacing words in whole paths, sorts names as text, and takes whatever a folder
lists for frames, hidden files too; it says nothing of all this.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from datasets_app.domain.bundles.categories import portable_name
from datasets_app.domain.findings import Finding
from datasets_app.domain.trees.entries import ReadyTuple
from datasets_app.domain.trees.reading import visible
from datasets_app.domain.trees.samples import flat_name

PICTURE_SUFFIX: Final = ".jpg"
_NUMBER: Final = re.compile(r"\d+")


def sample_names(samples: Sequence[ReadyTuple], forbidden: str = "") -> list[str]:
    """Return the name of each sample's files, in their order: its own where the split has it once,
    else with its category; without what a loader stumbles over.

    With a ``forbidden`` word, which a loader replaces in paths, none holds it, and names that are
    numbers are padded, since it sorts them as text.
    """
    own = [one.called or one.name for one in samples]
    often = Counter((one.split, name.casefold()) for one, name in zip(samples, own, strict=True))
    wanted = [
        portable_name(name if often[one.split, name.casefold()] == 1 else flat_name(one)).replace(
            PICTURE_SUFFIX, "-jpg"
        )
        for one, name in zip(samples, own, strict=True)
    ]
    width = max((len(name) for name in wanted if _NUMBER.fullmatch(name)), default=0)
    found: list[str] = []
    taken: set[tuple[str, str]] = set()
    for one, plain in zip(samples, wanted, strict=True):
        padded = plain.zfill(width) if forbidden and _NUMBER.fullmatch(plain) else plain
        name, split = without_word(padded, forbidden), without_word(one.split, forbidden)
        while (split, name.casefold()) in taken:
            name += "-"
        taken.add((split, name.casefold()))
        found.append(name)
    return found


def without_word(name: str, word: str) -> str:
    """Return ``name`` with a "-" in each ``word``, so that nothing replaces it in a path."""
    return name.replace(word, f"{word[0]}-{word[1:]}") if word else name


def word_findings(name: str, where: str, forbidden: str) -> Iterator[Finding]:
    """Yield an error for a name of a file (without ending), clip or split that holds a word which
    a loader replaces."""
    for word in (PICTURE_SUFFIX, forbidden):
        if word in name:
            message = f"{where} has {word!r} in its name, where a loader replaces it"
            better = without_word(name.replace(PICTURE_SUFFIX, "-jpg"), forbidden)
            hint = f"rename it, e.g. to {better}"
            yield Finding("name_word", "error", message, hint, where)
            return


def hidden_findings(folder: Path, where: str, suffix: str = "") -> Iterator[Finding]:
    """Yield a warning for each hidden entry of a folder that a loader lists, those with ``suffix``
    alone where it looks at endings."""
    shown = set(visible(folder)) if folder.is_dir() else set()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path not in shown and path.name.endswith(suffix):
            place = f"{where}/{path.name}"
            message = f"{place} is hidden, and a loader takes it for a part of the set"
            yield Finding("hidden_file", "warning", message, "remove it", place)


def unpadded(names: Iterable[str], where: str) -> Iterator[Finding]:
    """Yield an error when names that are numbers sort otherwise as text than as numbers."""
    plain = [name for name in names if _NUMBER.fullmatch(name)]
    if sorted(plain) != sorted(plain, key=lambda name: (int(name), name)):
        widest = max(map(len, plain))
        short = min(plain, key=len)
        message = f"the numbers in {where} are not padded: {short} sorts among longer ones"
        yield Finding(
            "name_padding",
            "error",
            message,
            f"write {short.zfill(widest)}, ...",
            f"{where}/{short}",
        )
