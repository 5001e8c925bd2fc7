import resource

import pytest

import postern
from certs import Authority


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


@pytest.fixture(scope="session", autouse=True)
def many_open_files():
    """Thousands of connections need twice as many descriptors here as in the daemon."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
