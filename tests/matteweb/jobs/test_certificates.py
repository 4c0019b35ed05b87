"""The authority of an installation: trusted, it vouches for this machine and for nothing else."""

from __future__ import annotations

import hashlib
import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest

from matteweb.jobs.certificates import Certificate, certificate_ensure, machine_names


@pytest.fixture
def made(tmp_path: Path) -> Certificate:
    return certificate_ensure(tmp_path / "tls")


def greeted(certificate: Certificate, name: str) -> None:
    """Shake hands as ``name`` with somebody who trusts only the authority."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate.certificate, certificate.key)
    trusting = ssl.create_default_context(cafile=str(certificate.authority))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            try:
                server.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()  # the other side did not trust us

        threading.Thread(target=answer, daemon=True).start()
        with socket.create_connection(listener.getsockname()) as plain:
            trusting.wrap_socket(plain, server_hostname=name).close()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_who_trusts_the_authority_trusts_this_machine(made: Certificate, name: str) -> None:
    greeted(made, name)


def test_it_vouches_for_no_other_name(made: Certificate) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="match"):
        greeted(made, "elsewhere.example.org")


def test_without_the_authority_nobody_trusts_it(made: Certificate, tmp_path: Path) -> None:
    other = certificate_ensure(tmp_path / "other")
    mixed = Certificate(made.certificate, made.key, other.authority, "", ())
    with pytest.raises(ssl.SSLCertVerificationError):
        greeted(mixed, "localhost")


def test_the_fingerprint_is_that_of_the_file_that_people_import(made: Certificate) -> None:
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(made.authority.read_text())).hexdigest()
    assert made.fingerprint.replace(":", "").lower() == digest


def test_keys_are_for_their_owner_alone(made: Certificate) -> None:
    for key in (made.key, made.key.parent / "ca.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_second_start_changes_nothing_and_a_new_name_only_the_server(made: Certificate) -> None:
    folder = made.key.parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    again = certificate_ensure(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    renamed = certificate_ensure(folder, ("mattes.lan",))
    assert renamed.fingerprint == again.fingerprint
    assert made.certificate.read_bytes() != before["server.crt"]
    assert made.authority.read_bytes() == before["ca.crt"]
    greeted(renamed, "mattes.lan")


def test_an_authority_that_was_replaced_signs_the_server_anew(made: Certificate) -> None:
    folder = made.key.parent
    (folder / "ca.key").unlink()
    assert certificate_ensure(folder).fingerprint != made.fingerprint
    greeted(made, "localhost")


def test_this_machine_has_a_name_and_an_address() -> None:
    assert {"localhost", "127.0.0.1", socket.gethostname()} <= set(machine_names())
