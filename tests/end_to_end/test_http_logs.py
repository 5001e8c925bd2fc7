"""The access line of a request."""

import re
import time

import pytest

from http_backends import Backend, Site, answer
from http_clients import browse, browse_plainly, get, post
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


def test_a_backend_is_told_the_ids_by_which_the_lines_are_found(site):
    told = {"X-Request-ID": "$request_id", "X-Connection-ID": "$connection"}
    with Site() as backend, Postern(forwarder(site, backend.destination, proxy_set_header=told)) as postern:
        with browse(postern) as client:
            for _ in range(2):
                client.ask(get())
            lines = postern.requests(client, 2)
        for request, line in zip(backend.requests, lines):
            assert request.get("X-Request-ID") == line["id"]
            assert request.get("X-Connection-ID") == line["connection"]


def test_the_times_are_those_of_the_request(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        time.sleep(0.4)  # before the request: it is none of its time
        begun = time.monotonic()
        with under_way(client, backend) as server:
            time.sleep(0.2)
            server.answer()
            client.response()
        line = postern.requests(client)[0]
        most = (time.monotonic() - begun) * 1000  # the client has its answer before the line is made
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
