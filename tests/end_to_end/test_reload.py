"""A reload swaps everything or nothing, and running connections never notice."""

import resource
import shutil
import signal
import socket
from pathlib import Path

import pytest

from backends import Echo
from clients import TLS_1_2, Client, context, handshake_error, how_it_ended
from postern import Postern, forwarder, run, sanitized
from waiting import until


@pytest.fixture
def backend():
    with Echo() as b:
        yield b


@pytest.fixture
def place(tmp_path):
    """Certificate files that a test may replace, as a renewal does."""
    class Place:
        certificate, key = tmp_path / "site.crt", tmp_path / "site.key"

        def show(self, identity):
            for source, target in [(identity.certificate, self.certificate), (identity.key, self.key)]:
                shutil.copy(source, target)

        def block(self):
            return {"certificate": str(self.certificate), "certificate_key": str(self.key)}
    return Place()


def shown(postern):
    with postern.connect() as client:
        assert client.ask(b"hello") == b"hello"
        return client.tls.getpeercert(binary_form=True)


def serving(place, identity, backend, **keys):
    place.show(identity)
    return {**forwarder(identity, backend.destination, **keys), "ssl": place.block()}


def test_postern_reload_swaps_the_certificate(authority, place, backend):
    old, new = authority.issue("localhost"), authority.issue("localhost")
    with Postern(serving(place, old, backend)) as postern:
        assert shown(postern) == old.der()
        place.show(new)
        assert shown(postern) == old.der()
        postern.reload_or_fail()
        # The verdict came after the last worker had switched: every connection from now on is a new one.
        assert [shown(postern) for _ in range(10)] == [new.der()] * 10


def test_sighup_swaps_the_certificate(authority, place, backend):
    old, new = authority.issue("localhost"), authority.issue("localhost", kind="rsa")
    with Postern(serving(place, old, backend)) as postern:
        place.show(new)
        postern.signal(signal.SIGHUP)
        until(lambda: shown(postern) == new.der(), "the new certificate")


def test_running_connections_do_not_notice(authority, place, backend):
    with Postern(serving(place, authority.issue("localhost"), backend)) as postern:
        with postern.connect() as client:
            for _ in range(5):
                place.show(authority.issue("localhost"))
                postern.reload_or_fail()
                assert client.ask(b"still here") == b"still here"
            client.finish()
            assert how_it_ended(client) == ("close_notify", b"")


def test_new_settings_are_for_new_connections(site, backend):
    with Echo(b"new ") as other:
        server = forwarder(site, backend.destination)
        with Postern(server) as postern:
            with postern.connect(context(versions=TLS_1_2)) as old:
                old.ask(b"hello")
                postern.write({**server, "proxy_pass": other.destination,
                               "ssl": site.block(protocols="TLSv1.3")})
                postern.reload_or_fail()
                assert handshake_error(postern.address, context(versions=TLS_1_2)) == "TLSV1_ALERT_PROTOCOL_VERSION"
                with postern.connect() as fresh:
                    assert fresh.receive_exactly(4) == b"new "
                assert old.ask(b"hello") == b"hello"


def test_an_address_can_come_and_go(site, backend):
    first, second = forwarder(site, backend.destination), forwarder(site, backend.destination)
    with Postern(first) as postern:
        gone = postern.address
        with postern.connect() as client:
            client.ask(b"hello")
            postern.write(first, second)
            postern.reload_or_fail()
            for address in postern.addresses():
                with Client(address) as c:
                    assert c.ask(b"hello") == b"hello"
            postern.write(second)
            postern.reload_or_fail()
            with pytest.raises(ConnectionRefusedError):
                Client(gone)
            assert client.ask(b"on a closed listener") == b"on a closed listener"


def test_who_waits_at_an_address_that_goes_is_served_by_what_was_there(site, backend):
    with Echo(b"old ") as old:
        staying, going = forwarder(site, backend.destination), forwarder(site, old.destination)
        with Postern(staying, going, limits={"connections": 1}, workers=1) as postern:
            gone = list(postern.addresses())[1]
            with postern.connect() as only, Client(gone, handshake=False) as waiting:
                only.ask(b"hello")
                waiting.socket.sendall(waiting.client_hello())
                postern.write(staying, limits={"connections": 10}, workers=1)
                postern.reload_or_fail()
                waiting.handshake()
                assert waiting.receive_exactly(4) == b"old "


