"""The form of a draft: read back into a choice, and laid out for the template."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.http import QueryDict

from datasets_app.selectors.bundles import SampleFilter
from datasets_app.services.freezing.bundle_choice import BundleChoice, exact_number
from datasets_app.services.freezing.bundle_outlook import CategoryOutlook, Outlook
from matteweb.accounts.request_numbers import row_numbers
from matteweb.errors import BadInput

SPLITS = ("train", "val", "test")
BY_SHARE, BY_REPEATS = "share", "repeats"
SHORT_SCALE, LONG_SCALE = 50, 100


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One line of the shares table; ``value`` is what its slider shows, in percent."""

    line: CategoryOutlook
    value: float
    typed: str
    locked: bool
    note: str
    tone: str


def posted_choice(posted: QueryDict) -> BundleChoice:
    """Return the choice that the form holds. Raises BadInput, naming the field."""
    by_share = posted.get("by") == BY_SHARE
    splits = {name: _number(f"split-{name}", posted.get(f"split-{name}", "")) for name in SPLITS}
    return BundleChoice(
        samples=SampleFilter(
            runs=tuple(row_numbers(posted.getlist("run"))),
            categories=tuple(posted.getlist("category")),
            least_frames=int(_number("least frames", posted.get("least_frames", ""))),
        ),
        shares=_positive(posted, "share-") if by_share else {},
        repeats={
            name: int(number)
            for name, number in ({} if by_share else _positive(posted, "repeat-")).items()
        },
        most_rows=int(_number("rows", posted.get("most_rows", ""))) if by_share else 0,
        splits={name: share for name, share in splits.items() if share} if splits["train"] else {},
        split_seed=int(_number("split seed", posted.get("split_seed", ""))),
        keep_splits=bool(posted.get("keep_splits")),
        licence_reason=posted.get("licence_reason", "").strip(),
    )


def share_rows(outlook: Outlook, locked: set[str]) -> list[ShareRow]:
    """Return the table's lines: the target where one was given, else the share as it is."""
    rows = []
    for line in outlook.categories:
        value = line.share if line.target is None else line.target
        note, tone = _note(line)
        rows.append(ShareRow(line, value, f"{value:g}", line.category in locked, note, tone))
    return rows


def share_scale(rows: list[ShareRow]) -> int:
    """Return the end of all sliders, in percent: few categories need the whole range."""
    return LONG_SCALE if len(rows) < 4 or any(r.value > SHORT_SCALE for r in rows) else SHORT_SCALE


def _note(line: CategoryOutlook) -> tuple[str, str]:
    """Return a word about the repeats, and how serious it is."""
    if line.repeats == 1:
        return "", "ok"
    return f"each shown {line.repeats:,} times", "warn"


def _positive(posted: QueryDict, prefix: str) -> dict[str, Fraction]:
    found = {
        name.removeprefix(prefix): _number(name, posted.get(name, ""))
        for name in posted
        if name.startswith(prefix)
    }
    return {name: number for name, number in found.items() if number > 0}


def _number(what: str, text: str) -> Fraction:
    try:
        number = exact_number(text.strip() or "0")
    except ValueError:
        raise BadInput(f"{text!r} is no number for {what}", hint="e.g. 48") from None
    if number < 0:
        raise BadInput(f"{what} is {text}", hint="give 0 or more")
    return number
