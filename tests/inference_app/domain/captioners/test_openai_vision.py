"""The captioner by address, against a real server on loopback."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from datasets_app.domain.captions import WORD_LIMITS, word_findings
from datasets_app.domain.progress import never_stop
from inference_app.domain.captioners import openai_vision
from inference_app.domain.captioners.base import TokenBudget
from inference_app.domain.captioners.openai_vision import Endpoint, OpenAiVision, use_endpoint
from inference_app.domain.captioners.prompts import SUMMARY_WORDS, within
from matteweb.errors import BadInput, Cancelled, Conflict, NotAllowed
from tests.caption_server import Answer, CaptionServer, caption_server, failed, said

PICTURES = [np.full((90, 160, 3), (200, 10 * n, 30), np.uint8) for n in range(3)]
LONG = "A red boat lies on a calm lake at dusk. " * 30


@pytest.fixture(autouse=True)
def _own_endpoint() -> Iterator[None]:
    before = list(openai_vision._endpoints)
    yield
    openai_vision._endpoints[:] = before


def endpoint_of(server: CaptionServer, **more: Any) -> None:
    own = Endpoint(server.url, "eye", key="secret", private=True, timeout=5, pause=0.01)
    use_endpoint(replace(own, **more))


def describe(budget: TokenBudget | None = None) -> Any:
    return OpenAiVision().describe(PICTURES, budget or TokenBudget(10_000), never_stop)


def test_one_look_and_three_shortenings_give_four_lengths() -> None:
    with caption_server(lambda number, _: said(f"Caption {number}.")) as server:
        endpoint_of(server)
        budget = TokenBudget(10_000)
        found = describe(budget)
    assert found.captions.verbose == "Caption 0."
    assert {found.captions.prompt, found.captions.short, found.captions.summary} == {
        "Caption 1.", "Caption 2.", "Caption 3."
    }  # fmt: skip
    assert (found.model, budget.spent) == ("eye-1", 400)
    assert [len(pictures_in(body)) for body, _ in server.asked] == [3, 0, 0, 0]
    assert all("Caption 0." in str(body["messages"][-1]) for body, _ in server.asked[1:])


def test_the_request_is_what_such_services_expect() -> None:
    with caption_server(lambda number, _: said("A boat.")) as server:
        endpoint_of(server)
        describe()
        body, headers = server.asked[0]
    assert headers["path"] == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert headers["Host"] == f"127.0.0.1:{server.port}"
    assert body["model"] == "eye"
    first = pictures_in(body)[0]
    decoded = cv2.imdecode(np.frombuffer(first, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert np.abs(np.asarray(decoded).mean(axis=(0, 1)) - PICTURES[0][0, 0]).max() < 4


def pictures_in(body: dict[str, Any]) -> list[bytes]:
    content = body["messages"][-1]["content"]
    if isinstance(content, str):
        return []
    urls = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
    return [base64.b64decode(url.split(",")[1]) for url in urls]


def test_an_answer_that_is_too_long_ends_with_a_whole_sentence() -> None:
    with caption_server(lambda number, _: said(LONG)) as server:
        endpoint_of(server)
        captions = describe().captions
    assert word_findings(captions) == []
    for text in (captions.short, captions.prompt, captions.verbose):
        assert text.endswith("at dusk.")
    assert len(captions.summary.split()) <= SUMMARY_WORDS
    assert within("one " * 40, "short").split().__len__() == WORD_LIMITS["short"]


@pytest.mark.parametrize("trouble", [429, 500, 503, None])
def test_a_passing_trouble_is_waited_out(trouble: int | None) -> None:
    def answers(number: int, _: dict[str, Any]) -> Answer | None:
        if number < 2:
            return failed(trouble, "busy") if trouble else None
        return said("A boat.")

    with caption_server(answers) as server:
        endpoint_of(server)
        assert describe().captions.verbose == "A boat."
    assert len(server.asked) == 6


def test_the_service_says_how_long_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(openai_vision._Asking, "_wait", lambda _, seconds: waited.append(seconds))
    with caption_server(
        lambda number, _: said("A boat.") if number > 1 else failed(429, "x", Retry_After="7")
    ) as server:
        endpoint_of(server)
        describe()
    assert waited == [7.0, 7.0]


def test_trouble_that_stays_is_told_after_all_tries() -> None:
    with caption_server(lambda *_: failed(503, "the model is loading")) as server:
        endpoint_of(server, tries=3)
        with pytest.raises(Conflict, match=r"3 tries: the model is loading"):
            describe()
    assert len(server.asked) == 3


def test_a_service_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        use_endpoint(
            Endpoint(
                f"http://127.0.0.1:{silent.getsockname()[1]}/v1",
                "eye", private=True, timeout=0.2, tries=2, pause=0.01,
            )
        )  # fmt: skip
        with pytest.raises(Conflict, match="2 tries: timed out"):
            describe()


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, Conflict, "MATTEWEB_CAPTION_KEY"),
        (404, Conflict, "MATTEWEB_CAPTION_URL"),
        (400, BadInput, "by hand"),
    ],
)
def test_a_refusal_is_not_repeated(status: int, kind: type[Exception], words: str) -> None:
    with caption_server(lambda *_: failed(status, "no such thing")) as server:
        endpoint_of(server)
        with pytest.raises(kind, match="no such thing") as refused:
            describe()
    assert words in str(refused.value)
    assert len(server.asked) == 1
    assert "secret" not in str(refused.value)


def test_a_budget_ends_before_it_is_exceeded() -> None:
    with caption_server(lambda *_: said("A boat.", tokens=300)) as server:
        endpoint_of(server)
        budget = TokenBudget(900)
        with pytest.raises(Conflict, match="600 of 900 tokens are spent"):
            describe(budget)
    assert len(server.asked) == 2


def test_an_empty_answer_is_a_matter_of_this_video() -> None:
    with caption_server(lambda *_: said("  ")) as server:
        endpoint_of(server)
        with pytest.raises(BadInput, match="gave no caption"):
            describe()


def test_a_page_that_is_no_such_service_is_told() -> None:
    with caption_server(lambda *_: (200, {"hello": "world"}, {})) as server:
        endpoint_of(server)
        with pytest.raises(Conflict, match="not the chat protocol"):
            describe()


def test_whoever_stops_it_does_not_wait_for_the_pause() -> None:
    with caption_server(lambda *_: failed(503, "busy")) as server:
        endpoint_of(server, pause=30)
        with pytest.raises(Cancelled):
            OpenAiVision().describe(PICTURES, TokenBudget(10_000), lambda: len(server.asked) > 0)


def test_an_inner_address_is_refused_unless_it_was_allowed() -> None:
    with caption_server(lambda *_: said("A boat.")) as server:
        endpoint_of(server, private=False)
        with pytest.raises(NotAllowed, match="not a public address"):
            describe()
    assert server.asked == []


def test_what_is_missing_is_named() -> None:
    use_endpoint(Endpoint("", ""))
    assert OpenAiVision().unavailable() == "set MATTEWEB_CAPTION_URL and MATTEWEB_CAPTION_MODEL"
    use_endpoint(Endpoint("https://x/v1", ""))
    assert OpenAiVision().unavailable() == "set MATTEWEB_CAPTION_MODEL"
