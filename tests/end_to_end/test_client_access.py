"""Who is let in, as what, and for how long: sessions that go on, other hosts, rules, and files that change."""

import pytest

from client_certs import ClientAuthority
from guarded import VERSIONS, guarded, visit, with_identity
from http_backends import Site, answer
from http_clients import browse, get
from ports import free_port
from postern import Postern, forwarder


@pytest.fixture(scope="module")
def backend():
    with Site(lambda request: answer()) as b:
        yield b


@VERSIONS
@pytest.mark.parametrize("who", ["nothing", "expired", "stranger"])
@pytest.mark.parametrize("more", [{}, {"session_tickets": False, "session_cache": "shared:1m"}], ids=["ticket", "id"])
def test_a_session_that_was_refused_resumes_nothing(site, backend, clients_of_the_test, people, versions, who, more):
    with Postern(guarded(site, backend.destination, clients_of_the_test, more=more)) as postern:
        settings = with_identity(people[who], versions)
        status, _, session = visit(postern, settings)
        assert status == 400
        assert visit(postern, settings, session)[:2] == (400, False)


@VERSIONS
def test_a_session_without_a_certificate_opens_no_server_that_requires_one(authority, backend, clients_of_the_test,
                                                                           people, versions):
    """CVE-2025-23419: the session was one of a server that asks for nothing."""
    port = free_port()
    a, b = authority.issue("a.example.org"), authority.issue("b.example.org")
    key = {"session_cache": "shared:one:1m"}
    with Postern(forwarder(a, backend.destination, ssl=key, port=port, server_name="a.example.org"),
                 guarded(b, backend.destination, clients_of_the_test, more=key, port=port,
                         server_name="b.example.org")) as postern:
        settings = with_identity(versions=versions)
        status, _, session = visit(postern, settings, name="a.example.org")
        assert status == 200
        assert visit(postern, settings, session, name="b.example.org")[:2] == (400, False)
        assert visit(postern, settings, session, name="a.example.org")[:2] == (200, True)


@pytest.mark.parametrize("name, host, status", [
    ("open.example.org", "open.example.org", 200),
    ("open.example.org", "guarded.example.org", 421),
    ("guarded.example.org", "open.example.org", 421),
    ("guarded.example.org", "narrow.example.org", 421),
    ("guarded.example.org", "likewise.example.org", 200),
    (None, "guarded.example.org", 421),
])
def test_a_host_with_other_rules_than_the_handshakes_is_misdirected(authority, backend, clients_of_the_test, people, name,
                                                                   host, status):
    port = free_port()
    site = authority.issue("open.example.org", "guarded.example.org", "narrow.example.org", "likewise.example.org")

    def ask(host, **keys):
        return guarded(site, backend.destination, clients_of_the_test, port=port, server_name=host, **keys)
    with Postern(forwarder(site, backend.destination, port=port, server_name="open.example.org"),
                 ask("guarded.example.org"), ask("likewise.example.org"),
                 ask("narrow.example.org", allow=[{"cn": "bob"}])) as postern:
        with browse(postern, with_identity(people["alice"]), name) as client:
            assert client.ask(get(host=host)).status == status


@pytest.mark.parametrize("rule", [
    {"cn": "alice"}, {"ou": "web"}, {"san_dns": "*.clients.example.org"}, {"san_uri": "spiffe://example.org/web/*"},
    {"san_uri": "spiffe://example.org/**"}, {"cn": "alice", "ou": "web"},
], ids=str)
def test_allow_lets_in_whom_it_names_and_tells_others_so(site, backend, clients_of_the_test, people, rule):
    with Postern(guarded(site, backend.destination, clients_of_the_test, allow=[{"cn": "carol"}, rule])) as postern:
        assert visit(postern, with_identity(people["alice"]))[0] == 200
        with browse(postern, with_identity(people["bob"])) as client:
            assert client.ask(get()).status == 403
        line = postern.requests(client)[0]
        assert (line["status"], line["close"]["reason"]) == (403, "client_cert_denied")
        assert "CN=bob" in line["close"]["detail"]
        assert line["client_cert"]["verify"] == "SUCCESS"


@VERSIONS
def test_allow_counts_on_resumed_sessions_and_for_those_who_show_nothing(site, backend, clients_of_the_test, people,
                                                                         versions):
    with Postern(guarded(site, backend.destination, clients_of_the_test, "optional",
                         allow=[{"cn": "alice"}])) as postern:
        bob = with_identity(people["bob"], versions)
        status, _, session = visit(postern, bob)
        assert status == 403
        assert visit(postern, bob, session)[:2] == (403, True)
        assert visit(postern, with_identity(versions=versions))[0] == 403
        assert visit(postern, with_identity(people["expired"], versions))[0] == 400


def test_a_reload_with_another_list_ends_what_it_revokes(site, backend, clients_of_the_test):
    carol = clients_of_the_test.issue("carol")
    server = guarded(site, backend.destination, clients_of_the_test, crl=clients_of_the_test.crl())
    with Postern(server) as postern:
        settings = with_identity(carol)
        _, _, session = visit(postern, settings)
        assert visit(postern, settings, session)[:2] == (200, True)
        clients_of_the_test.revoke(carol)
        server["ssl"]["crl"] = str(clients_of_the_test.crl())
        postern.write(server)
        postern.reload_or_fail()
        assert visit(postern, settings, session)[:2] == (400, False)


def test_a_reload_reads_a_file_of_authorities_again(site, backend, clients_of_the_test, people, tmp_path):
    others = ClientAuthority(tmp_path / "others", "others")
    file = tmp_path / "authorities.crt"
    file.write_text(clients_of_the_test.certificate.read_text())
    server = guarded(site, backend.destination, clients_of_the_test)
    server["ssl"]["client_certificate"] = str(file)
    alice, other = with_identity(people["alice"]), with_identity(others.issue("other"))
    with Postern(server) as postern:
        status, _, session = visit(postern, alice)
        assert status == 200
        assert visit(postern, other)[0] == 400
        file.write_text(others.certificate.read_text())
        postern.reload_or_fail()
        assert visit(postern, other)[0] == 200
        assert visit(postern, alice, session)[:2] == (400, False)
        file.write_text("nothing\n")
        done = postern.reload()
        assert done.returncode != 0 and "servers[0].ssl.client_certificate" in done.stdout + done.stderr
        assert visit(postern, other)[0] == 200, "the old one goes on"
