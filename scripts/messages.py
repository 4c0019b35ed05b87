"""Translations: finds every text of the program and compiles the catalogues.

``python -m scripts.messages`` brings ``frontend/locale/de`` up to date and lists what has no German
text yet. Babel does the work of xgettext and msgfmt, so that no program beside Python is needed;
the compiled catalogues are kept in the repository, so that running needs neither.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "frontend" / "locale"
LANGUAGE = "de"
PACKAGES = ("matteweb", "datasets_app", "inference_app")
FUNCTIONS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

WHENEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""Both dates of a catalogue: the same texts are the same bytes, whenever they are written."""

Found = tuple[str, int, str | tuple[str, ...], str | None]
"""File, line, text (singular and plural), context."""


def domain_texts(domain: str) -> Iterator[Found]:
    """Yield every text of ``django`` (Python and templates) or ``djangojs`` (modules)."""
    if domain == "djangojs":
        for path in sorted((ROOT / "frontend" / "static" / "mw").rglob("*.js")):
            if not path.name.endswith(".test.js"):
                yield from _texts(path, "javascript", path.read_bytes())
        return
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _texts(path, "python", path.read_bytes())
    for path in sorted((ROOT / "frontend" / "templates").rglob("*.html")):
        # As makemessages does: what is no text becomes X, what is one a call of gettext.
        source = templatize(path.read_text(), origin=str(path))
        lines = (line.lstrip() for line in source.splitlines())
        yield from _texts(path, "python", "\n".join(lines).encode())


def catalogue_path(domain: str, ending: str) -> Path:
    """Return where a catalogue lies."""
    return LOCALE / LANGUAGE / "LC_MESSAGES" / f"{domain}.{ending}"


def catalogue(domain: str) -> Catalog:
    """Return the translations as they are, an empty catalogue where there are none yet."""
    path = catalogue_path(domain, "po")
    if not path.exists():
        return Catalog(locale=LANGUAGE, domain=domain)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, domain=domain)


def renewed(domain: str) -> Catalog:
    """Return a catalogue of exactly the texts that there are, with the translations known."""
    known = catalogue(domain)
    fresh = Catalog(
        locale=LANGUAGE,
        domain=domain,
        project="MatteWeb",
        header_comment="# German texts of MatteWeb; python -m scripts.messages keeps the list.",
        creation_date=WHENEVER,
        revision_date=WHENEVER,
        fuzzy=False,
    )
    for file, _line, text, context in domain_texts(domain):
        before = known.get(text, context)
        # No line numbers: a catalogue should not change with every line of code.
        fresh.add(
            text,
            before.string if before else "",
            locations=[(file, None)],  # type: ignore[list-item]
            flags=["python-format"] if domain == "django" and _formatted(text) else [],
            context=context,
        )
    return fresh


def untranslated(found: Catalog) -> list[str]:
    """Return the texts without a translation, or with a plural form missing."""
    return [str(message.id) for message in found if message.id and not _complete(message)]


def compiled(found: Catalog) -> bytes:
    """Return the binary form that gettext reads."""
    out = io.BytesIO()
    write_mo(out, found)
    return out.getvalue()


def _complete(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(strings) and all(strings)


def _texts(path: Path, method: str, source: bytes) -> Iterable[Found]:
    name = path.relative_to(ROOT).as_posix()
    found = extract(method, io.BytesIO(source), keywords=FUNCTIONS)
    for line, text, _comments, context in found:
        if text:
            yield name, line, text, context


def _formatted(text: str | tuple[str, ...]) -> bool:
    return "%(" in (text if isinstance(text, str) else "".join(text))


def main() -> None:
    """Write both catalogues anew, as text and compiled."""
    missing = 0
    for domain in ("django", "djangojs"):
        fresh = renewed(domain)
        catalogue_path(domain, "po").parent.mkdir(parents=True, exist_ok=True)
        with catalogue_path(domain, "po").open("wb") as file:
            write_po(file, fresh, width=96, sort_output=True, omit_header=False)
        catalogue_path(domain, "mo").write_bytes(compiled(fresh))
        for text in untranslated(fresh):
            missing += 1
            print(f"{domain}: {text!r}")
    if missing:
        sys.exit(f"{missing} texts have no German text yet")


if __name__ == "__main__":
    main()
