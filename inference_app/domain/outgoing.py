"""Where a request that this program makes may go, decided by addresses and not by names.

A name is looked up once, every address that it has must be allowed, and the connection goes to the
address that was looked at: a name that means something else a moment later changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from matteweb.errors import BadInput, Conflict, NotAllowed


@dataclass(frozen=True, slots=True)
class Destination:
    """``url`` names an address instead of a host; ``host`` is what the request and its certificate
    are for."""

    url: str
    host: str
    name: str


def destination(url: str, *, private: bool) -> Destination:
    """Look up the host of ``url``. ``private``: addresses of the machine and the local network are
    allowed too.

    Raises BadInput for anything but http and https, without a host or with a password in it,
    Conflict when the name cannot be looked up, NotAllowed for an address that is not public.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise BadInput(f"{url} has no usable port", hint="check the address") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise BadInput(
            f"{_without_secrets(url)} is no address of a service",
            hint="write it as https://host/v1, without a password",
        )
    address = _checked(parts.hostname, port or (443 if parts.scheme == "https" else 80), private)
    literal = f"[{address}]" if address.version == 6 else str(address)
    place = literal if port is None else f"{literal}:{port}"
    host = parts.hostname if port is None else f"{parts.hostname}:{port}"
    pinned = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    return Destination(pinned, host, parts.hostname)


def _checked(host: str, port: int, private: bool) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Conflict(
            f"the name {host} cannot be looked up", hint="check it and the network"
        ) from error
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    for address in addresses:
        inner = getattr(address, "ipv4_mapped", None) or address
        # Multicast and the like are no service's address, whatever the administrator allows.
        usable = inner.is_global or (private and (inner.is_private or inner.is_loopback))
        if not usable or inner.is_multicast or inner.is_unspecified:
            raise NotAllowed(
                f"{host} is {address}, which is not a public address",
                hint="an administrator allows it with MATTEWEB_CAPTION_PRIVATE_ADDRESSES=1",
            )
    return addresses[0]


def _without_secrets(url: str) -> str:
    return url.split("@")[-1].split("?")[0]
