"""Ticket keys from files, from a shared secret and made by the daemon: who resumes whose sessions, and for how long.

What CVE-2025-23419 was about is here too: a session must not be carried to a server that would not have begun it."""

import os
import struct
import subprocess
import time

import pytest

from backends import Echo
from clients import TLS_1_2, TLS_1_3, context
from ports import free_port
from postern import Postern, forwarder, sanitized

VERSIONS = pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3], ids=["TLSv1.2", "TLSv1.3"])
MOVED_CLOCK = pytest.mark.skipif(sanitized(), reason="a sanitizer's runtime must be loaded first")


@pytest.fixture(scope="module")
def backend():
    with Echo() as b:
        yield b


@pytest.fixture
def file(tmp_path):
    """Makes a file of random bytes, and returns its path."""
    def make(name, size):
        path = tmp_path / name
        path.write_bytes(os.urandom(size))
        path.chmod(0o600)
        return str(path)
    return make


class Clock:
    """The wall clock of the daemons that are given its environment."""

    def __init__(self, path):
        self._path = path
        self.seconds = 0
        self._path.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": os.environ["MOVED_CLOCK_LIBRARY"], "MOVED_CLOCK": str(path)}

    def move(self, seconds):
        self.seconds += seconds
        with open(self._path, "r+b") as f:
            f.write(struct.pack("q", self.seconds))

    def time(self):
        return int(time.time()) + self.seconds


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path / "clock")


@pytest.fixture
def another_clock(tmp_path):
    return Clock(tmp_path / "another-clock")


def visit(postern, settings, session=None, name="localhost"):
    """One question and its answer. Returns whether the session was resumed, the session, and the certificate shown."""
    with postern.connect(settings, session=session, name=name) as client:
        assert client.ask(b"hello") == b"hello"
        shown = client.tls.getpeercert(binary_form=True)
        client.finish()
        assert client.receive_all() == b""
        return client.tls.session_reused, client.tls.session, shown


def resumes(postern, settings, session, **more):
    return visit(postern, settings, session, **more)[0]


VERSION_OPTION = {TLS_1_2: "-tls1_2", TLS_1_3: "-tls1_3"}


