"""Clients' certificates as nginx judges them: who is let in, who is told what, and what is written down of it."""

import node
import pytest

from backends import Echo
from client_certs import ClientAuthority
from clients import curl, gnutls_cli, how_it_ended, s_client
from guarded import VERSIONS, guarded, visit, with_identity
from http_backends import Site, answer
from http_clients import browse, get
from postern import Postern

MISSING = b"No required SSL certificate was sent"
WRONG = b"The SSL certificate error"


@pytest.fixture(scope="module")
def backend():
    with Site(lambda request: answer((request.get("X-Verify") or "-").encode())) as b:
        yield b


@pytest.fixture(scope="module")
def posterns(site, backend, clients_of_the_test, crl):
    """One for each mode."""
    with Postern(guarded(site, backend.destination, clients_of_the_test, "on", crl)) as on, \
            Postern(guarded(site, backend.destination, clients_of_the_test, "optional", crl)) as optional, \
            Postern(guarded(site, backend.destination, clients_of_the_test, "optional_no_ca", crl)) as no_ca:
        yield {"on": on, "optional": optional, "optional_no_ca": no_ca}


UNTRUSTED = "client_cert_untrusted"
# Who, what is said of the certificate, the reason in the log, and whether optional_no_ca lets it in.
KINDS = [
    ("alice", "SUCCESS", None, True),
    ("expired", "FAILED:certificate has expired", "client_cert_expired", False),
    ("not yet", "FAILED:certificate is not yet valid", "client_cert_expired", False),
    ("revoked", "FAILED:certificate revoked", "client_cert_revoked", False),
    ("another use", "FAILED:unsuitable certificate purpose", UNTRUSTED, False),
    ("stranger", "FAILED:unable to verify the first certificate", UNTRUSTED, True),
    # Where there are revocation lists one of its issuer is looked for, too; optional_no_ca does not make up for that.
    ("self-signed", "FAILED:unable to get certificate CRL", UNTRUSTED, False),
]


@VERSIONS
@pytest.mark.parametrize("mode", ["on", "optional", "optional_no_ca"])
@pytest.mark.parametrize("who, verdict, reason, tolerable", KINDS, ids=[k[0] for k in KINDS])
def test_a_certificate_is_judged_as_by_nginx(posterns, people, versions, mode, who, verdict, reason, tolerable):
    postern = posterns[mode]
    passes = reason is None or (tolerable and mode == "optional_no_ca")
    with browse(postern, with_identity(people[who], versions)) as client:
        response = client.ask(get())
        if passes:
            assert (response.status, response.body) == (200, verdict.encode())
        else:
            assert response.status == 400
            assert WRONG in response.body
            assert client.is_closed_in_order()
    line = postern.requests(client)[0]
    assert line["client_cert"]["verify"] == verdict
    assert line["client_cert"]["subject"].startswith("CN=")
    assert line["status"] == (200 if passes else 495)
    assert line["close"]["reason"] == ("answered" if passes else reason)
    if not passes:
        assert (line["close"]["by"], line["close"]["phase"]) == ("client", "request")
        assert line["client_cert"]["subject"] in line["close"]["detail"]
        assert line["upstream"] is None


@VERSIONS
@pytest.mark.parametrize("mode", ["on", "optional", "optional_no_ca"])
def test_a_missing_certificate(posterns, versions, mode):
    with browse(posterns[mode], with_identity(versions=versions)) as client:
        response = client.ask(get())
        if mode == "on":
            assert response.status == 400 and MISSING in response.body
            assert client.is_closed_in_order()
        else:
            assert (response.status, response.body) == (200, b"NONE")
    line = posterns[mode].requests(client)[0]
    assert line["client_cert"] is None
    assert line["status"] == (496 if mode == "on" else 200)
    assert line["close"]["reason"] == ("client_cert_missing" if mode == "on" else "answered")


