"""What an operator has to hold: health, logs, the user it runs as."""

import http.client
import json
import os
import pwd
import signal
import socket
from datetime import datetime
from pathlib import Path

import pytest

from backends import Echo
from ports import free_port
from postern import Postern, forwarder, run
from waiting import LONG, until


@pytest.fixture
def backend():
    with Echo() as b:
        yield b


def status(address, path, method="GET"):
    host, port = address.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=LONG)
    connection.request(method, path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_the_admin_listener_answers_probes(site, backend):
    admin = f"127.0.0.1:{free_port()}"
    with Postern(forwarder(site, backend.destination), admin={"listen": admin}):
        assert status(admin, "/healthz") == 200
        assert status(admin, "/readyz") == 200
        assert status(admin, "/nothing") == 404
        assert status(admin, "/healthz", "POST") == 405


def test_a_draining_daemon_is_alive_but_not_ready(site, backend):
    admin = f"127.0.0.1:{free_port()}"
    with Postern(forwarder(site, backend.destination), admin={"listen": admin}) as postern:
        with postern.connect() as client:
            client.ask(b"hello")
            postern.signal(signal.SIGTERM)
            until(lambda: status(admin, "/readyz") == 503, "/readyz to say 503")
            assert status(admin, "/healthz") == 200
            client.finish()
        assert postern.wait() == 0


def test_the_admin_listener_may_be_a_unix_socket(site, backend):
    with Postern(forwarder(site, backend.destination), admin={"listen": "unix:admin.sock"}) as postern:
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(LONG)
            s.connect(str(postern.folder / "admin.sock"))
            s.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert s.recv(100).startswith(b"HTTP/1.1 200 ")


def test_garbage_on_the_admin_listener_does_no_harm(site, backend):
    admin = f"127.0.0.1:{free_port()}"
    with Postern(forwarder(site, backend.destination), admin={"listen": admin}):
        for garbage in [b"\x16\x03\x01\x00\x05hello", b"GET", b"A" * 100_000, b"\r\n\r\n"]:
            with socket.create_connection(("127.0.0.1", int(admin.split(":")[1]))) as s:
                try:
                    s.sendall(garbage)
                    s.shutdown(socket.SHUT_WR)
                    s.settimeout(LONG)
                    while s.recv(1000):
                        pass
                except OSError:  # it was faster to close
                    pass
        assert status(admin, "/healthz") == 200


def visit(postern):
    with postern.connect() as client:
        client.ask(b"hello")
        client.finish()
        client.receive_all()
        return client.port


def test_an_access_line_has_all_its_fields(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern:
        port = visit(postern)
        entry = postern.entry(port)
        assert set(entry) == {"time", "id", "listener", "client", "client_cert", "sni", "alpn", "tls", "upstream",
                              "bytes", "duration_ms", "offered", "alert", "close"}
        assert (entry["offered"], entry["alert"]) == (None, None)
        assert entry["client"] == {"ip": "127.0.0.1", "port": port}
        assert entry["listener"] == "%s:%d" % postern.address
        assert entry["sni"] == "localhost"
        assert set(entry["tls"]) == {"version", "cipher", "group", "resumed", "handshake_ms"}
        assert set(entry["upstream"]) == {"name", "peer", "connect_ms"}
        assert set(entry["close"]) == {"by", "phase", "reason", "detail"}
        datetime.fromisoformat(entry["time"].replace("Z", "+00:00"))


def test_a_text_line_says_the_same(site, backend):
    with Postern(forwarder(site, backend.destination), log={"format": "text"}) as postern:
        # Lines that are no JSON.
        postern.entries = lambda: []
        port = visit(postern)
        line = until(lambda: [l for l in postern.stdout().splitlines() if f"127.0.0.1:{port}" in l], "the line")[0]
        for word in ["TLSv1.3", "localhost", backend.address, "closed"]:
            assert word in line


def test_a_name_cannot_forge_a_line(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect(handshake=False) as client:
            hello = client.client_hello()
            assert hello.count(b"localhost") == 1
            client.socket.sendall(hello.replace(b"localhost", b'a"\r\n{"x":'))
            try:
                client.socket.recv(1)
            except ConnectionResetError:
                pass
            client.reset()
            postern.entry(client.port)
        for line in postern.stdout().splitlines():
            json.loads(line)


def test_logs_can_go_to_files(site, backend):
    with Postern(forwarder(site, backend.destination), log={"access": "access.log", "file": "postern.log"}) as postern:
        port = visit(postern)
        assert postern.entry(port)["close"]["reason"] == "closed"
        assert (postern.folder / "postern.log").exists()
        assert postern.stdout() == ""


def test_the_access_log_can_be_off(site, backend):
    with Postern(forwarder(site, backend.destination), log={"access": "off"}) as postern:
        visit(postern)
        postern.stop()
        assert postern.stdout() == ""


def test_strangers_do_not_fill_the_error_log(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern:
        postern.said("serving")
        before = postern.stderr()
        ports = []
        for _ in range(20):
            with socket.create_connection(postern.address) as s:
                s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                ports.append(s.getsockname()[1])
        for port in ports:
            assert postern.ending(port)[2] == "plain_http"
        assert postern.stderr() == before


def test_there_is_a_worker_for_each_cpu_that_it_may_use(site, backend):
    mine = sorted(os.sched_getaffinity(0))
    for cpus in [mine, mine[:1]]:
        with Postern(forwarder(site, backend.destination), workers="auto", cpus=cpus) as postern:
            tasks = Path(f"/proc/{postern.process.pid}/task").iterdir()
            names = sorted((task / "comm").read_text().strip() for task in tasks)
            assert [n for n in names if n.startswith("worker-")] == [f"worker-{i}" for i in range(len(cpus))]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_daemon_started_as_root_becomes_its_user(site, backend):
    with Postern(forwarder(site, backend.destination), user="nobody") as postern:
        nobody = pwd.getpwnam("nobody")
        for task in Path(f"/proc/{postern.process.pid}/task").iterdir():
            fields = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
            assert set(fields["Uid"].split()) == {str(nobody.pw_uid)}
            assert set(fields["Gid"].split()) == {str(nobody.pw_gid)}
            assert fields["Groups"].split() in ([], [str(nobody.pw_gid)])
            assert int(fields["CapEff"], 16) == 0
        visit(postern)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_unknown_user_is_refused(site):
    unstarted = Postern(forwarder(site, "tcp://127.0.0.1:1"), user="no-such-user")
    done = run("serve", "-c", unstarted.config_file)
    assert done.returncode == 71
    assert "no-such-user" in done.stderr