def openssl(postern, versions, *options):
    """What openssl s_client prints of one question and its answer, with which TLS 1.3 brings the ticket."""
    command = ["openssl", "s_client", "-connect", "%s:%d" % postern.address, "-servername", "localhost",
               VERSION_OPTION[versions], *map(str, options)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as client:
        client.stdin.write(b"a question\n")
        client.stdin.flush()
        said = b""
        while b"a question" not in said:
            more = os.read(client.stdout.fileno(), 65536)
            assert more, said
            said += more
        return (said + client.communicate(timeout=30)[0]).decode(errors="replace")


def key_name(said):
    """Of the key that sealed the ticket that openssl s_client is left with."""
    dump = said.split("TLS session ticket:\n")[-1].splitlines()[0]
    return bytes.fromhex(dump.split(" - ")[1][:47].replace("-", " "))


def first_bytes(path):
    with open(path, "rb") as f:
        return f.read(16)


def replica(site, backend, clock=None, tls=None, **ssl):
    return Postern(forwarder(site, backend.destination, ssl=ssl), environment=clock.environment if clock else None,
                   **({"tls": tls} if tls else {}))


# One secret

@VERSIONS
def test_replicas_with_one_secret_resume_each_others_tickets(site, backend, file, tmp_path, versions):
    secret = file("secret", 32)
    with replica(site, backend, session_ticket_secret=secret) as a, \
            replica(site, backend, tls={"session_ticket_secret": secret}) as b:
        session = tmp_path / "session"
        assert "New, TLSv1" in openssl(a, versions, "-sess_out", session)
        for other in b, a, b:
            assert "Reused, TLSv1" in openssl(other, versions, "-sess_in", session)
        settings = context(versions=versions)
        _, session, _ = visit(a, settings)
        for other in [b, a] * 5:
            resumed, session, _ = visit(other, settings, session)
            assert resumed


@VERSIONS
def test_replicas_with_other_secrets_do_not(site, backend, file, versions):
    with replica(site, backend, session_ticket_secret=file("one", 32)) as a, \
            replica(site, backend, session_ticket_secret=file("another", 32)) as b, replica(site, backend) as c:
        settings = context(versions=versions)
        _, session, _ = visit(a, settings)
        assert not resumes(b, settings, session)
        assert not resumes(c, settings, session)
        assert resumes(a, settings, session)


@MOVED_CLOCK
@VERSIONS
def test_replicas_resume_each_others_tickets_through_an_epoch_change(site, backend, file, clock, tmp_path, versions):
    secret = file("secret", 64)
    # The next epoch begins in ten minutes.
    clock.move(3600 - clock.time() % 3600 - 600)
    with replica(site, backend, clock, session_ticket_secret=secret, session_timeout="1h") as a, \
            replica(site, backend, clock, session_ticket_secret=secret, session_timeout="1h") as b:
        names = []

        def each_resumes_the_others():
            for one, other in (a, b), (b, a):
                ticket = tmp_path / "session"
                names.append(key_name(openssl(one, versions, "-sess_out", ticket)))
                assert "Reused" in openssl(other, versions, "-sess_in", ticket)

        settings = context(versions=versions)
        _, old, _ = visit(a, settings)
        each_resumes_the_others()
        first = clock.time() // 3600
        clock.move(700)
        # Before a minute is over, they look at the clock when they are told to.
        b.reload_or_fail()
        each_resumes_the_others()
        a.reload_or_fail()
        each_resumes_the_others()
        assert resumes(a, settings, old)
        assert resumes(b, settings, old)
        epochs = [int.from_bytes(name[8:], "big") for name in names]
        assert epochs[:2] == [first, first]
        assert epochs[2] in (first, first + 1) and epochs[3:] == [first + 1] * 3


@MOVED_CLOCK
@VERSIONS
def test_replicas_whose_clocks_differ_by_half_a_minute_resume_each_others_tickets(site, backend, file, clock,
                                                                                 another_clock, versions):
    secret = file("secret", 32)
    another_clock.move(30)
    with replica(site, backend, clock, session_ticket_secret=secret) as a, \
            replica(site, backend, another_clock, session_ticket_secret=secret) as b:
        settings = context(versions=versions)
        for one, other in (a, b), (b, a):
            _, session, _ = visit(one, settings)
            assert resumes(other, settings, session)


@VERSIONS
def test_a_new_secret_takes_over_while_the_old_one_still_opens(site, backend, file, tmp_path, versions):
    old, new = file("old", 32), file("new", 32)
    server = forwarder(site, backend.destination, ssl={"session_ticket_secret": old})
    with Postern(server) as postern:
        settings, ticket = context(versions=versions), tmp_path / "session"
        before = key_name(openssl(postern, versions, "-sess_out", ticket))
        _, session, _ = visit(postern, settings)
        server["ssl"]["session_ticket_secret"] = [new, old]
        postern.write(server)
        postern.reload_or_fail()
        # Resumed, and renewed with the new secret's key.
        said = openssl(postern, versions, "-sess_in", ticket)
        assert "Reused" in said
        assert key_name(said)[:8] != before[:8]
        resumed, renewed, _ = visit(postern, settings, session)
        assert resumed
        server["ssl"]["session_ticket_secret"] = [new]
        postern.write(server)
        postern.reload_or_fail()
        assert resumes(postern, settings, renewed)
        assert "New" in openssl(postern, versions, "-sess_in", ticket)


# Restarts, reloads and workers

SOURCES = pytest.mark.parametrize("source", ["session_ticket_key", "session_ticket_secret"])


@SOURCES
@VERSIONS
def test_tickets_outlive_a_restart_when_the_key_does(site, backend, file, source, versions):
    with replica(site, backend, **{source: file("key", 80)}) as postern:
        settings = context(versions=versions)
        _, session, _ = visit(postern, settings)
        for _ in range(2):
            postern.stop()
            postern.start()
            assert [resumes(postern, settings, session) for _ in range(8)] == [True] * 8


@VERSIONS
def test_tickets_by_keys_that_were_made_end_with_the_process(site, backend, versions):
    with replica(site, backend) as postern:
        settings = context(versions=versions)
        _, session, _ = visit(postern, settings)
        postern.reload_or_fail()
        assert resumes(postern, settings, session)
        postern.stop()
        postern.start()
        assert not resumes(postern, settings, session)


@VERSIONS
def test_the_first_key_file_seals_and_all_open(site, backend, file, tmp_path, versions):
    old, new = file("old", 48), file("new", 80)
    server = forwarder(site, backend.destination, ssl={"session_ticket_key": [old]})
    with Postern(server) as postern:
        settings, ticket = context(versions=versions), tmp_path / "session"
        assert key_name(openssl(postern, versions, "-sess_out", ticket)) == first_bytes(old)
        _, session, _ = visit(postern, settings)
        server["ssl"]["session_ticket_key"] = [new, old]
        postern.write(server)
        postern.reload_or_fail()
        said = openssl(postern, versions, "-sess_in", ticket)
        assert "Reused" in said
        assert key_name(said) == first_bytes(new)
        resumed, renewed, _ = visit(postern, settings, session)
        assert resumed
        server["ssl"]["session_ticket_key"] = [new]
        postern.write(server)
        postern.reload_or_fail()
        assert resumes(postern, settings, renewed)
        assert "New" in openssl(postern, versions, "-sess_in", ticket)


def test_a_key_file_of_a_wrong_size_is_refused_and_the_old_keys_are_served(site, backend, file):
    server = forwarder(site, backend.destination, ssl={"session_ticket_key": file("right", 80)})
    with Postern(server) as postern:
        settings = context()
        _, session, _ = visit(postern, settings)
        server["ssl"]["session_ticket_key"] = file("wrong", 64)
        postern.write(server)
        done = postern.reload()
        assert done.returncode != 0
        assert "session_ticket_key[0]: a ticket key of 64 bytes" in done.stdout + done.stderr
        assert resumes(postern, settings, session)


# Rotation

@pytest.mark.parametrize("secret", [False, True], ids=["made", "secret"])
@VERSIONS
def test_rotation_drops_no_connection_and_no_session(site, backend, file, secret, versions):
    tls = {"session_ticket_rotation": "1s", **({"session_ticket_secret": file("secret", 32)} if secret else {})}
    with replica(site, backend, tls=tls, session_timeout="1m") as postern:
        settings = context(versions=versions)
        names = set()
        with postern.connect(settings) as kept:
            _, session, _ = visit(postern, settings)
            ends = time.monotonic() + 4
            while time.monotonic() < ends:
                assert kept.ask(b"still") == b"still"
                resumed, session, _ = visit(postern, settings, session)
                assert resumed
                names.add(key_name(openssl(postern, versions)))
            kept.finish()
            assert kept.receive_all() == b""
        assert len(names) >= 3
        assert all(e["close"]["reason"] == "closed" for e in postern.entries())


@MOVED_CLOCK
@VERSIONS
def test_a_chain_of_renewals_ends_on_time_across_workers_replicas_and_a_restart(site, backend, file, clock, versions):
    key = file("key", 80)
    with replica(site, backend, clock, session_ticket_key=key, session_timeout="1000s") as a, \
            replica(site, backend, clock, session_ticket_key=key, session_timeout="1000s") as b:
        settings = context(versions=versions)
        _, session, _ = visit(a, settings)
        for postern in a, b, a:
            clock.move(300)
            for _ in range(4):
                resumed, session, _ = visit(postern, settings, session)
                assert resumed
            postern.stop()
            postern.start()
        clock.move(150)
        for postern in a, b:
            assert [resumes(postern, settings, session) for _ in range(4)] == [False] * 4


@MOVED_CLOCK
@VERSIONS
def test_a_chain_of_resumptions_from_a_shared_cache_ends_on_time_across_workers(site, backend, clock, versions):
    with replica(site, backend, clock, session_tickets=False, session_cache="shared:1m",
                 session_timeout="1000s") as postern:
        settings = context(versions=versions)
        _, session, _ = visit(postern, settings)
        for _ in range(3):
            clock.move(300)
            for _ in range(4):
                resumed, session, _ = visit(postern, settings, session)
                assert resumed
        clock.move(150)
        assert [resumes(postern, settings, session) for _ in range(4)] == [False] * 4


# CVE-2025-23419

BY_TICKET = {"session_tickets": True}
BY_ID = {"session_tickets": False, "session_cache": "shared:SSL:1m"}
WAYS = pytest.mark.parametrize("way", [BY_TICKET, BY_ID], ids=["tickets", "ids"])


class Two:
    """Two servers on one address, with one ticket key and one cache, and another certificate each."""

    def __init__(self, authority, backend, key, way):
        port = free_port()
        self.identities = {n: authority.issue(n) for n in ("a.example.org", "b.example.org")}
        self.servers = [forwarder(i, backend.destination, port=port, server_name=n,
                                  ssl={**way, "session_ticket_key": key}) for n, i in self.identities.items()]

    def carry(self, postern, settings, session):
        """A session of a's, often enough to meet every worker, to b and then home."""
        for _ in range(8):
            resumed, _, shown = visit(postern, settings, session, "b.example.org")
            assert not resumed
            assert shown == self.identities["b.example.org"].der()


@WAYS
@VERSIONS
def test_a_session_is_never_carried_to_another_server(authority, backend, file, way, versions):
    two = Two(authority, backend, file("key", 80), way)
    with Postern(*two.servers) as postern:
        settings = context(versions=versions)
        _, session, _ = visit(postern, settings, name="a.example.org")
        two.carry(postern, settings, session)
        resumed, session, _ = visit(postern, settings, session, "a.example.org")
        assert resumed
        # Nor across a reload, in whichever order they stand.
        postern.write(*reversed(two.servers))
        postern.reload_or_fail()
        two.carry(postern, settings, session)
        resumed, session, _ = visit(postern, settings, session, "a.example.org")
        assert resumed
        if way is BY_TICKET:
            postern.stop()
            postern.start()
            two.carry(postern, settings, session)
            assert resumes(postern, settings, session, name="a.example.org")


@WAYS
@VERSIONS
def test_a_session_is_never_carried_to_the_server_that_takes_its_place(authority, backend, file, way, versions):
    """By a reload or a restart the name is another server's, with another certificate."""
    two = Two(authority, backend, file("key", 80), way)
    a, b = two.servers
    with Postern(a) as postern:
        settings = context(versions=versions)
        _, session, _ = visit(postern, settings, name="a.example.org")
        postern.write({**b, "server_name": "a.example.org"})
        postern.reload_or_fail()
        assert [resumes(postern, settings, session, name="a.example.org") for _ in range(8)] == [False] * 8
        if way is BY_TICKET:
            postern.stop()
            postern.start()
            assert [resumes(postern, settings, session, name="a.example.org") for _ in range(8)] == [False] * 8
            postern.write(a)
            postern.reload_or_fail()
            assert resumes(postern, settings, session, name="a.example.org")


@VERSIONS
def test_a_ticket_is_never_carried_to_another_address(authority, backend, file, versions):
    key = file("key", 80)
    a, b = (forwarder(authority.issue("localhost"), backend.destination, ssl={"session_ticket_key": key})
            for _ in range(2))
    with Postern(a) as one, Postern(b) as other:
        settings = context(versions=versions)
        _, session, _ = visit(one, settings)
        assert not resumes(other, settings, session)
        assert resumes(one, settings, session)
