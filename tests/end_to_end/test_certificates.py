"""Kinds of keys and certificates that a server can show."""

import pytest

from backends import Echo
from clients import TLS_1_2, TLS_1_3, context, s_client, signature_type
from postern import Postern, forwarder, run


@pytest.fixture(scope="module")
def backend():
    with Echo() as b:
        yield b


@pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3], ids=["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("kind", ["ec", "rsa", "ed25519"])
def test_a_key_of_each_kind_serves_each_version(authority, backend, kind, versions):
    identity = authority.issue("localhost", kind=kind)
    with Postern(forwarder(identity, backend.destination)) as postern:
        with postern.connect(context(authority.certificate, versions)) as client:
            assert client.ask(b"hello") == b"hello"
            assert client.tls.version() == versions[0].name.replace("_", ".")


def test_a_chain_with_an_intermediate_is_sent_whole(authority, backend):
    identity = authority.issue("localhost", intermediate=True)
    with Postern(forwarder(identity, backend.destination)) as postern:
        # The client knows the root alone.
        with postern.connect(context(authority.certificate)) as client:
            assert client.ask(b"hello") == b"hello"


def test_an_encrypted_key_is_opened_with_the_password_file(authority, backend, tmp_path):
    identity = authority.issue("localhost", password="open sesame")
    passwords = tmp_path / "passwords"
    passwords.write_text("a wrong one\nopen sesame\n")
    with Postern(forwarder(identity, backend.destination, ssl={"password_file": str(passwords)})) as postern:
        with postern.connect(context(authority.certificate)) as client:
            assert client.ask(b"hello") == b"hello"


def test_an_encrypted_key_without_its_password_is_a_problem_of_the_configuration(authority, tmp_path):
    identity = authority.issue("localhost", password="open sesame")
    passwords = tmp_path / "passwords"
    passwords.write_text("a wrong one\n")
    unstarted = Postern(forwarder(identity, "tcp://127.0.0.1:1", ssl={"password_file": str(passwords)}))
    for verb in ["check", "serve"]:
        done = run(verb, "-c", unstarted.config_file)
        assert done.returncode == 78
        assert "certificate_key" in done.stdout + done.stderr


def test_rsa_and_ecdsa_for_one_name(authority, backend):
    ecdsa, rsa = authority.issue("localhost"), authority.issue("localhost", kind="rsa")
    server = forwarder(ecdsa, backend.destination)
    server["ssl"] = {"certificate": [str(ecdsa.certificate), str(rsa.certificate)],
                     "certificate_key": [str(ecdsa.key), str(rsa.key)]}
    with Postern(server) as postern:
        for cipher, expected in [("ECDHE-ECDSA-AES128-GCM-SHA256", ecdsa), ("ECDHE-RSA-AES128-GCM-SHA256", rsa)]:
            with postern.connect(context(authority.certificate, TLS_1_2, ciphers=cipher)) as client:
                assert client.tls.getpeercert(binary_form=True) == expected.der()
        for algorithms, kind in [("ECDSA+SHA256", "ECDSA"), ("rsa_pss_rsae_sha256", "RSA-PSS")]:
            assert signature_type(s_client(postern.address, "-tls1_3", "-sigalgs", algorithms)) == kind


def test_the_key_may_be_in_the_certificate_file(authority, backend, tmp_path):
    identity = authority.issue("localhost")
    both = tmp_path / "both.pem"
    both.write_text(identity.certificate.read_text() + identity.key.read_text())
    both.chmod(0o600)
    server = forwarder(identity, backend.destination)
    server["ssl"] = {"certificate": str(both), "certificate_key": str(both)}
    with Postern(server) as postern, postern.connect(context(authority.certificate)) as client:
        assert client.ask(b"hello") == b"hello"


def test_a_key_that_others_can_read_draws_a_warning(authority, backend):
    identity = authority.issue("localhost")
    identity.key.chmod(0o644)
    with Postern(forwarder(identity, backend.destination)) as postern:
        postern.said("certificate_key")
        with postern.connect() as client:
            assert client.ask(b"hello") == b"hello"


def test_a_key_of_another_certificate_is_refused(authority):
    one, other = authority.issue("localhost"), authority.issue("localhost")
    server = forwarder(one, "tcp://127.0.0.1:1")
    server["ssl"]["certificate_key"] = str(other.key)
    unstarted = Postern(server)
    for verb in ["check", "serve"]:
        done = run(verb, "-c", unstarted.config_file)
        assert done.returncode == 78
        assert "servers[0].ssl.certificate_key" in done.stdout + done.stderr