@pytest.mark.parametrize("broken", ["servers: [", "servers:\n  - listn: 443\n", "", "workers: many\n"],
                         ids=["not YAML", "misspelt", "empty", "wrong type"])
def test_a_broken_configuration_leaves_the_old_one_serving(site, backend, broken):
    with Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client:
            client.ask(b"hello")
            good = postern.config_file.read_text()
            postern.write_text(broken)
            done = postern.reload()
            assert done.returncode == 1
            assert postern.config_file.name in done.stdout + done.stderr
            assert client.ask(b"still here") == b"still here"
            assert shown(postern) == site.der()
            postern.write_text(good)
            postern.reload_or_fail()


def test_reload_prints_what_is_wrong_and_where(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern:
        postern.write_text("shutdown_timeot: 5s\nservers:\n  - listen: nonsense\n")
        done = postern.reload()
        said = done.stdout + done.stderr
        assert done.returncode == 1
        assert "postern.yaml:1:1: shutdown_timeot" in said
        assert "postern.yaml:3:" in said


def test_a_mismatched_key_leaves_the_old_certificate(authority, place, backend):
    old, new = authority.issue("localhost"), authority.issue("localhost")
    with Postern(serving(place, old, backend)) as postern:
        # A renewal caught halfway: the certificate is there, the key is not.
        shutil.copy(new.certificate, place.certificate)
        done = postern.reload()
        assert done.returncode == 1
        assert "certificate_key" in done.stdout + done.stderr
        assert shown(postern) == old.der()
        place.show(new)
        postern.reload_or_fail()
        assert shown(postern) == new.der()


def test_a_vanished_file_leaves_the_old_certificate(authority, place, backend):
    identity = authority.issue("localhost")
    with Postern(serving(place, identity, backend)) as postern:
        place.certificate.unlink()
        assert postern.reload().returncode == 1
        postern.signal(signal.SIGHUP)
        postern.said(str(place.certificate))
        assert shown(postern) == identity.der()


def test_an_address_that_is_taken_leaves_everything_as_it_was(site, backend):
    server = forwarder(site, backend.destination)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with Postern(server) as postern:
            postern.write(server, forwarder(site, backend.destination, port=taken.getsockname()[1]))
            done = postern.reload()
            assert done.returncode == 1
            assert str(taken.getsockname()[1]) in done.stdout + done.stderr
            assert shown(postern) == site.der()
            postern.write(server)
            postern.reload_or_fail()


def test_a_log_that_cannot_be_opened_leaves_all_logs_as_they_were(site, backend):
    server = forwarder(site, backend.destination)
    with Postern(server) as postern:
        postern.write(server, log={"file": "new.log", "access": "no-such-folder/access.log"})
        assert postern.reload().returncode == 1
        postern.said("what was served before is still served")
        assert (postern.folder / "new.log").read_text() == ""
        postern.write(server)
        postern.reload_or_fail()


@pytest.mark.skipif(sanitized(), reason="a sanitizer's own memory is not to be limited")
def test_without_a_thread_to_read_it_a_configuration_is_refused(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern:
        assert shown(postern) == site.der()
        # A thread needs a stack, and no memory can be mapped any more.
        pages = int(Path(f"/proc/{postern.process.pid}/statm").read_text().split()[0])
        before = resource.prlimit(postern.process.pid, resource.RLIMIT_AS)
        resource.prlimit(postern.process.pid, resource.RLIMIT_AS, (pages * resource.getpagesize(), before[1]))
        done = postern.reload()
        resource.prlimit(postern.process.pid, resource.RLIMIT_AS, before)
        assert done.returncode == 1
        assert "no thread" in done.stdout + done.stderr
        assert shown(postern) == site.der()
        postern.reload_or_fail()


def test_reload_without_a_daemon_says_so(site):
    unstarted = Postern(forwarder(site, "tcp://127.0.0.1:1"))
    done = run("reload", "-c", unstarted.config_file)
    assert done.returncode == 69
    assert str(unstarted.config_file) in done.stderr


def test_reloads_do_not_leak(authority, place, backend):
    with Postern(serving(place, authority.issue("localhost"), backend)) as postern:
        def settled():
            shown(postern)
            until(lambda: backend.open == 0, "connections to end")
            return postern.open_files()
        for _ in range(3):
            postern.reload_or_fail()
        files = settled()
        for _ in range(20):
            postern.reload_or_fail()
            shown(postern)
        until(lambda: settled() <= files + 2, f"no more than {files} open files (there are {postern.open_files()})")
