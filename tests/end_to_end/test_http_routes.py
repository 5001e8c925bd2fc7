"""Which server and location answers a request, and what is answered without a backend."""

import pytest

from clients import Client
from http_backends import Backend, Site, answer
from http_clients import Browser, browse, browse_plainly, get
from ports import free_port
from postern import Postern, forwarder


def named(name, **more):
    return Site(lambda request: answer(f"{name} {request.start.split()[1]}".encode()), **more)


def returning(identity, text, **keys):
    return forwarder(identity, None, **{"return": text}, **keys)


# ---- servers

def test_the_host_chooses_among_the_servers_of_an_address(site):
    port = free_port()
    with Postern(returning(site, "200 a", port=port, server_name="a.test"),
                 returning(site, "200 b", port=port, server_name=["b.test", "*.b.test"])) as postern:
        with browse(postern, name="a.test") as client:
            hosts = {"a.test": b"a", "b.test": b"b", "B.Test": b"b", "b.test.": b"b", f"b.test:{port}": b"b",
                     "www.b.test": b"b", "unknown.test": b"a"}
            assert {host: client.ask(get(host=host)).body for host in hosts} == hosts


def test_a_host_that_nobody_has_means_the_server_of_the_handshake(site):
    port = free_port()
    with Postern(returning(site, "200 a", port=port, server_name="a.test"),
                 returning(site, "200 b", port=port, server_name="b.test")) as postern:
        with browse(postern, name="b.test") as client:
            assert client.ask(get(host="unknown.test")).body == b"b"


def test_plain_servers_are_chosen_by_host_too(site):
    port = free_port()
    with Postern(returning(None, "200 a", port=port, server_name="a.test"),
                 returning(None, "200 b", port=port, server_name="b.test", default_server=True)) as postern:
        with browse_plainly(postern.address) as client:
            assert client.ask(get(host="a.test")).body == b"a"
            assert client.ask(get(host="b.test")).body == b"b"
            assert client.ask(get(host="unknown.test")).body == b"b"
            assert client.ask(get(host="127.0.0.1")).body == b"b"


def test_a_server_that_guards_its_clients_otherwise_is_421(site):
    port = free_port()
    with Postern(returning(site, "200 open", port=port, server_name="open.test"),
                 returning(site, "200 old", port=port, server_name="old.test", ssl={"protocols": "TLSv1.2"}),
                 returning(site, "200 same", port=port, server_name="same.test")) as postern:
        with browse(postern, name="open.test") as client:
            assert client.ask(get(host="same.test")).body == b"same"
            client.send(get(host="old.test"))
            response = client.response()
            assert response.status == 421
            assert b"old" not in response.body
            line = postern.requests(client, 2)[1]
            assert (line["status"], line["close"]["reason"]) == (421, "misdirected")
        with Browser(Client(postern.address)) as client:  # no server has this name: it is the first one's
            assert client.ask(get(host="old.test")).status == 421


# ---- locations

def test_the_exact_path_wins_and_then_the_longest_prefix(site):
    with named("root") as root, named("app") as app, named("static") as static, named("exact") as exact:
        locations = [{"path": "/", "proxy_pass": root.destination}, {"path": "/app/", "proxy_pass": app.destination},
                     {"path": "/app/static", "proxy_pass": static.destination},
                     {"path": "= /app/x", "proxy_pass": exact.destination}]
        with Postern(forwarder(site, None, locations=locations)) as postern, browse(postern) as client:
            answers = {
                "/": "root", "/other": "root", "/app/": "app", "/app/x": "exact", "/app/x?q": "exact", "/app/x/": "app",
                "/app/xy": "app", "/app/static": "static", "/app/staticx": "static", "/App/": "root",
                "//app//x": "exact", "/app/./x": "exact", "/app/y/../x": "exact", "/%61pp/%78": "exact",
                "/app/../other": "root", "/app%2fx": "exact", "/x/../app/y": "app", "/?/app/": "root"}
            for target, name in answers.items():
                assert client.ask(get(target)).body.decode() == f"{name} {target}"


def test_no_location_is_404(site):
    locations = [{"path": "/app/", "return": "200 app"}]
    with Postern(forwarder(site, None, locations=locations)) as postern, browse(postern) as client:
        assert client.ask(get("/app/x")).body == b"app"
        assert client.ask(get("/other")).status == 404


def test_a_path_above_the_root_is_400(site):
    with named("root") as root, Postern(forwarder(site, root.destination)) as postern:
        for target in ["/..", "/a/../../b", "/%2e%2e/a", "/a/..%2f..%2fb"]:
            with browse(postern) as client:
                assert client.ask(get(target)).status == 400
        assert root.requests == []


def test_proxy_pass_with_a_path_replaces_the_prefix(site):
    with named("") as backend:
        locations = [{"path": "/app/", "proxy_pass": backend.destination + "/new/"},
                     {"path": "/bare", "proxy_pass": backend.destination + "/"},
                     {"path": "= /exact", "proxy_pass": backend.destination + "/other/place"},
                     {"path": "/same/", "proxy_pass": backend.destination}]
        with Postern(forwarder(site, None, locations=locations)) as postern, browse(postern) as client:
            targets = {"/app/": "/new/", "/app/a/b?c=d": "/new/a/b?c=d", "/app/%41/../b%20c": "/new/b%20c",
                       "/app/%3Fx": "/new/%3Fx", "/bare/x": "//x", "/bare": "/", "/exact?q": "/other/place?q",
                       "/same/%41/../b": "/same/%41/../b"}
            assert {t: client.ask(get(t)).body.decode().strip() for t in targets} == targets


