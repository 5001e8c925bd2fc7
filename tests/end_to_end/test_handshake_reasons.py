"""Every reason for which a handshake can fail, provoked by a client and found in its access line."""

import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import pytest

import clients
from backends import Echo
from client_certs import facts
from clients import TLS_1_2, TLS_1_3, context, s_client
from closed_list import handshake_reasons
from guarded import guarded, with_identity
from postern import Postern, forwarder
from raw_client import hello_of, raw, trust_nobody
from waiting import until

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Way:
    """How to provoke a reason, and what its line says beyond it."""

    act: Callable  # what the client does with a Postern
    phase: str = "handshake"
    by: str = "client"
    alert: tuple = None  # (who sent it, its name)
    hello: bool = True  # one was read
    ssl: dict = field(default_factory=dict)
    limits: dict = field(default_factory=dict)


def send(*pieces):
    return lambda postern: raw(postern, b"".join(pieces))


def try_in_python(**settings):
    def act(postern):
        with pytest.raises(OSError):  # whatever Python calls it
            clients.Client(postern.address, context(**settings))
    return act


def try_with_openssl(*options):
    return lambda postern: s_client(postern.address, *options)


def lie_about_a_length(postern):
    hello = bytearray(hello_of(postern))
    hello[5 + 4 + 2 + 32] = 255  # the session id's
    raw(postern, bytes(hello))


def say_more_than_64_kib(postern):
    record = b"\x16\x03\x01\x40\x00" + bytes(0x4000)

    def rest(s):
        try:
            for _ in range(8):
                s.sendall(record)
        except OSError:
            pass  # refused already
    raw(postern, b"\x16\x03\x01\x40\x00\x01\x03\x00\x00" + bytes(0x4000 - 4), rest)


def mean_another_server_after_a_retry(postern):
    """The server asks for another group, so that there is a second hello, which only OpenSSL reads."""
    with postern.connect(context(versions=TLS_1_3), handshake=False) as client:
        client.socket.sendall(client.client_hello())
        client._in.write(client.socket.recv(65536))
        second = client.client_hello()
        assert second.count(b"localhost") == 1
        client.socket.sendall(second.replace(b"localhost", b"elsewhere"))
        assert client.socket.recv(65536)


def answer_the_flight_with(data):
    def act(postern, versions=TLS_1_3):
        def answer(s):
            s.recv(1)
            s.sendall(data)
        raw(postern, hello_of(postern, context(versions=versions)), answer)
    return act


def leave_after_the_flight(postern):
    def leave(s):
        s.recv(1)
        s.shutdown(socket.SHUT_WR)
    raw(postern, hello_of(postern), leave)


def come_too_often(postern):
    def is_reset():
        try:
            postern.connect().close()
        except ConnectionResetError:
            return True
    until(is_reset, "more than one handshake in a second")


def have_to_wait_with_a_long_hello(postern):
    with postern.connect(handshake=False) as slow, \
         postern.connect(context(alpn=["postern-" + "x" * 100] * 60), handshake=False) as long:
        slow.socket.sendall(slow.client_hello())
        slow.socket.recv(1)
        long.socket.sendall(long.client_hello())
        with pytest.raises(ConnectionResetError):
            long.socket.recv(1)


GCM_128 = "ECDHE-ECDSA-AES128-GCM-SHA256"
GCM_256 = "ECDHE-ECDSA-AES256-GCM-SHA384"
GARBAGE = b"\x17\x03\x03\x00\x40" + bytes(range(64))
FINISHED_TOO_EARLY = b"\x16\x03\x03\x00\x10\x14\x00\x00\x0c" + bytes(12)

WAYS = {
    "not_tls": Way(send(b"SSH-2.0-OpenSSH_9.2\r\n"), "hello", hello=False),
    "plain_http": Way(send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "hello", hello=False),
    "bad_client_hello": Way(lie_about_a_length, "hello", alert=("postern", "decode_error"), hello=False),
    "sslv2_hello": Way(send(b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + bytes(40)), "hello", hello=False),
    "hello_too_large": Way(say_more_than_64_kib, "hello", alert=("postern", "decode_error"), hello=False),
    "no_common_protocol": Way(try_in_python(versions=TLS_1_2), ssl={"protocols": "TLSv1.3"},
                              alert=("postern", "protocol_version")),
    "no_common_cipher": Way(try_in_python(versions=TLS_1_2, ciphers=GCM_128),
                            ssl={"ciphers": GCM_256, "protocols": "TLSv1.2"}, alert=("postern", "handshake_failure")),
    "no_common_group": Way(try_with_openssl("-tls1_3", "-groups", "X448"), ssl={"ecdh_curve": "prime256v1"},
                           alert=("postern", "handshake_failure")),
    "no_common_signature": Way(try_with_openssl("-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256"),
                               alert=("postern", "handshake_failure")),
    "no_alpn": Way(try_in_python(alpn=["imap"]), ssl={"alpn": ["postgresql"]},
                   alert=("postern", "no_application_protocol")),
    "unknown_sni": Way(try_in_python(), "hello", ssl={"reject_handshake": True},
                       alert=("postern", "unrecognized_name")),
    "sni_mismatch": Way(mean_another_server_after_a_retry, ssl={"ecdh_curve": "secp384r1"},
                        alert=("postern", "illegal_parameter")),
    "peer_alert": Way(trust_nobody, alert=("client", "unknown_ca")),
    "peer_closed": Way(leave_after_the_flight),
    "bad_record": Way(answer_the_flight_with(GARBAGE), alert=("postern", "bad_record_mac")),
    "protocol_error": Way(lambda postern: answer_the_flight_with(FINISHED_TOO_EARLY)(postern, TLS_1_2),
                          alert=("postern", "unexpected_message")),
    "handshake_timeout": Way(lambda postern: raw(postern, hello_of(postern)), by="postern",
                             limits={"handshake_timeout": "1s"}),
    "handshake_rate": Way(come_too_often, "hello", limits={"handshake_rate": 1}),
    "address_rate": Way(come_too_often, "hello", limits={"handshake_rate_per_address": 1}),
    "shed": Way(have_to_wait_with_a_long_hello, "hello", by="postern", limits={"handshakes_in_flight": 1}),
}

