"""Thousands of connections that say nothing cost little, and are all still there afterwards."""

from contextlib import ExitStack

from backends import Echo
from client_certs import ClientAuthority
from clients import context
from http_backends import Site
from http_clients import browse, browse_plainly, get
from postern import Postern, forwarder, sanitized

COUNT = 2000


def test_two_thousand_idle_connections_all_still_work(site):
    settings = context()
    with Echo() as backend, Postern(forwarder(site, backend.destination)) as postern, ExitStack() as stack:
        before = postern.memory()
        idle = [stack.enter_context(postern.connect(settings)) for _ in range(COUNT)]
        for client in idle:
            assert client.ask(b"hello") == b"hello"
        backend.until_open(COUNT)
        each = (postern.memory() - before) // COUNT
        print(f"{each} bytes a connection")
        # Buffers are lent only while bytes are in flight; of the handshake and of OpenSSL's object nothing stays.
        assert sanitized() or each < 12 * 1024
        for i, client in enumerate(idle):
            question = b"still there, %d?" % i
            assert client.ask(question) == question
        for client in idle:
            client.finish()
        backend.until_open(0)
        for client in idle:
            assert client.receive() == b""


def test_two_thousand_tcp_connections_that_never_speak_do_not_disturb_others(site):
    with Echo() as backend:
        limits = {"handshake_timeout": "10m"}
        with Postern(forwarder(site, backend.destination), limits=limits) as postern, ExitStack() as stack:
            before = postern.memory()
            for _ in range(COUNT):
                stack.enter_context(postern.connect(handshake=False))
            with postern.connect() as client:
                assert client.ask(b"hello") == b"hello"
            each = (postern.memory() - before) // COUNT
            print(f"{each} bytes a silent connection")
            assert sanitized() or each < 4 * 1024
            assert backend.accepted == 1


def test_two_thousand_http_clients_between_two_requests_cost_less_than_a_page_each():
    with Site() as backend, Postern(forwarder(None, backend.destination), workers=1) as postern, ExitStack() as stack:
        before = postern.memory()
        idle = [stack.enter_context(browse_plainly(postern.address)) for _ in range(COUNT)]
        for client in idle:
            assert client.ask(get()).body == b"ok"
        each = (postern.memory() - before) // COUNT
        print(f"{each} bytes a client between two requests")
        # Without TLS, whose memory is OpenSSL's: what a request needs comes with its first byte and goes with its last.
        assert sanitized() or each < 3 * 1024
        for client in idle:
            assert client.ask(get()).body == b"ok"


def test_a_client_with_a_certificate_costs_little_more_while_it_is_silent(site, tmp_path):
    people = ClientAuthority(tmp_path / "people")
    alice = people.issue("alice", "URI:spiffe://example.org/web/alice")
    settings = context()
    settings.load_cert_chain(alice.certificate, alice.key)
    ssl = {"client_certificate": str(people.certificate), "verify_client": "on"}
    with Site() as backend, Postern(forwarder(site, backend.destination, ssl=ssl), workers=1) as postern, \
            ExitStack() as stack:
        idle = [stack.enter_context(browse(postern, settings)) for _ in range(200)]
        for client in idle:
            assert client.ask(get()).body == b"ok"
        before = postern.memory()
        more = [stack.enter_context(browse(postern, settings)) for _ in range(COUNT // 2)]
        for client in more:
            assert client.ask(get()).body == b"ok"
        each = (postern.memory() - before) // (COUNT // 2)
        print(f"{each} bytes a client with a certificate")
        # What an access line and the backend are told of it; nothing of OpenSSL's.
        assert sanitized() or each < 8 * 1024
        for client in idle + more:
            assert client.ask(get()).body == b"ok"
