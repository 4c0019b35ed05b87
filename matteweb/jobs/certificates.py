"""A certificate authority of this installation, for https inside a local network.

Browsers decode exact frames only at https or localhost. A public authority signs no address of a
local network, so this one signs for the names of this machine and for nothing else; people who
trust it once see no warning afterwards.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_YEARS = 10
# Browsers refuse certificates of servers that are valid for longer.
SERVER_DAYS = 397
RENEW_DAYS = 30
_CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server needs, and what a person compares and brings to other machines."""

    certificate: Path
    key: Path
    authority: Path
    fingerprint: str
    names: tuple[str, ...]


def certificate_ensure(folder: Path, extra_names: tuple[str, ...] = ()) -> Certificate:
    """Return the certificate for this machine's names; make it, or make it anew, when it is needed.

    The authority stays the same as long as its files do. Keys are readable by their owner alone.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = tuple(dict.fromkeys((*machine_names(), *extra_names)))
    authority_key, authority = _authority(folder)
    served = folder / "server.crt"
    if not _holds(served, authority, names):
        _sign_server(folder, names, authority_key, authority)
    digest = authority.fingerprint(hashes.SHA256()).hex(":").upper()
    return Certificate(served, folder / "server.key", folder / "ca.crt", digest, names)


def machine_names() -> tuple[str, ...]:
    """Return the names and addresses under which this machine is reached, the nearest first."""
    found = ["localhost", "127.0.0.1", "::1", socket.gethostname()]
    for addresses in psutil.net_if_addrs().values():
        found += [
            address.address
            for address in addresses
            if address.family in (socket.AF_INET, socket.AF_INET6) and "%" not in address.address
        ]
    return tuple(dict.fromkeys(name for name in found if name))


def lan_address() -> str:
    """Return the address that other machines of the network reach, 127.0.0.1 without a network.

    Connecting a datagram socket sends nothing; it only asks which way it would go.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address: str = probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"
    return address


def _authority(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_file, file = folder / "ca.key", folder / "ca.crt"
    if key_file.is_file() and file.is_file():
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        authority = x509.load_pem_x509_certificate(file.read_bytes())
        if isinstance(key, ec.EllipticCurvePrivateKey) and _lasts(authority):
            return key, authority
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named(f"MatteWeb of {socket.gethostname()}")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    authority = (
        _builder(name, name, key.public_key(), timedelta(days=365 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_file, key)
    file.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return key, authority


def _sign_server(
    folder: Path,
    names: tuple[str, ...],
    authority_key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    server = (
        _builder(
            _named("MatteWeb"), authority.subject, key.public_key(), timedelta(days=SERVER_DAYS)
        )
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    _write_key(folder / "server.key", key)
    (folder / "server.crt").write_bytes(server.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    valid: timedelta,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now - _CLOCKS_DIFFER + valid)
    )


def _holds(file: Path, authority: x509.Certificate, names: tuple[str, ...]) -> bool:
    """Whether the certificate is there, of this authority, for these names, and lasts."""
    if not file.is_file():
        return False
    server = x509.load_pem_x509_certificate(file.read_bytes())
    named = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    same = set(named) == {_general(name) for name in names}
    try:
        server.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return same and _lasts(server)


def _lasts(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc - datetime.now(UTC) > timedelta(days=RENEW_DAYS)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    # Created closed: between writing and closing it, others could read it.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(pem)
