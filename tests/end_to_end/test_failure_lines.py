"""What the access line of a failed handshake says beyond its reason, and how many such lines there are in a flood."""

import re
import socket
import struct
import time

import pytest

from backends import Echo
from clients import TLS_1_2
from guarded import guarded, with_identity
from postern import Postern, forwarder
from raw_client import trust_nobody
from waiting import until


@pytest.fixture(scope="module")
def backend():
    with Echo() as b:
        yield b


def test_a_certificate_is_told_when_the_handshake_breaks_off_behind_it(site, backend, clients_of_the_test, people):
    with Postern(guarded(site, backend.destination, clients_of_the_test)) as postern:
        with postern.connect(with_identity(people["alice"], TLS_1_2), handshake=False) as client:
            client.socket.sendall(client.client_hello())
            flight = b""
            while not flight.endswith(b"\x0e\x00\x00\x00"):  # ServerHelloDone
                flight += client.socket.recv(65536)
            client._in.write(flight)
            answer = bytearray(client.client_hello())  # its next flight: certificate, key exchange, proof, Finished
            at, messages = 0, []
            while at < len(answer):
                size = 5 + int.from_bytes(answer[at + 3:at + 5], "big")
                messages.append((answer[at], answer[at + 5], at))
                at += size
            # The first: the encrypted Finished may begin with any byte.
            proof = next(at for record, message, at in messages if (record, message) == (22, 15))
            answer[proof + 5 + 4 + 4 + 10] ^= 1  # in the middle of the signature
            client.socket.sendall(answer)
            assert client.socket.recv(1)
            line = postern.entry(client)
    assert line["close"]["reason"] in ("protocol_error", "bad_record")
    assert (line["alert"]["by"], line["tls"]) == ("postern", None)
    assert "CN=alice" in line["client_cert"]["subject"]


def test_what_was_offered_and_openssls_words_are_in_the_line(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern:
        trust_nobody(postern)
        line, = until(postern.entries, "its line")
    assert line["offered"] == {"versions": ["TLSv1.2", "TLSv1.3"], "alpn": ["imap", "postgresql"]}
    assert line["alert"] == {"by": "client", "number": 48, "name": "unknown_ca"}
    assert line["close"]["detail"] == "tlsv1 alert unknown ca"


def test_a_text_line_tells_the_same(site, backend, clients_of_the_test, people):
    server = guarded(site, backend.destination, clients_of_the_test)
    with Postern(server, log={"format": "text"}) as postern:
        trust_nobody(postern)
        with postern.connect(with_identity(people["stranger"])) as client:
            client.receive_all()
        lines = until(lambda: postern.stdout().count("\n") == 2 and postern.stdout().splitlines(), "two lines")
    assert ' "localhost" - - in=0 ' in lines[0]
    assert ' offered=TLSv1.2,TLSv1.3 offered_alpn="imap,postgresql" alert=client/unknown_ca/48 close=' in lines[0]
    assert ' close=client/handshake/peer_alert "tlsv1 alert unknown ca" id=' in lines[0]
    assert re.search(r' client_cert="[^"]*CN=alice[^"]*" issuer="CN=somebody else" serial=[0-9A-F]+ sha256=[0-9a-f]{64} '
                     r'close=client/handshake/client_cert_untrusted "', lines[1])


def test_a_flood_of_failures_has_some_lines_and_a_count_while_every_connection_keeps_its_own(site, backend):
    failures, visits, begun = 60, 20, time.monotonic()
    with Postern(forwarder(site, backend.destination), workers=1,
                 log={"handshake_failures_per_second": 3}) as postern:
        for i in range(failures):
            with socket.create_connection(postern.address) as s:
                s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                s.recv(1)
            if i % (failures // visits) == 0:
                with postern.connect() as client:
                    assert client.ask(b"hello") == b"hello"
                    client.finish()
                    client.receive_all()
        postern.stop()
        written = [e["close"]["reason"] for e in postern.entries()]
        left_out = sum(map(int, re.findall(r"(\d+) failed handshakes without an access line", postern.stderr())))
    assert written.count("closed") == visits
    assert 3 <= written.count("plain_http") <= 3 * (time.monotonic() - begun + 1)
    assert written.count("plain_http") + left_out == failures


def test_health_checks_take_no_line_of_a_failure(site, backend):
    failures, probes = 20, 200
    with Postern(forwarder(site, backend.destination), workers=1,
                 log={"handshake_failures_per_second": failures}) as postern:
        for _ in range(failures):
            for _ in range(probes // failures):
                socket.create_connection(postern.address).close()
            with socket.create_connection(postern.address) as s:
                s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                s.recv(1)
        postern.stop()
        written = [e["close"]["reason"] for e in postern.entries()]
        left_out = sum(map(int, re.findall(r"(\d+) connections that ended before a handshake without an access line",
                                           postern.stderr())))
        assert "failed handshakes without" not in postern.stderr()
    assert written.count("plain_http") == failures
    assert written.count("client_gone") + left_out == probes
    assert written.count("client_gone") >= failures


def test_a_reload_may_lift_the_limit(site, backend):
    server = forwarder(site, backend.destination)
    with Postern(server, workers=1, log={"handshake_failures_per_second": 1}) as postern:
        postern.write(server, workers=1, log={"handshake_failures_per_second": 0})
        postern.reload_or_fail()
        for _ in range(300):
            with socket.create_connection(postern.address) as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                s.recv(1)
        until(lambda: len(postern.entries()) == 300, "a line for each")
