"""What a backend is told about a request, byte by byte, and what is added to its answer."""

import re

import pytest

from clients import TLS_1_2, context
from http_backends import Backend, Site, answer
from http_clients import browse, browse_plainly, get
from postern import Postern, forwarder


@pytest.fixture
def backend():
    with Backend() as b:
        yield b


def forwarded(backend, client, request):
    """How the request arrives."""
    client.send(request)
    with backend.accept() as server:
        arrived = server.request()
        server.answer()
        client.response()
        return arrived


def test_the_request_is_written_anew_with_what_we_know(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        port = postern.address[1]
        arrived = forwarded(backend, client, b"GET /a?b=c HTTP/1.1\r\nUser-Agent:  me \r\nHost: LocalHost:8443\r\n\r\n")
        assert arrived.raw == (b"GET /a?b=c HTTP/1.1\r\nHost: LocalHost:8443\r\nUser-Agent: me\r\n"
                               b"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
                               b"X-Forwarded-Host: LocalHost:8443\r\nX-Forwarded-Port: %d\r\n"
                               b"X-Real-IP: 127.0.0.1\r\n\r\n" % port)


def test_without_tls_the_scheme_is_http(site, backend):
    with Postern(forwarder(None, backend.destination)) as postern, browse_plainly(postern.address) as client:
        arrived = forwarded(backend, client, get())
        assert arrived.get("X-Forwarded-Proto") == "http"
        assert arrived.get("X-Forwarded-Port") == str(postern.address[1])


def test_the_host_of_an_absolute_target_counts(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        arrived = forwarded(backend, client, get("http://www.example.org/a?b", host="other"))
        assert arrived.start == "GET /a?b HTTP/1.1"
        assert arrived.get("Host") == arrived.get("X-Forwarded-Host") == "www.example.org"


def test_options_star_goes_through(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        assert forwarded(backend, client, get("*", method="OPTIONS")).start == "OPTIONS * HTTP/1.1"


def test_the_target_goes_through_as_received(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        target = "/a//b/../%41%2fc;d=e?f=/../%00&g=?h"
        assert forwarded(backend, client, get(target)).start == f"GET {target} HTTP/1.1"


def test_headers_keep_their_order_and_spelling(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        lines = ["accept: */*", "X-B: 1", "x-a: 2", "X-B: 3", "Cookie: a=b", "X-Empty:", "X-Utf: \xc3\xa4"]
        arrived = forwarded(backend, client, get("/", *lines))
        assert arrived.headers[1:8] == [("accept", "*/*"), ("X-B", "1"), ("x-a", "2"), ("X-B", "3"), ("Cookie", "a=b"),
                                        ("X-Empty", ""), ("X-Utf", "\xc3\xa4")]


def test_what_concerns_the_connection_is_not_forwarded(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        lines = ["Connection: keep-alive, X-Mine", "X-Mine: 1", "Connection: x-other", "X-Other: 2",
                 "Keep-Alive: max=5", "Proxy-Connection: keep-alive", "TE: trailers", "Upgrade: foo", "X-Kept: 3"]
        names = forwarded(backend, client, get("/", *lines)).names()
        assert names & {"connection", "x-mine", "x-other", "keep-alive", "proxy-connection", "te", "upgrade"} == set()
        assert "x-kept" in names


def test_connection_takes_away_nothing_of_ours(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        ours = ["Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP"]
        arrived = forwarded(backend, client, get("/", "Connection: " + ", ".join(ours)))
        assert [len(arrived.all(name)) for name in ours] == [1] * 4


@pytest.mark.parametrize("spell", [str, str.upper, lambda n: n.replace("-", "_")], ids=["same", "upper", "underscores"])
def test_what_a_client_says_under_our_names_is_dropped(site, backend, spell):
    with Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        names = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Real-IP",
                 "Forwarded"]
        arrived = forwarded(backend, client, get("/", *[f"{spell(name)}: 6.6.6.6" for name in names]))
        assert b"6.6.6.6" not in arrived.raw
        assert arrived.get("X-Forwarded-For") == arrived.get("X-Real-IP") == "127.0.0.1"


def test_trusted_proxies_are_believed(site, backend):
    with Postern(forwarder(site, backend.destination), trusted_proxies=["127.0.0.0/8"]) as postern, \
            browse(postern) as client:
        arrived = forwarded(backend, client, get(
            "/", "X-Forwarded-For: 6.6.6.6, 203.0.113.9", "X-Forwarded-For: 127.9.9.9", "X-Forwarded-Proto: http",
            "X-Forwarded-Host: www.example.org", "X-Forwarded-Port: 80", "X-Real-IP: 6.6.6.6"))
        assert arrived.get("X-Forwarded-For") == "6.6.6.6, 203.0.113.9, 127.9.9.9, 127.0.0.1"
        assert arrived.get("X-Forwarded-Proto") == "http"
        assert arrived.get("X-Forwarded-Host") == "www.example.org"
        assert arrived.get("X-Forwarded-Port") == "80"
        # The last one that no trusted proxy has: those before it are the client's own words.
        assert arrived.get("X-Real-IP") == "203.0.113.9"


def test_other_proxies_are_not(site, backend):
    with Postern(forwarder(site, backend.destination), trusted_proxies=["10.0.0.0/8"]) as postern, \
            browse(postern) as client:
        arrived = forwarded(backend, client, get("/", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: http"))
        assert arrived.get("X-Forwarded-For") == arrived.get("X-Real-IP") == "127.0.0.1"
        assert arrived.get("X-Forwarded-Proto") == "https"


def test_forwarded_is_sent_when_wanted(site, backend):
    with Postern(forwarder(site, backend.destination, forwarded=True)) as postern, browse(postern) as client:
        arrived = forwarded(backend, client, get("/", "Forwarded: for=6.6.6.6", host="localhost:8443"))
        assert arrived.get("Forwarded") == 'for=127.0.0.1;host="localhost:8443";proto=https'


def test_ipv6_addresses_are_written_as_each_header_wants_them(site, backend):
    with Postern(forwarder(site, backend.destination, forwarded=True, host="[::1]")) as postern:
        with browse(postern) as client:
            port = postern.address[1]
            arrived = forwarded(backend, client, get(host=f"[::1]:{port}"))
            assert arrived.get("Host") == arrived.get("X-Forwarded-Host") == f"[::1]:{port}"
            assert arrived.get("X-Forwarded-For") == arrived.get("X-Real-IP") == "::1"
            assert arrived.get("Forwarded") == f'for="[::1]";host="[::1]:{port}";proto=https'


def test_forwarded_of_a_trusted_proxy_is_continued(site, backend):
    with Postern(forwarder(site, backend.destination, forwarded=True), trusted_proxies=["127.0.0.1"]) as postern, \
            browse(postern) as client:
        arrived = forwarded(backend, client, get("/", "Forwarded: for=203.0.113.9"))
        assert arrived.get("Forwarded") == "for=203.0.113.9, for=127.0.0.1;host=localhost;proto=https"


def test_proxy_set_header_knows_the_variables(site, backend):
    own = {"Host": "backend.internal", "X-Names": "$host|$http_host|$server_name|$ssl_server_name",
           "X-Client": "$remote_addr $remote_port", "X-Request": "$request_method $request_uri $uri $args",
           "X-Way": "${scheme}:$server_port", "X-Tls": "$ssl_protocol $ssl_cipher $ssl_session_reused",
           "X-Id": "$request_id", "X-Forwarded-For": "$proxy_add_x_forwarded_for"}
    server = forwarder(site, backend.destination, server_name=["www.example.org", "localhost"], proxy_set_header=own)
    with Postern(server) as postern, browse(postern, context(versions=TLS_1_2)) as client:
        port = postern.address[1]
        arrived = forwarded(backend, client, get("/%61/../b?c=d", "X-Forwarded-For: 6.6.6.6", host=f"LOCALHOST:{port}"))
        assert arrived.get("Host") == "backend.internal"
        assert arrived.get("X-Names") == f"localhost|LOCALHOST:{port}|www.example.org|localhost"
        assert arrived.get("X-Client") == f"127.0.0.1 {client.port}"
        assert arrived.get("X-Request") == "GET /%61/../b?c=d /b c=d"
        assert arrived.get("X-Way") == f"https:{port}"
        assert arrived.get("X-Tls") == f"TLSv1.2 {client.connection.tls.cipher()[0]} ."
        assert arrived.get("X-Forwarded-For") == "127.0.0.1"
        first = arrived.get("X-Id")
        assert re.fullmatch("[0-9a-f]{32}", first)
        assert forwarded(backend, client, get()).get("X-Id") not in (first, None)
        assert postern.requests(client, 2)[0]["id"] == first


@pytest.mark.parametrize("imitation", ["X-Id: 6.6.6.6", "x-id: 6.6.6.6", "X_Id: 6.6.6.6"])
def test_what_the_operator_sets_cannot_be_imitated(site, backend, imitation):
    with Postern(forwarder(site, backend.destination, proxy_set_header={"X-Id": "$scheme"})) as postern, \
            browse(postern) as client:
        arrived = forwarded(backend, client, get("/", imitation))
        assert arrived.get("X-Id") == "https"
        assert b"6.6.6.6" not in arrived.raw


def test_an_empty_proxy_set_header_takes_the_header_away(site, backend):
    own = {"Accept-Encoding": "", "X-Real-IP": ""}
    with Postern(forwarder(site, backend.destination, proxy_set_header=own)) as postern, browse(postern) as client:
        names = forwarded(backend, client, get("/", "Accept-Encoding: gzip", "X-Real-IP: 6.6.6.6")).names()
        assert names & {"accept-encoding", "x-real-ip"} == set()


def test_a_locations_headers_stand_in_place_of_the_servers(site, backend):
    locations = [{"path": "/", "proxy_pass": backend.destination},
                 {"path": "/own/", "proxy_pass": backend.destination, "proxy_set_header": {"X-B": "location"}}]
    with Postern(forwarder(site, None, locations=locations, proxy_set_header={"X-A": "server"})) as postern, \
            browse(postern) as client:
        arrived = forwarded(backend, client, get("/"))
        assert (arrived.get("X-A"), arrived.get("X-B")) == ("server", None)
        arrived = forwarded(backend, client, get("/own/"))
        assert (arrived.get("X-A"), arrived.get("X-B")) == (None, "location")


def test_the_answers_headers_go_through_but_for_the_connections(site):
    lines = ["Server: mine", "Set-Cookie: a=1", "Set-Cookie: b=2", "Connection: X-Mine, keep-alive", "X-Mine: 1",
             "Keep-Alive: timeout=5", "Upgrade: h2c", "Date: Mon, 24 Nov 2025 09:30:00 GMT"]
    with Site(lambda request: answer(b"ok", *lines)) as backend, \
            Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        response = client.ask(get())
        assert response.headers == [("Server", "mine"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"),
                                    ("Date", "Mon, 24 Nov 2025 09:30:00 GMT"), ("Content-Length", "2")]


def test_an_answer_without_a_date_gets_one(site):
    with Site() as backend, Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", client.ask(get()).get("Date"))


def test_add_header_and_hsts_are_added_to_answers(site):
    def respond(request):
        status = "404 Not Found" if "gone" in request.start else "200 OK"
        return answer(b"", "X-Frame-Options: SAMEORIGIN", status=status)
    own = {"add_header": {"X-Frame-Options": "DENY", "X-Id": "$request_id"}, "hsts": "1y"}
    with Site(respond) as backend, Postern(forwarder(site, backend.destination, **own)) as postern, \
            browse(postern) as client:
        response = client.ask(get())
        assert response.all("X-Frame-Options") == ["SAMEORIGIN", "DENY"]
        assert response.get("X-Id") == postern.requests(client)[0]["id"]
        assert response.get("Strict-Transport-Security") == "max-age=31536000"
        # nginx adds to answers of success and redirects alone; hsts concerns the host and not the resource.
        response = client.ask(get("/gone"))
        assert response.all("X-Frame-Options") == ["SAMEORIGIN"]
        assert response.get("Strict-Transport-Security") == "max-age=31536000"


def test_hsts_of_ours_is_the_only_one(site):
    """RFC 6797 section 6.1: a browser heeds the first alone."""
    def respond(request):
        status = "404 Not Found" if "gone" in request.start else "200 OK"
        return answer(b"", "strict-transport-security: max-age=1", "Date: today", "Server: backend", status=status)
    own = {"add_header": {"Strict-Transport-Security": "max-age=2"}}
    with Site(respond) as backend:
        with Postern(forwarder(site, backend.destination, hsts="1y", **own)) as postern, browse(postern) as client:
            for target in ["/", "/gone"]:
                response = client.ask(get(target))
                assert response.get("Strict-Transport-Security") == "max-age=31536000"
                assert (response.get("Date"), response.get("Server")) == ("today", "backend")
        with Postern(forwarder(site, backend.destination)) as postern, browse(postern) as client:
            assert client.ask(get()).get("Strict-Transport-Security") == "max-age=1"


def test_resumption_is_a_variable_too(site, backend):
    server = forwarder(site, backend.destination, proxy_set_header={"X-Reused": "$ssl_session_reused"})
    settings = context(versions=TLS_1_2)
    with Postern(server, workers=1) as postern:
        with browse(postern, settings) as client:
            assert forwarded(backend, client, get()).get("X-Reused") == "."
            session = client.connection.tls.session
        with browse(postern, settings, session=session) as client:
            assert forwarded(backend, client, get()).get("X-Reused") == "r"
