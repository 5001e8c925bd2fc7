"""Configurations that change under a daemon that watches them, and changes that come at a bad moment."""

import json
import os
import signal

import pytest

from backends import Echo
from clients import Client
from postern import forwarder
from waiting import until
from watched import Place, Watching, replace, shown


@pytest.fixture(scope="module")
def backend():
    with Echo() as b:
        yield b


@pytest.fixture(scope="module")
def identities(authority):
    return [authority.issue("localhost") for _ in range(3)]


@pytest.fixture
def place(tmp_path, identities):
    return Place(tmp_path, identities[0])


def test_a_broken_configuration_is_told_and_its_repair_is_taken(place, backend):
    with Echo(b"new ") as other:
        server = place.server(backend)
        with Watching(server) as postern, postern.connect() as client:
            client.ask(b"hello")
            postern.write_text("servers: [")
            postern.refused()
            assert "postern.yaml:1:" in postern.stderr()
            assert client.ask(b"still here") == b"still here"
            postern.write({**server, "proxy_pass": other.destination})
            postern.done(1)
            with postern.connect() as fresh:
                assert fresh.receive_exactly(4) == b"new "
            postern.refused(1)


def test_a_configuration_that_needs_a_restart_is_refused_as_a_whole(place, backend, identities):
    server = place.server(backend)
    with Watching(server) as postern:
        place.renew(identities[1])
        postern.done(1)
        postern.write(server, forwarder(identities[2], backend.destination), workers=3)
        postern.refused()
        assert "workers: a change needs a restart" in postern.stderr()
        postern.write(server)
        postern.done(2)


def test_included_files_are_watched_and_those_that_come(place, backend, identities):
    with Watching(place.server(backend)) as postern:
        included = postern.folder / "conf.d"
        included.mkdir()
        first, second = forwarder(identities[0], backend.destination), forwarder(identities[0], backend.destination)
        good = postern.config_file.read_text()
        postern.write_text('{"include": "conf.d/*.yaml",' + good.lstrip()[1:])
        postern.done(1)
        for number, server in enumerate([first, second]):
            replace(included / f"{number}.yaml", json.dumps({"servers": [server]}))
            host, _, port = server["listen"].rpartition(":")
            until(lambda: answers((host, int(port))), "the server that came")


def test_names_that_no_pattern_means_are_no_change(place, backend, identities):
    with Watching(place.server(backend)) as postern:
        included = postern.folder / "conf.d"
        included.mkdir()
        postern.write_text('{"include": "conf.d/*.yaml",' + postern.config_file.read_text().lstrip()[1:])
        postern.done(1)
        for name in ("README", "4913", "site.yaml~", ".site.yaml.swp"):
            (included / name).write_text("servers: [")
        place.renew(identities[1])
        postern.done(2)
        assert shown(postern) == identities[1].der()
        assert str(included) not in postern.stderr()
        (included / "site.yaml").write_text("servers: []")
        postern.said(f"reload: changed: {included}")


def test_what_a_broken_configuration_does_not_come_to_is_watched_on(place, backend, identities):
    server = place.server(backend)
    with Watching(server) as postern:
        postern.write_text("servers: [")
        postern.refused(1)
        place.renew(identities[1])
        until(lambda: postern.count("reload: refused") > 1, "another look")
        # A pair comes in two steps, each of which may have been one.
        assert postern.count("reload: refused") <= 3
        assert shown(postern) == identities[0].der()
        postern.write(server)
        postern.shows(identities[1])
        assert postern.count("reload: refused") <= 3


def answers(address):
    try:
        with Client(address) as client:
            return client.ask(b"hello") == b"hello"
    except ConnectionRefusedError:
        return False


def test_watching_can_be_turned_off_and_on_by_a_reload(place, backend, identities):
    server = place.server(backend)
    with Watching(server) as postern:
        postern.write(server, watch={"enabled": False})
        postern.done(1)
        place.renew(identities[1])
        postern.write(server)
        # Nobody has read the change: it is taken by this reload, which somebody asks for.
        assert shown(postern) == identities[0].der()
        postern.reload_or_fail()
        assert shown(postern) == identities[1].der()
        place.renew(identities[2])
        postern.shows(identities[2])


def test_a_change_during_a_reload_is_taken_after_it(place, backend, authority, identities, tmp_path):
    old, new = identities[:2]
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    server = place.server(backend)
    with Watching(server) as postern:
        # Authorities are read after certificates, and whoever reads a pipe waits for its writer.
        postern.write({**server, "ssl": place.block(trusted_certificate=str(pipe))})
        with open(pipe, "wb") as writer:
            place.renew(new)
            writer.write(authority.certificate.read_bytes())
        postern.done(1)
        assert shown(postern) == old.der()
        pipe.write_bytes(authority.certificate.read_bytes())
        postern.shows(new)


def test_a_change_during_a_drain_disturbs_nobody(place, backend, identities):
    with Watching(place.server(backend)) as postern:
        with postern.connect() as client:
            client.ask(b"hello")
            postern.signal(signal.SIGTERM)
            postern.drains()
            place.renew(identities[1])
            assert client.ask(b"still here") == b"still here"
            client.finish()
        assert postern.wait() == 0
        assert postern.count("reload: ") == 0
