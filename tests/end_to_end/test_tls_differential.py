"""The same settings and the same clients with postern and nginx: the differences are those that are listed."""

import subprocess

import pytest
from tls_differences import DIFFERENCES
from tls_differential import Seen, Table, difference

NGINX = "nginx/1.22."


@pytest.fixture(scope="module")
def verdicts():
    with Table() as table:
        return table.verdicts()


def test_the_differences_are_those_that_are_listed(verdicts):
    version = subprocess.run(["/usr/sbin/nginx", "-v"], stderr=subprocess.PIPE, text=True).stderr
    if NGINX not in version:
        pytest.skip(f"the list is of another nginx than {version}")
    listed = {row: fields for _, rows in DIFFERENCES for row, fields in rows.items()}
    seen = {row: difference(each["postern"], each["nginx"]) for row, each in verdicts.items()}
    assert {row: fields for row, fields in seen.items() if fields} == listed


def test_no_row_is_listed_twice():
    rows = [row for _, rows in DIFFERENCES for row in rows]
    assert len(rows) == len(set(rows))


def test_each_visit_came_to_something(verdicts):
    """A client is refused by an alert, or has an answer, or the connection of TCP was closed on it after its handshake."""
    assert len(verdicts) >= 200
    for row, each in verdicts.items():
        for peer, seen in each.items():
            assert seen.alert or seen.status or (seen.protocol and row[0].startswith("verify tcp")), (row, peer, seen)


@pytest.mark.parametrize("field", Seen._fields)
def test_each_thing_that_is_compared_comes_out_in_several_ways(verdicts, field):
    values = {getattr(each["postern"], field) for each in verdicts.values()}
    assert len(values) > 1, values
