import resource

import pytest

import postern
from certs import Authority
from client_certs import ClientAuthority, self_signed


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failure tells what the daemons said that outlive the test."""
    report = (yield).get_result()
    if report.failed:
        for daemon in postern.running:
            report.sections.append(("postern", daemon.story()))


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def site(authority):
    """The identity that most servers here show."""
    return authority.issue("localhost")


@pytest.fixture(scope="session")
def clients_of_the_test(tmp_path_factory):
    return ClientAuthority(tmp_path_factory.mktemp("clients") / "root")


@pytest.fixture(scope="session")
def people(clients_of_the_test, tmp_path_factory):
    """A client of every kind, by name; `crl` is the list that revokes one of them."""
    ours = clients_of_the_test
    folder = tmp_path_factory.mktemp("people")
    all = {
        "alice": ours.issue("alice", "DNS:a.clients.example.org,URI:spiffe://example.org/web/a", unit="web"),
        "bob": ours.issue("bob"),
        "expired": ours.issue("expired", begins=-48, ends=-24),
        "not yet": ours.issue("early", begins=24, ends=48),
        "revoked": ours.issue("revoked"),
        "another use": ours.issue("server", usage="serverAuth"),
        "stranger": ClientAuthority(folder / "others", "somebody else").issue("alice"),
        "self-signed": self_signed(folder, "nobody"),
        "nothing": None,
    }
    ours.revoke(all["revoked"])
    return all


@pytest.fixture(scope="session")
def crl(clients_of_the_test, people):
    return clients_of_the_test.crl()


@pytest.fixture(scope="session", autouse=True)
def many_open_files():
    """Thousands of connections need twice as many descriptors here as in the daemon."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
