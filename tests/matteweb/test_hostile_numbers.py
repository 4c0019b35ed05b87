"""Numbers that no page offered: of thirty digits, of thousands, in digits of other scripts.

None of them is a fault of the program: a row that is not there is not found, a form that cannot be
read is refused.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from datasets_app.services.freezing.bundle_choice import exact_number
from matteweb.accounts.models import Project, User
from matteweb.accounts.request_numbers import (
    LARGEST,
    is_too_large,
    required_number,
    row_number,
    row_numbers,
    whole_number,
)
from matteweb.errors import BadInput
from tests import factories
from tests.matteweb.addresses import addresses
from tests.matteweb.permissions import PROJECT_URLS, TARGETS, Parts
from tests.processes import ROOT

HUGE = 10**30
HOSTILE = (str(HUGE), "9" * 5000, "²", "٣", "-1", "abc")

# Every form that reads a number: the address, and what is posted with N for the number.
FORMS: dict[str, dict[str, str]] = {
    "selection-edit": {"selected": "N", "act": "tag", "tag": "a"},
    "image-set-cut": {"annotation": "N"},
    "pictures-judge": {"picture": "N", "act": "accept"},
    "mask-reread": {"threshold": "N"},
    "synthesize-survey": {"recipe": "object_paste", "count": "N"},
    "synthesize-launch": {"recipe": "object_paste", "count": "N", "seed": "N"},
    "review-calibration": {"count": "N", "strength": "N", "fault": "halo"},
    "bundle-save": {"run": "N", "least_frames": "N", "rows": "N", "split_seed": "N"},
    "bundle-outlook": {"run": "N", "split-train": "N", "repeat-object-paste": "N"},
    "model-stills": {"still": "N"},
    "model-run-start": {"mask": "N", "predictor": "wavelet_refiner:N", "longest": "N"},
    "hard-examples-move": {"example": "N", "to": "done"},
    "evaluation-start": {"training": "N", "clips": "N", "predictor": "guided_filter"},
    "training-start": {"name": "a", "steps": "N", "seed": "N", "painted": "N"},
    "mask-evaluation-start": {"mask": "N", "engine": "scribble", "protocol": "first"},
    "fusion-training-start": {
        "name": "a",
        "stage": "N",
        "init": "N",
        "painted": "N",
        "steps": "N",
        "mask": "N",
    },
    "mask-combine": {"mask": "N", "grow": "N"},
    "mask-export": {"mask": "N", "radius": "N", "form": "png"},
    "captions-approve": {"video": "N", "page": "N"},
    "automatic-masks-start": {"maker": "motion", "video": "N"},
}

QUERIES: dict[str, tuple[str, ...]] = {
    "review": ("run", "page"),
    "review-list": ("run", "page"),
    "library": ("page",),
    "synthesize": ("count", "seed"),
    "video-values": ("frame", "x", "y"),
    "automatic-masks": ("video",),
    "model-run": ("frame", "beside"),
    "sample-guidance": ("frame",),
    "api-samples": ("run", "page"),
    "api-jobs": ("since", "ended"),
}

BODIES: dict[str, dict[str, object]] = {
    "api-runs": {"recipe": "object_paste", "params": {}, "count": 1, "seed": HUGE},
    "api-outlook": {"samples": {"runs": [HUGE], "ids": [HUGE]}},
    "api-leases": {"session": "a-page-01", "run": HUGE},
    "api-set-judgements": {"pictures": [HUGE], "act": "accept"},
    "api-model-runs": {"predictor": "guided_filter", "video": HUGE},
    "api-hard-examples": {"runs": [HUGE]},
    "api-captioning": {"captioner": "blip", "videos": [HUGE]},
}


@pytest.fixture
def owner() -> User:
    return factories.user()


@pytest.fixture
def project(owner: User) -> Project:
    return factories.project(owner=owner)


@pytest.fixture
def client(owner: User) -> Client:
    """Return one that raises what a view raises, as the server would answer 500."""
    made = Client(raise_request_exception=True, headers={"Tus-Resumable": "1.0.0"})
    made.force_login(owner)
    return made


def parts_of(name: str, project: Project, user: User) -> Parts:
    return {"project": project.slug, **TARGETS[PROJECT_URLS[name].target](project, user)}


def test_a_whole_number_is_one_that_a_column_holds() -> None:
    assert [whole_number(text) for text in HOSTILE] == [None] * len(HOSTILE)
    assert whole_number("0") == 0 and whole_number("9" * 18) == int("9" * 18) < LARGEST
    assert row_number("") == 0 and row_number("17") == 17
    assert row_numbers(["3", "x", "2", "3", "0", *HOSTILE]) == [3, 2]
    assert required_number(" 17 ", "frame") == 17
    for text in (*HOSTILE, "", "18"):
        with pytest.raises(BadInput, match="frame is"):
            required_number(text, "frame", 17)
    assert is_too_large({"runs": [1, {"of": HUGE}]}) and is_too_large(-HUGE)
    assert not is_too_large({"runs": [1, LARGEST], "name": str(HUGE), "on": True, "share": 1e40})


def test_a_share_is_exact_and_no_gigabyte() -> None:
    assert exact_number(" 1/3 ") * 3 == 1 and exact_number("2.5") * 2 == 5
    for text in ("1e999999999", "1E5", "1/0", "", "9" * 5000, "nan"):
        with pytest.raises(ValueError, match=r"."):
            exact_number(text)


@pytest.mark.django_db
def test_no_address_fails_for_a_number_that_no_row_has(client: Client, owner: User) -> None:
    made: dict[str, Parts] = {}
    for address in addresses():
        row = PROJECT_URLS.get(address.name)
        if row is None or not address.numbers:
            continue
        if row.target not in made:
            made[row.target] = parts_of(address.name, factories.project(owner=owner), owner)
        parts = made[row.target]
        for number in address.numbers:
            path = reverse(address.name, kwargs=parts | {number: HUGE})
            for method in row.least:
                answer = getattr(client, method)(path)
                assert 400 <= answer.status_code < 500, f"{method} {path}: {answer.status_code}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS)
def test_no_form_fails_for_a_number_that_it_did_not_offer(
    name: str, client: Client, project: Project, owner: User
) -> None:
    path = reverse(name, kwargs=parts_of(name, project, owner))
    for hostile in HOSTILE:
        given = {field: text.replace("N", hostile) for field, text in FORMS[name].items()}
        answer = client.post(path, given)
        assert answer.status_code < 500, f"{hostile[:40]}: {answer.status_code}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", QUERIES)
def test_no_page_fails_for_a_number_in_its_address(
    name: str, client: Client, project: Project, owner: User
) -> None:
    path = reverse(name, kwargs=parts_of(name, project, owner))
    for hostile in HOSTILE:
        answer = client.get(path, dict.fromkeys(QUERIES[name], hostile))
        assert answer.status_code < 500, f"{hostile[:40]}: {answer.status_code}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", BODIES)
def test_the_api_refuses_a_number_that_cannot_be_stored(
    name: str, client: Client, project: Project, owner: User
) -> None:
    path = reverse(name, kwargs=parts_of(name, project, owner))
    answer = client.post(path, json.dumps(BODIES[name]), content_type="application/json")
    assert answer.status_code == 400
    assert "too large" in str(answer.json()["extra"]["fields"])


@pytest.mark.django_db
def test_json_that_is_nested_too_deeply_is_refused(
    client: Client, project: Project, owner: User
) -> None:
    name = next(iter(BODIES))
    path = reverse(name, kwargs=parts_of(name, project, owner))
    answer = client.post(path, "[" * 100_000, content_type="application/json")
    assert answer.status_code == 400
    assert "nested too deeply" in answer.json()["message"]


@pytest.mark.django_db
def test_json_of_a_depth_that_parsers_take_is_read_to_its_end(
    client: Client, project: Project, owner: User
) -> None:
    deep: object = HUGE
    for _ in range(700):
        deep = [deep]
    nested = "[" * 700 + "]" * 700
    assert is_too_large(deep) and not is_too_large(json.loads(nested))
    for name, body in (
        ("mask-mark-add", f'{{"frame": 0, "object": 1, "kind": "click", "points": {nested}}}'),
        ("api-runs", f'{{"recipe": "object_paste", "params": {{"a": {nested}}}, "count": 1}}'),
        ("api-fusion-trainings", f'{{"name": "a", "painted": 1, "values": {{"a": {nested}}}}}'),
    ):
        path = reverse(name, kwargs=parts_of(name, project, owner))
        assert client.post(path, body, content_type="application/json").status_code == 400, name


# Of what the page of masks by hand sends, values that are none, field by field.
NUMBERS: tuple[object, ...] = (HUGE, "many", 1e400, None, [[]], {})
MASK_BODIES: dict[str, tuple[dict[str, object], dict[str, tuple[object, ...]]]] = {
    "mask-mark-add": (
        {"frame": 0, "object": 1, "kind": "click", "points": [[1, 1]]},
        {
            "frame": NUMBERS,
            "object": NUMBERS,
            "radius": NUMBERS,
            "soft": NUMBERS,
            "source_frame": (HUGE, "x", 1e400, [], {}),
            "kind": (5, None, [], "stamp"),
            "points": (
                5,
                "x",
                [5],
                ["a"],
                [["a", 1]],
                [[1]],
                [[1, 2, 3]],
                [[1e400, 1]],
                [[HUGE, 1]],
            ),
            "pressure": (5, "x", ["x"], [1e400], [None], [[1]]),
            "positive": ("perhaps", [], 7),
        },
    ),
    "mask-carry": ({"frame": 0}, {"frame": NUMBERS, "objects": (5, "x", ["a"], [[1]], [HUGE])}),
    "mask-object": (
        {},
        {
            "name": (5, [], {}),
            "colour": ("x", [], 1e400, HUGE),
            "locked": ("perhaps", [], 7),
            "remove": ("perhaps",),
        },
    ),
    "mask-object-add": ({}, {"name": (5, [], {})}),
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "field"),
    [(name, field) for name, (_, wrong) in MASK_BODIES.items() for field in wrong],
)
def test_no_field_of_a_mark_is_a_fault_whatever_it_holds(
    name: str, field: str, client: Client, project: Project, owner: User
) -> None:
    path = reverse(name, kwargs=parts_of(name, project, owner))
    good, wrong = MASK_BODIES[name]
    for value in wrong[field]:
        body = json.dumps(good | {field: value})
        answer = client.post(path, body, content_type="application/json")
        assert answer.status_code == 400, f"{value!r}: {answer.status_code}"


def test_views_read_numbers_in_one_way() -> None:
    """``str.isdecimal`` takes what no column holds, ``str.isdigit`` also what `int` refuses."""
    own = re.compile(r"\.is(decimal|digit|numeric)\(")
    views = [path for part in ("views", "api") for path in Path(ROOT).glob(f"*_app/{part}/*.py")]
    assert len(views) > 40
    assert [str(path) for path in views if own.search(path.read_text(encoding="utf-8"))] == []
