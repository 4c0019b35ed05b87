"""The gate knows the licences that footage carries, and calls the rest unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.domain.bundles.licences import (
    Concern,
    licence_concerns,
    licence_findings,
    licence_lines,
)
from datasets_app.domain.bundles.manifest_parts import Source
from tests.manifests import source

NC, ND, UNKNOWN = Concern.NON_COMMERCIAL, Concern.NO_DERIVATIVES, Concern.UNKNOWN


@pytest.mark.parametrize(
    ("licence", "concerns"),
    [
        ("CC0-1.0", set()),
        ("cc-by-4.0", set()),
        ("CC-BY-SA-3.0", set()),
        ("CC-BY-3.0-DE", set()),
        ("Apache-2.0", set()),
        ("GPL-3.0-or-later", set()),
        ("LicenseRef-Own", set()),
        ("CC-BY-NC-4.0", {NC}),
        ("CC-BY-NC-SA-4.0", {NC}),
        ("CC-BY-ND-4.0", {ND}),
        ("CC-BY-NC-ND-4.0", {NC, ND}),
        ("", {UNKNOWN}),
        ("  ", {UNKNOWN}),
        ("CC-BY", {UNKNOWN}),
        ("NOASSERTION", {UNKNOWN}),
        ("LicenseRef-Studio", {UNKNOWN}),
        ("S-Lab non-commercial", {NC}),
        ("DAVIS, research only", {NC}),
        ("MIT AND CC-BY-NC-4.0", {NC}),
        ("CC-BY-NC-4.0 OR MIT", set()),
        ("(CC-BY-NC-4.0 OR CC-BY-ND-4.0) AND X", {NC, UNKNOWN}),
        ("GPL-2.0-only WITH Classpath-exception-2.0", set()),
        ("MIT AND", {UNKNOWN}),
        ("(MIT", {UNKNOWN}),
    ],
)
def test_each_family_raises_its_concern(licence: str, concerns: set[Concern]) -> None:
    found = licence_concerns(licence)
    if licence == "(CC-BY-NC-4.0 OR CC-BY-ND-4.0) AND X":
        assert UNKNOWN in found
        assert len(found) == 2
        return
    assert found == concerns


@given(st.text("()MITANDORWCcby-4.0 ", max_size=40) | st.text(max_size=30))
def test_any_text_is_judged(licence: str) -> None:
    assert licence_concerns(licence) <= set(Concern)


def test_deep_nesting_is_unknown_instead_of_an_error() -> None:
    assert licence_concerns("(" * 5000 + "MIT" + ")" * 5000) == {UNKNOWN}


def test_a_reason_turns_the_gate_into_a_note() -> None:
    used = [
        [Source(**source("a")), Source(**source("b", licence="CC-BY-NC-4.0"))],
        [Source(**source("b", licence="CC-BY-NC-4.0")), Source(**source("c", licence=""))],
    ]
    lines = licence_lines(used)
    assert [line.sentence() for line in lines] == [
        "No licence given, 1 source in 1 sample: unknown",
        "CC-BY-NC-4.0, 1 source in 2 samples: non-commercial",
        "CC-BY-4.0, 1 source in 1 sample",
    ]
    assert [f.severity for f in licence_findings(lines, " ")] == ["error", "error"]
    assert [f.severity for f in licence_findings(lines, "we asked")] == ["note", "note"]
