"""A line for each request, and what signals and reloads do to requests."""

import re
import signal
import time

import pytest

from http_backends import Backend, Site, answer
from http_clients import browse, browse_plainly, get, post
from http_messages import Incomplete
from postern import Postern, forwarder
from waiting import until


@pytest.fixture
def backend():
    with Backend() as b:
        yield b


@pytest.fixture
def postern(site, backend):
    with Postern(forwarder(site, backend.destination), workers=1) as p:
        yield p


def under_way(client, backend, request=get()):
    """The backend's end of a request that has no answer yet."""
    client.send(request)
    server = backend.accept()
    server.request()
    return server


# ---- lines

def test_a_line_says_everything_about_a_request(site):
    with Site(lambda request: answer(b"hello")) as backend, Postern(forwarder(site, backend.destination)) as postern:
        with browse(postern) as client:
            request = post(b"body", "User-Agent: me/1", "Referer: https://from.example/", target="/a?b")
            response = client.ask(request)
            line = postern.requests(client)[0]
        assert line["request"] == {"method": "POST", "target": "/a?b", "host": "localhost", "protocol": "HTTP/1.1",
                                   "referer": "https://from.example/", "user_agent": "me/1"}
        assert line["status"] == 200
        assert line["client"] == {"ip": "127.0.0.1", "port": client.port}
        assert line["listener"] == "127.0.0.1:%d" % postern.address[1]
        assert (line["sni"], line["tls"]["version"], line["tls"]["resumed"]) == ("localhost", "TLSv1.3", False)
        assert line["bytes"] == {"in": len(request), "out": len(response.raw), "body_out": len(b"hello")}
        assert line["close"] == {"by": "postern", "phase": "exchange", "reason": "answered", "detail": ""}
        assert re.fullmatch("[0-9a-f]{32}", line["id"])
        upstream = line["upstream"]
        assert (upstream["peer"], upstream["status"], upstream["reused"]) == (backend.address, 200, False)
        assert 0 < upstream["connect_ms"] <= line["duration_ms"]
        assert 0 < upstream["first_byte_ms"] <= line["duration_ms"]


def test_requests_of_one_connection_share_its_number(site):
    with Site() as backend, Postern(forwarder(site, backend.destination), workers=1) as postern:
        with browse(postern) as client:
            for path in ["/1", "/2", "/3"]:
                client.ask(get(path))
            lines = postern.requests(client, 3)
        assert [line["request"]["target"] for line in lines] == ["/1", "/2", "/3"]
        assert len({line["connection"] for line in lines}) == 1
        assert len({line["id"] for line in lines}) == 3
        assert [line["upstream"]["reused"] for line in lines] == [False, True, True]
        assert [line["upstream"]["connect_ms"] == 0 for line in lines] == [False, True, True]


def test_the_times_are_those_of_the_request(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        time.sleep(0.4)  # before the request: it is none of its time
        begun = time.monotonic()
        with under_way(client, backend) as server:
            time.sleep(0.2)
            server.answer()
            client.response()
            most = (time.monotonic() - begun) * 1000
        line = postern.requests(client)[0]
        assert 200 <= line["upstream"]["first_byte_ms"] <= line["duration_ms"] <= most


def test_a_request_without_tls_and_without_a_backend(site):
    with Postern(forwarder(None, None, **{"return": "200 hello"})) as postern:
        with browse_plainly(postern.address) as client:
            client.ask(get(version="1.0"))
            line = postern.requests(client)[0]
        assert (line["tls"], line["upstream"], line["sni"]) == (None, None, "")
        assert line["request"]["protocol"] == "HTTP/1.0"


def test_what_could_not_be_read_has_a_line_without_a_request(postern):
    with browse(postern) as client:
        client.send(b"\x01\x02\x03\r\n\r\n")
        assert client.response().status == 400
        line = postern.requests(client)[0]
        assert (line["status"], line["request"]["method"], line["request"]["target"]) == (400, "", "")
        assert line["close"]["by"] == "client"


def test_a_client_cannot_forge_lines(site):
    with Site() as backend, Postern(forwarder(site, backend.destination)) as postern:
        with browse(postern) as client:
            client.ask(get('/"\\', 'User-Agent: "}\\ \xff'))
            line = postern.requests(client)[0]
        assert line["request"]["target"] == '/"\\'
        assert line["request"]["user_agent"].startswith('"}\\ ')


def test_text_lines_are_nginxs_combined(site):
    with Site(lambda request: answer(b"hello")) as backend:
        with Postern(forwarder(site, backend.destination), log={"format": "text"}) as postern:
            with browse(postern) as client:
                client.ask(get("/a?b", "Referer: https://from.example/", 'User-Agent: my "agent"'))
                client.ask(get("/gone", method="HEAD"))
                lines = until(lambda: postern.stdout().count("\n") >= 2 and postern.stdout().splitlines(), "two lines")
        when = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]"
        assert re.fullmatch(r'127\.0\.0\.1 - - ' + when + r' "GET /a\?b HTTP/1\.1" 200 5 "https://from\.example/" '
                            r'"my \\x22agent\\x22"', lines[0])
        assert re.fullmatch(r'127\.0\.0\.1 - - ' + when + r' "HEAD /gone HTTP/1\.1" 200 0 "-" "-"', lines[1])