def test_a_list_that_is_out_of_date_keeps_everybody_out_and_is_warned_of(site, backend, clients_of_the_test, people):
    old = clients_of_the_test.crl(begins=-48, ends=-24)
    with Postern(guarded(site, backend.destination, clients_of_the_test, crl=old)) as postern:
        postern.said("until it is, clients are refused")
        with browse(postern, with_identity(people["alice"])) as client:
            assert client.ask(get()).status == 400
        assert postern.requests(client)[0]["client_cert"]["verify"] == "FAILED:CRL has expired"


@VERSIONS
def test_a_chain_may_be_as_deep_as_verify_depth(site, backend, tmp_path, versions):
    root = ClientAuthority(tmp_path / "root")
    lower = ClientAuthority(tmp_path / "lower", "lower", parent=ClientAuthority(tmp_path / "middle", "middle", root))
    deep = with_identity(lower.issue("deep"), versions)
    with Postern(guarded(site, backend.destination, root),
                 guarded(site, backend.destination, root, more={"verify_depth": 2})) as postern:
        addresses = list(postern.addresses())
        with browse(postern, deep) as client:
            assert client.ask(get()).status == 400
        postern.settings["servers"].reverse()
        with browse(postern, deep) as client:
            assert client.ask(get()).status == 200
        assert len(addresses) == 2


@VERSIONS
@pytest.mark.parametrize("who, reason", [("nothing", "client_cert_missing"), ("revoked", "client_cert_revoked"),
                                         ("stranger", "client_cert_untrusted"), ("bob", "client_cert_denied")])
def test_tcp_is_closed_and_no_backend_is_asked(site, clients_of_the_test, people, crl, versions, who, reason):
    with Echo() as echo, \
            Postern(guarded(site, echo.destination, clients_of_the_test, crl=crl, allow=[{"cn": "alice"}])) as postern:
        with postern.connect(with_identity(people["alice"], versions)) as client:
            assert client.ask(b"hello") == b"hello"
            client.finish()
        accepted = echo.accepted
        with postern.connect(with_identity(people[who], versions)) as client:
            assert how_it_ended(client) == ("close_notify", b"")
        assert postern.ending(client) == ("client", "handshake", reason)
        assert echo.accepted == accepted


@VERSIONS
def test_a_good_session_is_resumed_and_still_says_who_it_is(posterns, people, versions):
    settings = with_identity(people["alice"], versions)
    status, resumed, session = visit(posterns["on"], settings)
    assert (status, resumed) == (200, False)
    with browse(posterns["on"], settings, session=session) as client:
        assert client.ask(get()).body == b"SUCCESS"
        assert client.connection.tls.session_reused
    line = posterns["on"].requests(client)[0]
    assert line["tls"]["resumed"] and "CN=alice" in line["client_cert"]["subject"]


def test_real_clients(site, authority, posterns, people):
    postern, alice = posterns["on"], people["alice"]
    shown = s_client(postern.address, "-cert", alice.certificate, "-key", alice.key, "-ign_eof",
                     "-nameopt", "RFC2253", send="GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert "SUCCESS" in shown
    assert "Acceptable client certificate CA names\nCN=clients of the test" in shown
    url = "https://localhost:%d/" % postern.address[1]
    assert curl(url, authority.certificate, "--cert", str(alice.certificate), "--key", str(alice.key)) == (0, "SUCCESS")
    assert MISSING.decode() in curl(url, authority.certificate)[1]
    for priority in ["NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"]:
        code, said = gnutls_cli(postern.address, authority.certificate, priority,
                                send="GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert MISSING.decode() in said, (code, said)
    assert node.run(_node_client, authority, url, alice.certificate, alice.key) == "SUCCESS SUCCESS"


_node_client = """
const https = require('https'), fs = require('fs');
const [url, cert, key] = process.argv.slice(1);
const agent = new https.Agent({cert: fs.readFileSync(cert), key: fs.readFileSync(key), keepAlive: false});
const ask = () => new Promise((done, failed) => https.get(url, {agent}, response => {
  let text = '';
  response.on('data', part => text += part).on('end', () => done(text));
}).on('error', failed));
// The second connection resumes the first one's session.
ask().then(first => ask().then(second => console.log(first, second)));
"""