# Who comes with a certificate that will not do, by the name that `people` has for them.
SHOWN = {
    "client_cert_missing": "nothing",
    "client_cert_expired": "expired",
    "client_cert_revoked": "revoked",
    "client_cert_untrusted": "stranger",
    "client_cert_denied": "bob",
}


@pytest.fixture(scope="module")
def backend():
    with Echo() as b:
        yield b


def line_of(postern, reason):
    line, *others = until(lambda: [e for e in postern.entries() if e["close"]["reason"] == reason], f"{reason} in the log")
    assert others == []
    return line


def test_the_list_has_no_reason_that_nobody_provokes():
    assert sorted([*WAYS, *SHOWN]) == sorted(handshake_reasons())


def test_the_page_for_operators_has_a_row_for_each_in_this_order():
    page = (ROOT / "docs" / "when-a-handshake-fails.md").read_text()
    table = page.partition("\n## 3.")[2]
    assert re.findall(r"^\| `([a-z0-9_]+)` \|", table, re.MULTILINE) == handshake_reasons()


def test_the_page_names_what_fails_no_handshake_as_failure_hpp_does():
    page = (ROOT / "docs" / "when-a-handshake-fails.md").read_text()
    others = page.partition("Other endings at this stage")[2].partition("`internal`")[0]
    code = (ROOT / "proxy" / "failure.hpp").read_text().partition("\n[[nodiscard]] bool fails_handshake")[0]
    comment = code.rpartition("\n\n")[2]
    named = re.findall(r"[a-z]+_[a-z]+|stopped", comment.partition("Not by")[2])
    assert re.findall(r"`([a-z_]+)`", others) == named and len(named) == 5


@pytest.mark.parametrize("reason", WAYS)
def test_a_client_provokes(site, backend, reason):
    way = WAYS[reason]
    server = forwarder(site, backend.destination, ssl=way.ssl)
    with Postern(server, limits=way.limits, workers=1) as postern:
        way.act(postern)
        line = line_of(postern, reason)
    assert (line["close"]["by"], line["close"]["phase"]) == (way.by, way.phase)
    assert line["client"]["ip"] == "127.0.0.1" and line["client"]["port"] > 0
    assert (line["sni"], line["offered"] is not None) == (("localhost", True) if way.hello else ("", False))
    assert (line["tls"], line["upstream"], line["client_cert"]) == (None, None, None)
    alert = line["alert"]
    assert (alert and (alert["by"], alert["name"])) == way.alert


@pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3], ids=["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("reason", SHOWN)
def test_a_client_is_refused_for(site, backend, clients_of_the_test, people, crl, reason, versions):
    who = people[SHOWN[reason]]
    server = guarded(site, backend.destination, clients_of_the_test, crl=crl, allow=[{"cn": "alice"}])
    settings = with_identity(who, versions)
    settings.set_alpn_protocols(["imap"])
    with Postern(server) as postern, postern.connect(settings) as client:
        assert client.receive_all() == b""
        line = postern.entry(client)
    assert (line["close"]["by"], line["close"]["phase"], line["close"]["reason"]) == ("client", "handshake", reason)
    version = versions[0].name.replace("v1_", "v1.")
    assert (line["offered"]["versions"][-1], line["offered"]["alpn"]) == (version, ["imap"])
    assert (line["tls"]["version"], line["alert"], line["upstream"]) == (version, None, None)
    if who is None:
        assert line["client_cert"] is None
        return
    shown = line["client_cert"]
    serial, = facts(who, "-serial")
    fingerprint, = facts(who, "-fingerprint", "-sha256")
    subject, issuer = facts(who, "-subject", "-issuer", "-nameopt", "RFC2253")
    assert (shown["subject"], shown["issuer"], shown["serial"]) == (subject, issuer, serial)
    assert shown["sha256"] == fingerprint.replace(":", "").lower()