@pytest.mark.parametrize("others", [[], [{"path": "/", "return": "200 root"}]], ids=["alone", "beside_the_root"])
def test_a_path_that_only_lacks_its_slash_is_redirected(site, others):
    with named("app") as app:
        locations = [{"path": "/app/", "proxy_pass": app.destination}, *others]
        with Postern(forwarder(site, None, locations=locations)) as postern, browse(postern) as client:
            response = client.ask(get("/app?q=1"))
            assert response.status == 301
            assert response.get("Location").endswith("/app/?q=1")
            # `//evil.example` would be another host.
            assert client.ask(get("//evil.example/../app?q=1")).get("Location") == "/app/?q=1"


def test_a_redirect_to_a_variable_stays_on_this_host(site):
    locations = [{"path": "/", "return": "302 $request_uri"}, {"path": "/dir", "return": "302 $uri/"}]
    with Postern(forwarder(site, None, locations=locations)) as postern, browse(postern) as client:
        assert client.ask(get("//evil.example/a")).get("Location") == "/.//evil.example/a"
        assert client.ask(get("/\\evil.example/a")).get("Location") == "/./\\evil.example/a"
        assert client.ask(get("/dir/a?b")).get("Location") == "/dir/a/"


def test_a_location_may_answer_by_itself(site):
    locations = [{"path": "/gone", "return": "410"}, {"path": "/text", "return": "200 hello $remote_addr"},
                 {"path": "/to", "return": "308 https://$host/new$request_uri"},
                 {"path": "/found", "return": "https://www.example.org/"}, {"path": "/empty", "return": "204"}]
    with Postern(forwarder(site, None, locations=locations)) as postern, browse(postern) as client:
        assert client.ask(get("/gone")).status == 410
        response = client.ask(get("/text"))
        assert (response.status, response.body, response.get("Content-Type")) == (200, b"hello 127.0.0.1", "text/plain")
        response = client.ask(get("/to?a", host="LocalHost:1"))
        assert (response.status, response.get("Location")) == (308, "https://localhost/new/to?a")
        response = client.ask(get("/found"))
        assert (response.status, response.get("Location")) == (302, "https://www.example.org/")
        response = client.ask(get("/empty"))
        assert (response.status, response.get("Content-Length"), response.get("Transfer-Encoding")) == (204, None, None)
        response = client.ask(get("/text", method="HEAD"))
        assert (response.get("Content-Length"), response.body) == (str(len("hello 127.0.0.1")), b"")
        assert client.ask(get("/text")).status == 200


def test_444_closes_without_an_answer(site):
    with Postern(returning(site, "444")) as postern, browse(postern) as client:
        client.send(get())
        assert client.is_closed_in_order()
        assert postern.requests(client)[0]["status"] == 444


# ---- redirects to TLS

@pytest.mark.parametrize("redirect, port", [("https", ""), ("https:8448", ":8448"), ("https:443", "")])
def test_a_plain_server_redirects(site, redirect, port):
    with Postern(forwarder(None, None, redirect=redirect, server_name=["www.example.org", "example.org"])) as postern:
        with browse_plainly(postern.address) as client:
            hosts = {"example.org": "example.org", "www.example.org:80": "www.example.org",
                     "evil.test": "www.example.org", "127.0.0.1": "www.example.org"}
            for host, name in hosts.items():
                response = client.ask(get("/a?b=c", host=host))
                assert (response.status, response.get("Location")) == (301, f"https://{name}{port}/a?b=c")


def test_without_a_name_the_host_is_kept(site):
    with Postern(forwarder(None, None, redirect="https")) as postern, browse_plainly(postern.address) as client:
        assert client.ask(get("/", host="any.test:8080")).get("Location") == "https://any.test/"


def test_plain_http_on_a_tls_port_is_told_so(site):
    with Postern(returning(site, "200 a")) as postern, browse_plainly(postern.address) as client:
        response = client.ask(get())
        assert (response.status, response.get("Connection")) == (400, "close")
        assert b"The plain HTTP request was sent to HTTPS port" in response.body
        assert client.is_closed_in_order()
        line = postern.requests(client)[0]
        assert (line["status"], line["tls"], line["close"]["reason"]) == (400, None, "plain_http")


def test_plain_http_on_a_tls_port_may_be_redirected(site):
    with Postern(returning(site, "200 a", plain_http="redirect", server_name="localhost")) as postern:
        with browse_plainly(postern.address) as client:
            response = client.ask(get("/a?b"))
            assert response.status == 301
            assert response.get("Location") == "https://localhost:%d/a?b" % postern.address[1]
        with browse_plainly(postern.address) as client:
            assert client.ask(get(host="evil.test")).get("Location") == "https://localhost:%d/" % postern.address[1]


# ---- upstreams

def test_the_peers_of_a_group_take_turns(site):
    with named("first") as first, named("other") as other:
        group = {"servers": [first.address, other.address]}
        with Postern(forwarder(site, "http://pair"), upstreams={"pair": group}, workers=1) as postern:
            with browse(postern) as client:
                assert sorted(client.ask(get()).body for _ in range(6)) == [b"first /"] * 3 + [b"other /"] * 3


def test_a_group_may_be_a_unix_socket(site):
    with Backend(unix=True) as backend:
        with Postern(forwarder(site, "http://app"), upstreams={"app": {"servers": [backend.destination]}}) as postern:
            with browse(postern) as client:
                client.send(get())
                with backend.accept() as server:
                    server.request()
                    server.answer(b"by unix")
                    assert client.response().body == b"by unix"
                assert postern.requests(client)[0]["upstream"]["name"] == "app"