# ---- signals

def test_sigterm_closes_idle_connections_at_once(site):
    with Site() as backend, Postern(forwarder(site, backend.destination), shutdown_timeout="10m") as postern:
        with browse(postern) as client, browse(postern) as another:
            assert client.ask(get()).status == 200
            assert another.ask(get()).status == 200
            postern.signal(signal.SIGTERM)
            assert client.is_closed_in_order()
            assert another.is_closed_in_order()
            assert postern.wait() == 0


def test_sigterm_lets_a_running_request_finish(postern, backend):
    with browse(postern) as client, under_way(client, backend) as server:
        postern.signal(signal.SIGTERM)
        postern.said("draining")
        server.answer(b"finished")
        response = client.response()
        assert (response.body, response.get("Connection")) == (b"finished", "close")
        assert client.is_closed_in_order()
        assert postern.wait() == 0
        assert postern.requests(client)[0]["close"]["reason"] == "answered"


def test_sigterm_lets_a_running_answer_finish(postern, backend):
    with browse(postern) as client, under_way(client, backend) as server:
        server.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
        client.receive_exactly(len(b"HTTP/1.1 200 OK"))
        postern.signal(signal.SIGTERM)
        postern.said("draining")
        server.send(b"56789")
        how, rest = client.how_it_ends()
        assert (how, rest[-10:]) == ("end", b"0123456789")
        assert postern.wait() == 0


def test_sigterm_lets_a_head_that_has_begun_be_answered(postern, backend):
    request = get("/late")
    with browse(postern) as client:
        client.send(request[:20])
        assert client.hears_nothing(0.3)  # it has arrived
        postern.signal(signal.SIGTERM)
        postern.said("draining")
        with under_way(client, backend, request[20:]) as server:
            server.answer(b"still")
            assert client.response().get("Connection") == "close"
        assert postern.wait() == 0


def test_a_request_that_outlasts_the_shutdown_is_503(site, backend):
    with Postern(forwarder(site, backend.destination), shutdown_timeout="500ms") as postern:
        with browse(postern) as client, under_way(client, backend):
            postern.signal(signal.SIGTERM)
            assert client.how_it_ends()[1][:12] in (b"", b"HTTP/1.1 503")
            assert postern.wait() == 0
            assert postern.requests(client)[0]["close"]["reason"] == "drain_timeout"


def test_sigint_ends_requests_at_once(postern, backend):
    with browse(postern) as client, browse(postern) as idle, under_way(client, backend) as server:
        server.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
        client.receive_exactly(len(b"HTTP/1.1 200 OK"))
        postern.signal(signal.SIGINT)
        assert postern.wait() == 0
        assert idle.is_closed_in_order()
        # Half an answer must not look like a whole one.
        assert client.how_it_ends()[0] in ("reset", "eof")
        assert postern.requests(client)[0]["close"]["reason"] == "stopped"


# ---- reloads

def test_a_reload_loses_no_request(site, backend):
    with Site() as other, Postern(forwarder(site, backend.destination), workers=1) as postern:
        with browse(postern) as client, browse(postern) as kept:
            with under_way(kept, backend) as server:
                server.answer(b"before")
                assert kept.response().body == b"before"
            server = under_way(client, backend)
            postern.write({**postern.settings["servers"][0], "proxy_pass": other.destination}, workers=1)
            postern.reload_or_fail()
            server.answer(b"over the reload")
            assert client.response().body == b"over the reload"
            server.close()
            with browse(postern) as fresh:
                assert fresh.ask(get("/new")).body == b"ok"
            assert [r.start for r in other.requests] == ["GET /new HTTP/1.1"]


def test_reloads_under_keepalive_traffic_lose_nothing(site):
    with Site() as backend, Postern(forwarder(site, backend.destination)) as postern:
        with browse(postern) as client:
            for i in range(5):
                for _ in range(3):
                    try:
                        assert client.ask(get(f"/{i}")).status == 200
                    except Incomplete as e:
                        raise AssertionError(f"lost: {e}") from None
                postern.reload_or_fail()
            assert client.ask(get()).status == 200
        assert len(postern.requests(client, 16)) == 16
