"""A finding in a column of JSON is the same when it is read back."""

from __future__ import annotations

import json

from datasets_app.domain.findings import Finding


def test_a_finding_is_the_same_out_of_json() -> None:
    asked = Finding("frame_rate", "warning", "no rate", "type one", "a.zip", ("24", "25"))
    for one in (asked, Finding("odd_size", "note", "Odd size")):
        assert Finding.from_json(json.loads(json.dumps(one.as_json()))) == one
