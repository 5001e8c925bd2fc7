"""A start before its certificate is there: it waits, says for what, and serves or gives up."""

import http.client
import json
import os
import signal
import socket
import subprocess

import pytest

from backends import Echo
from metrics import Metrics, page
from ports import free_port
from postern import forwarder, run
from waiting import LONG
from watched import Place, Watching, replace, shown


@pytest.fixture(scope="module")
def backend():
    with Echo() as b:
        yield b


def server_without_files(folder, backend):
    server = forwarder(None, backend.destination)
    server["ssl"] = {"certificate": str(folder / "tls/site.crt"), "certificate_key": str(folder / "tls/site.key")}
    return server


class Starting:
    """A process that has begun and serves nothing yet, with what it tells its manager."""

    def __init__(self, postern):
        self.postern = postern
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        where = postern.folder / "manager"
        self.manager.bind(str(where))
        self.manager.settimeout(LONG)
        with open(postern.folder / "stderr", "ab") as err:
            self.process = subprocess.Popen(postern.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=err, env={**os.environ, "NOTIFY_SOCKET": str(where)})
        postern.process = self.process

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.postern.kill()
        self.manager.close()

    def hears(self, text):
        """What the manager is told, up to this."""
        while text not in (heard := self.manager.recv(4096).decode()):
            pass
        return heard


def ready(admin):
    connection = http.client.HTTPConnection(admin, timeout=LONG)
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    status = answer.status, answer.read()
    connection.close()
    return status


def test_it_serves_as_soon_as_certificate_and_key_are_there_and_belong_together(backend, authority, tmp_path):
    old, new = authority.issue("localhost"), authority.issue("localhost")
    admin = f"127.0.0.1:{free_port()}"
    postern = Watching(server_without_files(tmp_path, backend), admin={"listen": admin}, wait_for_certificate="90s")
    with Starting(postern) as starting:
        postern.said("waiting, for at most 90 s")
        assert ready(admin) == (503, b"no certificate yet\n")
        with pytest.raises(ConnectionRefusedError):
            postern.connect()
        (tmp_path / "tls").mkdir()
        replace(tmp_path / "tls/site.crt", old.certificate.read_bytes())
        replace(tmp_path / "tls/site.key", new.key.read_bytes())
        postern.said("does not match")
        assert ready(admin)[0] == 503
        Place(tmp_path / "tls", new)
        starting.hears("READY=1")
        assert shown(postern) == new.der()
        assert ready(admin)[0] == 200
        # They are watched as if they had been there from the beginning.
        Place(tmp_path / "tls", old)
        postern.shows(old)
        postern.stop()


def test_the_manager_is_told_what_it_waits_for_and_not_to_lose_patience(backend, tmp_path):
    postern = Watching(server_without_files(tmp_path, backend), wait_for_certificate="90s")
    with Starting(postern) as starting:
        assert starting.hears("EXTEND_TIMEOUT_USEC=") == "EXTEND_TIMEOUT_USEC=150000000"
        told = starting.hears("STATUS=waiting: ")
        assert "No such file" in told and str(tmp_path / "tls/site.crt") in told


def test_nothing_is_told_to_have_been_served_while_it_waits(backend, authority, tmp_path):
    admin = {"listen": f"127.0.0.1:{free_port()}"}
    postern = Watching(server_without_files(tmp_path, backend), admin=admin, wait_for_certificate="90s")
    with Starting(postern) as starting:
        starting.hears("STATUS=waiting")
        told = json.loads(page(postern, "/status")[2])
        assert (told["state"], told["reloads"]["served_since"]) == ("starting", None)
        name = "postern_reload_last_success_timestamp_seconds"
        assert name not in Metrics(postern).names()
        (tmp_path / "tls").mkdir()
        Place(tmp_path / "tls", authority.issue("localhost"))
        starting.hears("READY=1")
        assert json.loads(page(postern, "/status")[2])["reloads"]["served_since"]
        assert Metrics(postern)[name] > 1e9
        postern.stop()


def test_the_admin_listener_goes_where_the_configuration_says_when_the_wait_is_over(backend, authority, tmp_path):
    old, new = (f"127.0.0.1:{free_port()}" for _ in range(2))
    postern = Watching(server_without_files(tmp_path, backend), admin={"listen": old}, wait_for_certificate="90s")
    with Starting(postern) as starting:
        starting.hears("STATUS=waiting")
        assert ready(old)[0] == 503
        later = tmp_path / "later"
        postern.write(server_without_files(later, backend), admin={"listen": new}, wait_for_certificate="90s")
        # It has been read: what is waited for is another.
        starting.hears(str(later))
        (later / "tls").mkdir(parents=True)
        Place(later / "tls", authority.issue("localhost"))
        starting.hears("READY=1")
        assert ready(new)[0] == 200
        with pytest.raises(ConnectionRefusedError):
            ready(old)
        postern.stop()


def test_when_the_time_is_over_it_ends_with_what_is_wrong(backend, tmp_path):
    postern = Watching(server_without_files(tmp_path, backend), wait_for_certificate="300ms")
    done = run("serve", "-c", postern.config_file)
    assert done.returncode == 78
    for name in ("certificate", "certificate_key"):
        assert f"servers[0].ssl.{name}[0]: No such file" in done.stderr


def test_the_time_also_ends_while_a_file_is_being_read(backend, tmp_path):
    postern = Watching(server_without_files(tmp_path, backend), wait_for_certificate="2s")
    with Starting(postern) as starting:
        starting.hears("STATUS=waiting")
        (tmp_path / "tls").mkdir()
        # Nobody will ever write into them.
        for name in ("site.crt", "site.key"):
            os.mkfifo(tmp_path / "tls" / name)
        assert postern.wait() == 78


@pytest.mark.parametrize("wait", [{}, {"wait_for_certificate": "0s"}], ids=["by default", "0s"])
def test_without_the_key_it_does_not_wait(backend, tmp_path, wait):
    postern = Watching(server_without_files(tmp_path, backend), **wait)
    done = run("serve", "-c", postern.config_file)
    assert done.returncode == 78
    assert "waiting" not in done.stderr


def test_what_waiting_cannot_mend_is_told_at_once(site, backend):
    server = forwarder(site, backend.destination, ssl={"ciphers": "NONSENSE"})
    done = run("serve", "-c", Watching(server, wait_for_certificate="1h").config_file)
    assert done.returncode == 78
    assert "waiting" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it(backend, tmp_path, number):
    postern = Watching(server_without_files(tmp_path, backend), wait_for_certificate="1h")
    with Starting(postern) as starting:
        starting.hears("STATUS=waiting")
        # Neither a reload nor the logs' reopening does.
        postern.signal(signal.SIGHUP)
        postern.signal(signal.SIGUSR1)
        postern.said("logs reopened")
        postern.signal(number)
        assert postern.wait() == 0
