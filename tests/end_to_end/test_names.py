"""Several names on one address: the SNI chooses certificate, settings and backend."""

import pytest

from backends import Echo
from clients import TLS_1_2, Client, context, handshake_error
from ports import free_port
from postern import Postern, forwarder
from waiting import until


@pytest.fixture(scope="module")
def identities(authority):
    return {"a": authority.issue("a.example.org", "*.a.example.org"), "b": authority.issue("b.example.org")}


@pytest.fixture(scope="module")
def postern(identities):
    port = free_port()
    with Echo(b"A ") as a, Echo(b"B ") as b:
        with Postern(
            {"listen": f"127.0.0.1:{port}", "default_server": True, "ssl": {"reject_handshake": True}},
            forwarder(identities["a"], a.destination, port=port, server_name=["a.example.org", "*.a.example.org"]),
            forwarder(identities["b"], b.destination, port=port, server_name="b.example.org",
                      ssl={"protocols": "TLSv1.3"}),
        ) as p:
            yield p


def who(postern, name, identity):
    """The first bytes of the backend that serves `name`, after a look at the certificate."""
    with postern.connect(name=name) as client:
        assert client.tls.getpeercert(binary_form=True) == identity.der()
        return client.receive_exactly(2)


@pytest.mark.parametrize("name", ["a.example.org", "A.Example.ORG", "www.a.example.org", "deep.www.a.example.org"])
def test_the_first_name_and_its_wildcard(postern, identities, name):
    assert who(postern, name, identities["a"]) == b"A "


def test_the_second_name(postern, identities):
    assert who(postern, "b.example.org", identities["b"]) == b"B "


def test_the_name_is_in_the_log(postern):
    with postern.connect(name="www.A.example.org") as client:
        client.receive_exactly(2)
        client.finish()
        assert postern.entry(client)["sni"] == "www.a.example.org"


@pytest.mark.parametrize("name", ["c.example.org", "example.org", "xa.example.org", None], ids=str)
def test_other_names_are_refused_by_the_default_server(postern, name):
    assert handshake_error(postern.address, name=name) == "TLSV1_UNRECOGNIZED_NAME"


def test_a_refused_name_has_a_reason(postern):
    handshake_error(postern.address, name="nobody.example.org")
    entry = until(lambda: [e for e in postern.entries() if e["sni"] == "nobody.example.org"], "its access line")[0]
    assert entry["close"]["by"] == "client"
    assert entry["close"]["reason"] == "unknown_sni"
    assert entry["upstream"] is None


def test_an_address_instead_of_a_name_counts_as_none(postern):
    # Python sends no SNI for it, as RFC 6066 wants.
    assert handshake_error(postern.address, name="127.0.0.1") == "TLSV1_UNRECOGNIZED_NAME"


def test_each_name_has_its_own_protocols(postern):
    old = context(versions=TLS_1_2)
    with postern.connect(old, name="a.example.org") as client:
        assert client.tls.version() == "TLSv1.2"
    assert handshake_error(postern.address, old, name="b.example.org") == "TLSV1_ALERT_PROTOCOL_VERSION"


def test_without_a_default_server_the_first_one_is_it(identities):
    port = free_port()
    with Echo(b"A ") as a, Echo(b"B ") as b, Postern(
        forwarder(identities["b"], b.destination, port=port, server_name="b.example.org"),
        forwarder(identities["a"], a.destination, port=port, server_name="a.example.org"),
    ) as postern:
        assert who(postern, "unheard.of", identities["b"]) == b"B "
        assert who(postern, "a.example.org", identities["a"]) == b"A "


def test_one_server_may_listen_on_several_addresses(identities):
    with Echo(b"A ") as a:
        server = forwarder(identities["a"], a.destination)
        server["listen"] = [server["listen"], f"[::1]:{free_port()}"]
        with Postern(server) as postern:
            for address in postern.addresses():
                with Client(address) as client:
                    assert client.receive_exactly(2) == b"A "
