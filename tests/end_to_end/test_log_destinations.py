"""Logs that go to syslog and to the journal."""

import json
import re
import signal
import socket

import pytest

from http_backends import Site
from http_clients import browse, get
from log_receivers import Datagrams
from postern import Postern, forwarder, run
from waiting import LONG


@pytest.fixture(scope="module")
def backend():
    with Site() as b:
        yield b


@pytest.fixture
def receiver():
    with Datagrams() as r:
        yield r


def knock(postern):
    """A client whose handshake fails. Its port."""
    with socket.create_connection(postern.address) as s:
        s.sendall(b"SSH-2.0-x\r\n")
        s.recv(1)
        return s.getsockname()[1]


def test_the_journal_has_a_field_for_what_one_looks_for(site, backend, receiver):
    with Postern(forwarder(site, backend.destination), log={"access": f"journal:{receiver.path}"}) as postern:
        port = knock(postern)
        entry = receiver.entry()
        line = json.loads(entry.pop("MESSAGE"))
        assert entry == {"PRIORITY": "6", "SYSLOG_IDENTIFIER": "postern", "POSTERN_ID": line["id"],
                         "POSTERN_CONNECTION": line["id"], "POSTERN_LISTENER": "%s:%d" % postern.address,
                         "POSTERN_CLIENT": f"127.0.0.1:{port}", "POSTERN_BY": "client", "POSTERN_PHASE": "hello",
                         "POSTERN_REASON": "not_tls"}
        with browse(postern) as client:
            client.ask(get())
        entry = receiver.entry()
        line = json.loads(entry.pop("MESSAGE"))
        assert (entry["POSTERN_ID"], entry["POSTERN_CONNECTION"]) == (line["id"], line["connection"])
        assert (entry["POSTERN_STATUS"], entry["POSTERN_SNI"], entry["POSTERN_REASON"]) == ("200", "localhost", "answered")
        assert postern.stdout() == ""


def test_diagnostics_come_to_the_journal_with_their_level(site, backend, receiver):
    with Postern(forwarder(site, backend.destination), log={"file": f"journal:{receiver.path}", "format": "text"}) as postern:
        assert receiver.entry() == {"PRIORITY": "6", "SYSLOG_IDENTIFIER": "postern",
                                    "MESSAGE": "serving 1 addresses with 2 workers"}
        postern.config_file.write_text("servers: [")
        assert postern.reload().returncode != 0
        assert receiver.entry_with(PRIORITY="3")["MESSAGE"].startswith("reload: ")


HEADER = r"<%d>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z %s %s %d %s - "


def test_syslog_gets_messages_of_rfc_5424(site, backend, receiver):
    log = {"access": f"syslog:server=unix:{receiver.path}", "file": f"syslog:server=unix:{receiver.path},tag=front"}
    with Postern(forwarder(site, backend.destination), log={**log, "format": "text"}) as postern:
        process, host = postern.process.pid, re.escape(socket.gethostname())
        said = receiver.take()
        assert re.fullmatch(HEADER % (23 * 8 + 6, host, "front", process, "log") + "serving .*", said)
        with browse(postern) as client:
            client.ask(get("/a"))
        said = receiver.take()
        assert re.fullmatch(HEADER % (23 * 8 + 6, host, "postern", process, "access") + r'127\.0\.0\.1 - - .*"GET /a HTTP/1\.1" '
                            '200 2 .*', said)


def test_syslog_may_be_another_machine(site, backend):
    with Datagrams(udp=True) as receiver:
        target = f"syslog:server={receiver.address},facility=daemon,severity=notice,nohostname"
        with Postern(forwarder(site, backend.destination), log={"access": target}) as postern:
            knock(postern)
            said = receiver.take()
            header = re.match(HEADER % (3 * 8 + 5, "-", "postern", postern.process.pid, "access"), said)
            assert json.loads(said[header.end():])["close"]["reason"] == "not_tls"


def test_a_line_that_is_too_long_for_a_datagram_is_shortened_and_still_json():
    quotes = '"' * 30_000  # twice as many bytes in JSON, and UDP takes 65,507
    server = forwarder(None, None, large_client_header_buffers="2 32k", **{"return": "200 hello"})
    with Datagrams(udp=True) as receiver, \
            Postern(server, log={"access": f"syslog:server={receiver.address}"}) as postern:
        with socket.create_connection(postern.address) as client:
            client.sendall(get("/long", f"User-Agent: {quotes}", f"Referer: {quotes}"))
            assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
        line = json.loads(receiver.take().partition(" access - ")[2])
        assert (line["request"]["target"], line["status"], line["close"]["reason"]) == ("/long", 200, "answered")
        for text in [line["request"]["user_agent"], line["request"]["referer"]]:
            assert text.endswith('"...') and 1000 < len(text) < len(quotes)
        assert "lost" not in postern.stderr()


def test_a_receiver_that_is_stuck_holds_up_nobody_and_what_is_lost_is_said(site, backend, receiver):
    log = {"access": f"journal:{receiver.path}"}
    with Postern(forwarder(None, None, keepalive_requests=100_000, **{"return": "200 hello"}), log=log, workers=1) as postern:
        with socket.create_connection(postern.address) as client:
            for _ in range(2000):
                client.sendall(get())
                assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
        postern.said("lines were lost")
        # Room again, and the next lines arrive.
        receiver.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                receiver.take()
        receiver.socket.settimeout(LONG)
        with socket.create_connection(postern.address) as client:
            client.sendall(get("/after"))
            port = client.getsockname()[1]
            client.recv(4096)
        assert receiver.entry_with(POSTERN_CLIENT=f"127.0.0.1:{port}")["POSTERN_STATUS"] == "200"


def test_a_receiver_may_come_late_and_be_restarted(site, backend, receiver):
    receiver.stop()
    with Postern(forwarder(site, backend.destination), log={"access": f"journal:{receiver.path}"}) as postern:
        knock(postern)
        postern.said("access log: 1 lines were lost")
        for _ in range(2):
            receiver.listen()
            port = knock(postern)
            assert receiver.entry()["POSTERN_CLIENT"] == f"127.0.0.1:{port}"
            receiver.stop()
        receiver.listen()


def test_a_reload_changes_where_lines_go_and_none_is_lost(site, backend, receiver):
    server = forwarder(site, backend.destination)
    with Postern(server, log={"access": "access.log"}) as postern:
        first = knock(postern)
        assert postern.entry(first)
        postern.write(server, log={"access": f"journal:{receiver.path}"})
        postern.reload_or_fail()
        second = knock(postern)
        assert receiver.entry()["POSTERN_CLIENT"] == f"127.0.0.1:{second}"
        postern.signal(signal.SIGUSR1)  # nothing to rotate there
        postern.said("logs reopened")
        third = knock(postern)
        assert receiver.entry()["POSTERN_CLIENT"] == f"127.0.0.1:{third}"
        postern.write(server, log={"access": "access.log"})
        postern.reload_or_fail()
        fourth = knock(postern)
        assert postern.entry(fourth)
        ports = [e["client"]["port"] for e in postern.entries()]
        assert ports == [first, fourth]
        assert "lost" not in postern.stderr()


def test_a_place_that_cannot_be_is_refused_with_its_reason(site):
    unstarted = Postern(forwarder(site, "tcp://127.0.0.1:1"), log={"access": "syslog:server=log.example.org"})
    done = run("check", "-c", unstarted.config_file)
    assert done.returncode == 78
    assert "log.access: server is no IP address: log.example.org" in done.stdout + done.stderr
