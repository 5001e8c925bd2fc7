"""Every raw request of tests/proxy/wire through postern, nginx and haproxy: the differences are those that are listed."""

import subprocess

import pytest
from differential import all_verdicts
from http_differences import DIFFERENCES, EITHER_WAY

VERSIONS = {"nginx": (["/usr/sbin/nginx", "-v"], "nginx/1.22."), "haproxy": (["/usr/sbin/haproxy", "-v"], " 2.6.")}


@pytest.fixture(scope="module")
def verdicts():
    return all_verdicts()


def version(peer):
    return subprocess.run(VERSIONS[peer][0], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


@pytest.mark.parametrize("peer", VERSIONS)
def test_the_differences_are_those_that_are_listed(verdicts, peer):
    if VERSIONS[peer][1] not in version(peer):
        pytest.skip(f"the list is of another {peer} than {version(peer).splitlines()[0]}")
    listed = {row for _, rows in DIFFERENCES for row in rows.get(peer, [])}
    seen = {row: (each["postern"], each[peer]) for row, each in verdicts.items()
            if each["postern"] != each[peer] and row not in EITHER_WAY[peer]}
    assert {row: seen[row] for row in seen.keys() - listed} == {}, "differences that are not listed"
    assert listed - seen.keys() == set(), "listed differences that are none"


def test_each_row_was_judged(verdicts):
    assert len(verdicts) >= 316
    assert all(set(each) == {"postern", *VERSIONS} for each in verdicts.values())
