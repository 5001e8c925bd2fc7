"""What backends are told of clients' certificates, and that a client cannot say it for them."""

import base64
import ssl
import urllib.parse

import pytest

from client_certs import ClientAuthority, facts
from clients import TLS_1_2, TLS_1_3, context
from guarded import VERSIONS, guarded, visit, with_identity
from http_backends import Site, answer
from http_clients import browse, get
from postern import Postern, forwarder

NAMES = ["verify", "s_dn", "i_dn", "s_dn_legacy", "i_dn_legacy", "serial", "fingerprint", "fingerprint_sha256", "v_start",
         "v_end", "v_remain", "cert", "escaped_cert", "san_dns", "san_uri", "sigalg"]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return ClientAuthority(tmp_path_factory.mktemp("clients") / "root", "the root")


@pytest.fixture(scope="module")
def alice(root):
    return root.issue("alice", "DNS:a.example.org,DNS:b.example.org,URI:spiffe://example.org/a", unit="web")


@pytest.fixture
def backend():
    with Site(lambda request: answer()) as b:
        yield b


@VERSIONS
def test_every_variable_is_openssls_word(site, backend, root, alice, versions):
    headers = {f"X-{name.replace('_', '-')}": f"$ssl_client_{name}" for name in NAMES}
    with Postern(guarded(site, backend.destination, root, proxy_set_header=headers)) as postern:
        with browse(postern, with_identity(alice, versions)) as client:
            assert client.ask(get("/", "X-S-DN: CN=mallory", "X_Verify: SUCCESS")).status == 200
    request = backend.requests[0]

    def told(name):
        return request.get(f"X-{name.replace('_', '-')}")
    digits = [f.replace(":", "").lower() for f in facts(alice, "-fingerprint", "-sha1") + facts(alice, "-fingerprint", "-sha256")]
    assert told("verify") == "SUCCESS"
    assert told("s_dn") == "CN=alice,OU=web,O=Example"
    assert told("i_dn") == "CN=the root"
    assert told("s_dn_legacy") == "/O=Example/OU=web/CN=alice"
    assert told("i_dn_legacy") == "/CN=the root"
    assert [told("serial")] == facts(alice, "-serial")
    assert [told("fingerprint"), told("fingerprint_sha256")] == digits
    assert [told("v_start"), told("v_end")] == facts(alice, "-dates")
    assert told("v_remain") == "0"
    pem = alice.certificate.read_text()
    assert urllib.parse.unquote(told("escaped_cert")) == pem
    assert told("cert") == pem.strip().replace("\n", " ")
    assert told("san_dns") == "a.example.org,b.example.org"
    assert told("san_uri") == "spiffe://example.org/a"
    assert told("sigalg") == "ecdsa_secp256r1_sha256"
    assert "X_Verify" not in request.head.decode()


def test_without_a_certificate_they_are_left_out_and_nobody_can_forge_them(site, backend, root):
    headers = {"X-DN": "$ssl_client_s_dn", "X-Verify": "$ssl_client_verify"}
    with Postern(guarded(site, backend.destination, root, "optional", proxy_set_header=headers)) as postern:
        with browse(postern) as client:
            assert client.ask(get("/", "X-DN: CN=alice", "x-verify: SUCCESS", "X_DN: CN=alice")).status == 200
    assert backend.requests[0].all("X-DN") == []
    assert backend.requests[0].all("X-Verify") == ["NONE"]
    assert "alice" not in backend.requests[0].head.decode()


@VERSIONS
def test_client_cert_is_the_certificate_also_of_a_resumed_session(site, backend, root, alice, versions):
    with Postern(guarded(site, backend.destination, root, client_cert_header=True)) as postern:
        settings = with_identity(alice, versions)
        _, _, session = visit(postern, settings)
        assert visit(postern, settings, session)[:2] == (200, True)
        with browse(postern, settings) as client:
            client.ask(get("/", "Client-Cert: :Zm9yZ2Vk:", "Client-Cert-Chain: :Zm9yZ2Vk:", "Client_Cert: :Zm9yZ2Vk:"))
    expected = f":{base64.b64encode(alice.der()).decode()}:"
    assert [r.all("Client-Cert") for r in backend.requests] == [[expected]] * 3
    assert [r.all("Client-Cert-Chain") for r in backend.requests] == [[]] * 3
    assert "Zm9yZ2Vk" not in backend.requests[-1].head.decode()


@VERSIONS
def test_client_cert_chain_is_what_stood_behind_it_in_every_session(site, backend, root, versions, tmp_path):
    middle = ClientAuthority(tmp_path / "middle", "the middle", parent=root)
    bob = middle.issue("bob")
    with Postern(guarded(site, backend.destination, root, client_cert_header=True,
                         client_cert_chain_header=True)) as postern:
        settings = with_identity(bob, versions)
        status, _, session = visit(postern, settings)
        assert status == 200
        assert visit(postern, settings, session)[:2] == (200, False), "a resumed session would know no chain"
    der = ssl.PEM_cert_to_DER_cert(middle.certificate.read_text())
    assert [r.all("Client-Cert-Chain") for r in backend.requests] == [[f":{base64.b64encode(der).decode()}:"]] * 2
    assert [r.all("Client-Cert") for r in backend.requests] == [[f":{base64.b64encode(bob.der()).decode()}:"]] * 2


def test_without_a_certificate_there_is_no_client_cert_whatever_the_client_says(site, backend, root):
    forged = ["Client-Cert: :Zm9yZ2Vk:", "Client-Cert-Chain: :Zm9yZ2Vk:"]
    with Postern(guarded(site, backend.destination, root, "optional", client_cert_header=True),
                 forwarder(site, backend.destination), trusted_proxies=[]) as postern:
        with browse(postern) as client:
            assert client.ask(get("/", *forged)).status == 200
        postern.settings["servers"].reverse()
        with browse(postern) as client:
            assert client.ask(get("/", *forged)).status == 200
    assert [r.all("Client-Cert") + r.all("Client-Cert-Chain") for r in backend.requests] == [[], []]


def test_variables_of_the_hello(site, backend):
    headers = {"X-Id": "$ssl_session_id", "X-Ciphers": "$ssl_ciphers", "X-Curves": "$ssl_curves",
               "X-Sigalg": "$ssl_sigalg", "X-Sigalgs": "$ssl_sigalgs", "X-Early": "e$ssl_early_data"}
    with Postern(forwarder(site, backend.destination, proxy_set_header=headers)) as postern:
        for versions in (TLS_1_2, TLS_1_3):
            settings = context(versions=versions, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256")
            with browse(postern, settings) as client:
                assert client.ask(get()).status == 200
                session = client.connection.tls.session.id.hex()
            if versions == TLS_1_2:
                assert backend.requests[-1].get("X-Id") in (session, None)
    old, new = backend.requests
    assert old.get("X-Ciphers").startswith("ECDHE-ECDSA-AES128-GCM-SHA256")
    assert "TLS_AES_128_GCM_SHA256" in new.get("X-Ciphers").split(":")
    for request in (old, new):
        assert "X25519" in request.get("X-Curves").split(":")
        assert "ecdsa_secp256r1_sha256" in request.get("X-Sigalgs").split(":")
        assert request.get("X-Sigalg") == "ecdsa_secp256r1_sha256"
        assert request.get("X-Early") == "e"
