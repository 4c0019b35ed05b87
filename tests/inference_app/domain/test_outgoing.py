"""Where requests may go: decided after the name was looked up."""

from __future__ import annotations

import pytest

from inference_app.domain.outgoing import destination
from matteweb.errors import BadInput, Conflict, NotAllowed


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "[::1]", "[fd00::1]",
             "[::ffff:10.0.0.1]", "127.1"],
)  # fmt: skip
def test_inner_addresses_need_permission(host: str) -> None:
    with pytest.raises(NotAllowed, match="not a public address"):
        destination(f"http://{host}:8000/v1", private=False)
    assert destination(f"http://{host}:8000/v1", private=True).url.endswith(":8000/v1")


@pytest.mark.parametrize("host", ["0", "224.0.0.1", "[ff02::1]"])
def test_what_is_no_machine_is_refused_always(host: str) -> None:
    with pytest.raises(NotAllowed):
        destination(f"http://{host}/", private=True)


def test_a_public_address_is_kept_and_the_name_stays_beside_it() -> None:
    found = destination("https://8.8.8.8:8443/v1/chat?x=1", private=False)
    assert (found.url, found.host, found.name) == (
        "https://8.8.8.8:8443/v1/chat?x=1", "8.8.8.8:8443", "8.8.8.8"
    )  # fmt: skip


def test_the_address_that_was_looked_at_is_the_one_that_is_gone_to() -> None:
    found = destination("http://127.1:81/v1", private=True)
    assert (found.name, found.host) == ("127.1", "127.1:81")
    assert found.url == "http://127.0.0.1:81/v1"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://8.8.8.8/", "https:///v1", "https://a:b@8.8.8.8/", "8.8.8.8"],
)
def test_anything_else_is_no_address(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        destination(url, private=True)
    assert "a:b" not in str(refused.value)


def test_a_name_that_nobody_knows_is_told() -> None:
    with pytest.raises(Conflict, match="cannot be looked up"):
        destination("https://no-such-host.invalid/v1", private=False)
