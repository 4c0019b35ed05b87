"""What a source's licence permits, as far as a data team has to know before it ships a bundle.

Licences are SPDX expressions. This is a gate, not legal advice: what it does not know it calls
unknown, and asks for a written reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from datasets_app.domain.bundles.manifest_parts import Source
from datasets_app.domain.findings import Finding


class Concern(StrEnum):
    """Why a licence needs a written reason."""

    UNKNOWN = "unknown"
    NON_COMMERCIAL = "non-commercial"
    NO_DERIVATIVES = "no-derivatives"


_FREE = re.compile(
    r"(?:CC0-1\.0|PDDL-1\.0|Unlicense|0BSD|MIT(?:-0)?|ISC|Zlib|Apache-2\.0|BSD-[234]-Clause.*"
    r"|ODC-By-1\.0|ODbL-1\.0|OGL-UK-.*|etalab-2\.0|CDLA-(?:Permissive|Sharing)-.*|DL-DE-.*"
    r"|(?:L|A)?GPL-[123]\.\d(?:-only|-or-later|\+)?|MPL-[12]\.\d|FAL-1\.\d|WTFPL|CC-PDM-1\.0"
    r"|LicenseRef-(?:Own|Owned|Public-Domain|Pexels|Pixabay|Unsplash))",
    re.IGNORECASE,
)
_CREATIVE_COMMONS = re.compile(
    r"CC-BY(?P<nc>-NC)?(?P<nd>-ND|-SA)?-[1-4]\.\d(?:-[A-Z]{2,5})?", re.IGNORECASE
)
_NON_COMMERCIAL = re.compile(r"non[- ]?commercial|research[- ]only|\bNC\b", re.IGNORECASE)
_NO_DERIVATIVES = re.compile(r"no[- ]?deriv|\bND\b", re.IGNORECASE)
_TOKEN = re.compile(r"\s*(\(|\)|[^\s()]+)")

Concerns = frozenset[Concern]


def licence_concerns(licence: str) -> Concerns:
    """Return why ``licence`` needs a reason; empty when it is a licence known to permit use.

    ``A AND B`` has the concerns of both; ``A OR B`` those of the side with fewer, since the user
    may choose; ``A WITH exception`` those of A. Text that is no expression is looked through for
    its plain words.
    """
    tokens = _TOKEN.findall(licence)
    if not tokens:
        return frozenset({Concern.UNKNOWN})
    found = _Expression(tokens).whole()
    return found if found is not None else _of_identifier(licence)


class _Expression:
    """Recursive descent over SPDX: or := and (OR and)*, and := term (AND term)*."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Concerns | None:
        """Return the concerns, or None when the tokens are no expression."""
        found = self._either()
        return found if self._at == len(self._tokens) else None

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _takes(self, word: str) -> bool:
        if self._next().upper() != word:
            return False
        self._at += 1
        return True

    def _either(self) -> Concerns | None:
        best = self._both()
        while best is not None and self._takes("OR"):
            other = self._both()
            best = None if other is None else min(best, other, key=lambda c: (len(c), sorted(c)))
        return best

    def _both(self) -> Concerns | None:
        found = self._term()
        while found is not None and self._takes("AND"):
            other = self._term()
            found = None if other is None else found | other
        return found

    def _term(self) -> Concerns | None:
        if self._takes("("):
            self._depth += 1
            inner = self._either() if self._depth <= 20 else None
            return inner if self._takes(")") else None
        word = self._next()
        if word in ("", ")") or word.upper() in ("AND", "OR", "WITH"):
            return None
        self._at += 1
        if self._takes("WITH"):
            self._at += 1
        return _of_identifier(word)


def _of_identifier(name: str) -> Concerns:
    common = _CREATIVE_COMMONS.fullmatch(name.strip())
    if common:
        found = {Concern.NON_COMMERCIAL} if common["nc"] else set()
        if (common["nd"] or "").upper() == "-ND":
            found.add(Concern.NO_DERIVATIVES)
        return frozenset(found)
    if _FREE.fullmatch(name.strip()):
        return frozenset()
    found = {Concern.NON_COMMERCIAL} if _NON_COMMERCIAL.search(name) else set()
    if _NO_DERIVATIVES.search(name):
        found.add(Concern.NO_DERIVATIVES)
    return frozenset(found or {Concern.UNKNOWN})


@dataclass(frozen=True, slots=True)
class LicenceLine:
    """One licence of a bundle: how many sources and samples, and why it needs a reason."""

    licence: str
    sources: int
    samples: int
    concerns: tuple[Concern, ...]

    def sentence(self) -> str:
        """Return what a page says about it."""
        name = self.licence or "No licence given"
        what = f"{self.sources} source{'' if self.sources == 1 else 's'}"
        why = f": {', '.join(self.concerns)}" if self.concerns else ""
        return f"{name}, {what} in {self.samples} sample{'' if self.samples == 1 else 's'}{why}"


def licence_lines(sources_of_samples: Iterable[Iterable[Source]]) -> list[LicenceLine]:
    """Return one line per licence over all samples' sources, those that ask for a reason first."""
    digests: dict[str, set[str]] = defaultdict(set)
    samples: dict[str, int] = defaultdict(int)
    for sources in sources_of_samples:
        present = set()
        for source in sources:
            licence = source.licence.strip()
            digests[licence].add(source.sha256)
            present.add(licence)
        for licence in present:
            samples[licence] += 1
    lines = [
        LicenceLine(name, len(digests[name]), samples[name], tuple(sorted(licence_concerns(name))))
        for name in digests
    ]
    return sorted(lines, key=lambda line: (not line.concerns, line.licence))


def licence_findings(lines: Iterable[LicenceLine], reason: str) -> list[Finding]:
    """Return what stands against a freeze: an error per line without a written reason, a note with
    one."""
    given = bool(reason.strip())
    return [
        Finding(
            "licence",
            "note" if given else "error",
            line.sentence(),
            "" if given else "set the licence on the sources, or write why they may be used",
            line.licence,
        )
        for line in lines
        if line.concerns
    ]
