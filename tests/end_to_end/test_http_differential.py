"""Every raw request of wire's tests through postern, nginx and haproxy: the differences are those that are listed."""

import subprocess

import pytest
from differential import NEXT_SEEN, all_verdicts
from http_differences import DIFFERENCES, EITHER_WAY

VERSIONS = {"nginx": (["/usr/sbin/nginx", "-v"], "nginx/1.22."), "haproxy": (["/usr/sbin/haproxy", "-v"], " 2.6.")}

CLOSING = {  # HTTP/1.0, or Connection: close
    "connections/what_connection_names_goes",
    "hosts/an_absolute_target_of_http_1_0_needs_none",
    "plain/expect_of_http_1_0_is_not_meant",
    "plain/http_1_0_becomes_1_1",
    "plain/http_1_0_may_have_a_length",
    "plain/http_1_0_without_host_gets_the_default_one",
    "upgrades/an_upgrade_of_http_1_0_goes",
}


@pytest.fixture(scope="module")
def verdicts():
    return all_verdicts()


def version(peer):
    return subprocess.run(VERSIONS[peer][0], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


@pytest.mark.parametrize("peer", VERSIONS)
def test_the_differences_are_those_that_are_listed(verdicts, peer):
    if VERSIONS[peer][1] not in version(peer):
        pytest.skip(f"the list is of another {peer} than {version(peer).splitlines()[0]}")
    listed = {row for _, rows in DIFFERENCES for row in rows.get("both", []) + rows.get(peer, [])}
    seen = {row: (each["postern"], each[peer]) for row, each in verdicts.items()
            if each["postern"] != each[peer] and row not in EITHER_WAY[peer]}
    assert {row: seen[row] for row in seen.keys() - listed} == {}, "differences that are not listed"
    assert listed - seen.keys() == set(), "listed differences that are none"


def test_a_row_is_refused_whole_or_is_one_request(verdicts):
    """No second request hides in the first, and no whole one in what is refused."""
    for row, each in verdicts.items():
        ending, seen = each["postern"]
        if ending == "refused":
            assert seen == [], row
        else:
            assert ending == "answered", row
            # Nothing follows what asks for the connection's end.
            assert seen[1:] == ([] if row in CLOSING else [NEXT_SEEN]), row
            assert seen[0] != NEXT_SEEN, row


def test_each_row_was_judged(verdicts):
    assert len(verdicts) >= 316
    assert all(set(each) == {"postern", *VERSIONS} for each in verdicts.values())
