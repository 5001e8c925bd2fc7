"""Clients that do not get through the handshake: what they are told, and what the log says about them.

Each reason has its row in test_handshake_reasons.py; this is what lies beside them."""

import socket
import struct
import time

import pytest

import clients
from backends import Echo
from clients import TLS_1_2, TLS_1_3, Client, context, handshake_error, s_client
from postern import Postern, forwarder
from raw_client import hello_of, raw
from waiting import LONG, until


@pytest.fixture(scope="module")
def backend():
    with Echo() as b:
        yield b


@pytest.fixture(scope="module")
def postern(site):
    with Echo() as untouched:
        with Postern(forwarder(site, untouched.destination), limits={"handshake_timeout": "2s"}) as p:
            yield p
        assert untouched.accepted == 0, "no failed handshake may reach the backend"


def newest_failure(postern, reason):
    return until(lambda: [e for e in postern.entries() if e["close"]["reason"] == reason], f"{reason} in the log")[-1]


def test_an_http_request_has_a_reason_of_its_own(postern):
    code, _ = clients.curl("http://%s:%d/" % postern.address, "/dev/null")
    assert code != 0
    _, port = raw(postern, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert postern.ending(port) == ("client", "hello", "plain_http")


def test_a_client_hello_whose_lengths_lie_is_refused(postern):
    hello = bytearray(hello_of(postern))
    session_id_length = 5 + 4 + 2 + 32
    hello[session_id_length] = 255
    answer, port = raw(postern, bytes(hello))
    assert postern.ending(port) == ("client", "hello", "bad_client_hello")
    assert answer == bytes([21, 3, 3, 0, 2, 2, 50]), "a decode_error alert"


def test_a_hello_that_comes_byte_by_byte_is_a_hello(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern:
        with Client(postern.address, handshake=False) as client:
            for byte in client.client_hello():
                client.socket.sendall(bytes([byte]))
            client.handshake()
            assert client.ask(b"hello") == b"hello"


def test_a_client_that_leaves_before_its_first_byte_is_gone(postern):
    with socket.create_connection(postern.address) as s:
        port = s.getsockname()[1]
    assert postern.ending(port) == ("client", "hello", "client_gone")


def test_a_client_that_leaves_in_mid_hello_has_closed(postern):
    _, port = raw(postern, hello_of(postern)[:100], lambda s: s.shutdown(socket.SHUT_WR))
    assert postern.ending(port) == ("client", "hello", "peer_closed")


@pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3], ids=["TLSv1.2", "TLSv1.3"])
def test_garbage_after_the_hello_is_refused(postern, versions):
    garbage = b"\x17\x03\x03\x00\x40" + bytes(range(64))

    def send_garbage(s):
        s.recv(1)
        s.sendall(garbage)
    _, port = raw(postern, hello_of(postern, context(versions=versions)), send_garbage)
    by, phase, reason = postern.ending(port)
    assert (by, phase) == ("client", "handshake")
    assert reason in ("bad_record", "protocol_error")


def test_silence_ends_by_the_handshake_timeout(postern):
    answer, port = raw(postern, b"")
    assert answer == b""
    assert postern.ending(port) == ("postern", "hello", "handshake_timeout")


def test_dribbling_does_not_prolong_the_handshake_timeout(postern):
    hello = hello_of(postern)
    with socket.create_connection(postern.address, timeout=LONG) as s:
        port = s.getsockname()[1]
        with pytest.raises(OSError):
            for byte in hello:
                s.sendall(bytes([byte]))
                time.sleep(0.1)
    assert postern.ending(port) == ("postern", "hello", "handshake_timeout")


def test_a_server_may_have_a_handshake_timeout_of_its_own(site, backend):
    slow = {"handshake_timeout": "1s"}
    with Postern(forwarder(site, backend.destination, ssl=slow), limits={"handshake_timeout": "10m"}) as postern:
        _, port = raw(postern, hello_of(postern))
        assert postern.ending(port) == ("postern", "handshake", "handshake_timeout")


def test_no_common_protocol(site, backend):
    with Postern(forwarder(site, backend.destination, ssl={"protocols": "TLSv1.3"})) as postern:
        assert handshake_error(postern.address, context(versions=TLS_1_2)) == "TLSV1_ALERT_PROTOCOL_VERSION"
        entry = newest_failure(postern, "no_common_protocol")
        assert (entry["close"]["by"], entry["close"]["phase"]) == ("client", "handshake")


def test_no_common_cipher(site, backend):
    only = {"ciphers": "ECDHE-ECDSA-AES256-GCM-SHA384", "protocols": "TLSv1.2"}
    with Postern(forwarder(site, backend.destination, ssl=only)) as postern:
        other = context(versions=TLS_1_2, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256")
        assert handshake_error(postern.address, other) == "SSLV3_ALERT_HANDSHAKE_FAILURE"
        newest_failure(postern, "no_common_cipher")


def test_no_common_group(site, backend):
    with Postern(forwarder(site, backend.destination, ssl={"ecdh_curve": "prime256v1"})) as postern:
        assert "alert handshake failure" in s_client(postern.address, "-tls1_3", "-groups", "X448")
        newest_failure(postern, "no_common_group")


def test_no_common_signature(postern):
    assert "alert handshake failure" in s_client(postern.address, "-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256")
    newest_failure(postern, "no_common_signature")


def test_an_alpn_offer_without_anything_of_ours_is_refused(site, backend):
    with Postern(forwarder(site, backend.destination, ssl={"alpn": ["postgresql"]})) as postern:
        handshake_error(postern.address, context(alpn=["imap"]))  # Python has no word for this alert
        newest_failure(postern, "no_alpn")
        with postern.connect(context(alpn=["imap", "postgresql"])) as client:
            assert client.tls.selected_alpn_protocol() == "postgresql"
            assert client.ask(b"hello") == b"hello"
            client.reset()
            assert postern.entry(client.port)["alpn"] == "postgresql"
        with postern.connect() as client:
            assert client.tls.selected_alpn_protocol() is None
            assert client.ask(b"hello") == b"hello"


def test_tls_1_1_is_refused(postern):
    said = s_client(postern.address, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    assert "alert protocol version" in said
    newest_failure(postern, "no_common_protocol")


def test_renegotiation_by_the_client_is_refused(site, backend):
    with Postern(forwarder(site, backend.destination, ssl={"protocols": "TLSv1.2"})) as postern:
        # s_client starts one at a line that is "R".
        said = s_client(postern.address, "-tls1_2", send="R\n")
        assert "RENEGOTIATING" in said
        assert "no renegotiation" in said


def test_a_reset_in_mid_hello_is_logged(postern):
    with socket.create_connection(postern.address) as s:
        port = s.getsockname()[1]
        s.sendall(b"\x16\x03\x01")
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert postern.ending(port) == ("client", "hello", "client_reset")
