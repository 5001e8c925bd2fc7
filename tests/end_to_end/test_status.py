"""`postern status`: what a daemon tells, in a terminal."""

import json
import re
import signal
import subprocess
import threading

import pytest

from backends import Echo, FullBacklog, Listening, Threaded, refusing
from clients import TLS_1_3, Client, context, handshake_error
from http_backends import Site, answer
from http_clients import browse, get
from metrics import becomes, page, watched
from postern import BINARY, Postern, forwarder, run
from terminals import ENTER, LEAVE, Terminal, plain
from waiting import LONG, until


@pytest.fixture
def backend():
    with Echo() as b:
        yield b


def admin(postern):
    return postern.settings["admin"]["listen"]


def visit(postern, settings=None, session=None):
    with postern.connect(settings, session=session) as client:
        client.ask(b"hello")
        client.finish()
        client.receive_all()
        return client.tls.session


def status(postern, *more):
    """The lines of `postern status`, which must go well."""
    done = run("status", "-c", postern.config_file, *more)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout.splitlines()


def line(lines, pattern):
    """The only line that matches from its beginning to its end."""
    found = [each for each in lines if re.fullmatch(pattern, each)]
    assert len(found) == 1, f"{pattern}: {found}\n" + "\n".join(lines)
    return found[0]


def test_everything_is_said_once(site, authority, backend):
    dead = refusing()
    with watched(forwarder(site, backend.destination), forwarder(site, f"tcp://{dead}")) as postern:
        settings = context(versions=TLS_1_3)
        visit(postern, settings, visit(postern, settings))
        _, second = postern.addresses()
        with Client(second) as client:
            client.receive_all()
        handshake_error(postern.address, context(authority.certificate), name="another.example.org")
        becomes(postern, 1, "postern_tls_handshakes_total", result="failed")
        becomes(postern, 0, "postern_connections_active")
        postern.reload_or_fail()
        lines = status(postern)
        first = re.escape("%s:%d" % postern.address)
        assert re.fullmatch(r"postern 0\.\S+  serving  2 workers", lines[0])
        assert lines[1].startswith(admin(postern) + "  ")
        line(lines, r"reloads +1 done, 0 refused")
        line(lines, r"tickets +\d+ issued, 1 accepted, 0 rejected, key of \d+ (s|min)")
        line(lines, r"rates +a second, of the last [1-9][0-9.]* s")
        line(lines, first + r" +0 +0 +0 B +0 B")
        line(lines, first + r" +full +1 +0 +[\d.]+ m?s +[\d.]+ m?s")
        line(lines, r" +resumed +1 +0 +[\d.]+ m?s +[\d.]+ m?s")
        line(lines, r" +failed +1 +0 +peer_alert 1")
        line(lines, re.escape(dead) + r" +DOWN +0 +0 +- +- +connect_refused 1")
        line(lines, re.escape(backend.address) + r" +up +0 +0 +[\d.]+ m?s +[\d.]+ m?s")
        line(lines, r"localhost +ends in (29|30) days +\d{4}-\S+Z")
        assert "\x1b" not in "\n".join(lines)


def test_requests_are_said_with_their_times(site):
    with Site() as backend, watched(forwarder(site, backend.destination)) as postern:
        with browse(postern) as client:
            for _ in range(3):
                client.ask(get())
        becomes(postern, 3, "postern_http_requests_total")
        line(status(postern), re.escape("%s:%d" % postern.address) + r" +3 +0 +[\d.]+ m?s +[\d.]+ m?s")


def test_rates_are_of_what_happens_meanwhile(site, backend):
    over = threading.Event()

    def go_on():
        while not over.is_set():
            visit(postern)

    with watched(forwarder(site, backend.destination)) as postern:
        visitor = threading.Thread(target=go_on)
        visitor.start()
        try:
            busy = re.compile(re.escape("%s:%d" % postern.address) + r" +full +[\d,]+ +[\d.<, ]*[1-9][\d.]* .*")
            until(lambda: any(busy.fullmatch(each) for each in status(postern)), "a rate of handshakes")
        finally:
            over.set()
            visitor.join()


def test_the_json_is_the_daemons_own(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        visit(postern)
        becomes(postern, 1, "postern_endings_total")
        told = json.loads("\n".join(status(postern, "--json")))
        theirs = json.loads(page(postern, "/status")[2])
        assert told.keys() == theirs.keys()
        assert told["listeners"] == theirs["listeners"]


def test_a_unix_socket_is_asked_as_well(site, backend):
    with Postern(forwarder(site, backend.destination), admin={"listen": "unix:admin.sock"}) as postern:
        where = f"unix:{postern.folder}/admin.sock"
        assert status(postern)[1].startswith(where + "  ")
        done = run("status", "--admin", where)
        assert done.returncode == 0, done.stderr
        assert " serving " in done.stdout


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_address_can_be_named_instead_of_a_file(site, backend, host):
    with watched(forwarder(site, backend.destination)) as postern:
        where = host + ":" + admin(postern).split(":")[1]
        done = run("status", "--admin", where)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[1].startswith(where + "  ")


def test_whoever_is_asked_by_a_name_is_told_an_address():
    heard = []

    def talk(connection):
        heard.append(connection.recv(4096))
    with Threaded(talk) as other:
        run("status", "--admin", "localhost:" + other.address.split(":")[1])
        assert b"\r\nHost: %s\r\n" % other.address.encode() in heard[0]


def test_a_file_with_a_mistake_still_tells_where_to_ask(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        postern.write_text(json.dumps({**postern.settings, "wokers": 3}))
        assert postern.reload().returncode == 1
        line(status(postern), r"reloads +0 done, 1 refused")


def test_without_an_admin_listener_the_key_is_named(site, tmp_path):
    unstarted = Postern(forwarder(site, "tcp://127.0.0.1:1"))
    done = run("status", "-c", unstarted.config_file)
    assert (done.returncode, done.stdout) == (78, "")
    assert "set admin.listen" in done.stderr
    assert done.stderr.count("\n") == 1
    unstarted.write_text("workers: many\n")
    done = run("status", "-c", unstarted.config_file)
    assert done.returncode == 78
    assert "postern.yaml:1:10: workers: " in done.stderr


@pytest.mark.parametrize("more", [[], ["--json"], ["--watch"]])
def test_nobody_there_is_one_line(more, tmp_path):
    nobody = refusing()
    for where, why in [(nobody, "Connection refused"), (f"unix:{tmp_path}/none", "No such file or directory")]:
        done = run("status", "--admin", where, *more)
        assert (done.returncode, done.stdout) == (69, "")
        assert done.stderr == f"no status from {where}: {why}\n"


def test_a_name_that_does_not_resolve_is_one_line():
    done = run("status", "--admin", "no.such.name.invalid:9901")
    assert done.returncode == 69
    assert done.stderr.startswith("no status from no.such.name.invalid:9901: ")
    assert done.stderr.count("\n") == 1


def saying(*parts):
    """Whoever answers a request with these bytes, and then ends."""
    def talk(connection):
        request = b""
        while b"\r\n\r\n" not in request:
            more = connection.recv(4096)
            if not more:
                return
            request += more
        for part in parts:
            connection.sendall(part)
        connection.close()
    return Threaded(talk)


ENDLESS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WRONG = {
    "no HTTP": ([b"SSH-2.0-OpenSSH_9.2\r\n"], "it does not speak HTTP"),
    "nothing": ([], "it ends the connection without a whole answer"),
    "half": ([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"], "it ends the connection without a whole answer"),
    "another page": ([answer(status="404 Not Found")], "it answers /status with 404"),
    "no JSON": ([answer(b"<html>")], "no JSON"),
    "other JSON": ([answer(b'{"status": "up"}')], "neither version nor state"),
    "a wrong value": ([answer(b'{"version": "1", "state": "x", "workers": []}')], "workers: a count belongs here"),
    "too much": ([b"HTTP/1.1 200 OK\r\nContent-Length: 4194305\r\n\r\n"], "an answer of more than 4 MiB"),
    "endless": ([ENDLESS, b"10000\r\n" + 65536 * b" " + b"\r\n"], "an answer of more than 4 MiB"),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("more", [[], ["--json"], ["--watch"]])
def test_somebody_else_is_told_from_a_daemon(what, more):
    parts, why = WRONG[what]
    with saying(*(parts if what != "endless" else [parts[0], *(100 * [parts[1]])])) as other:
        done = run("status", "--admin", other.address, *more)
        assert (done.returncode, done.stdout) == (69, "")
        assert done.stderr.startswith(f"no status from {other.address}: ") and why in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("silent", [Listening, FullBacklog])
def test_who_says_nothing_is_given_up(silent):
    with silent() as other:
        done = run("status", "--admin", other.address)
        assert (done.returncode, done.stdout) == (69, "")
        assert done.stderr == f"no status from {other.address}: no whole answer within 5 s\n"


def test_who_says_a_byte_now_and_then_is_given_up_too():
    over = threading.Event()

    def drip(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.2):
            connection.sendall(b"X-Y: Z\r\n")
    with Threaded(drip) as other:
        done = run("status", "--admin", other.address)
        over.set()
        assert done.returncode == 69
        assert "no whole answer within 5 s" in done.stderr


def test_no_text_of_others_commands_the_terminal():
    told = {"version": "1\x1b[2J", "state": "serving\x07", "certificates": [{"name": "\x9b2J\r\nfalse"}],
            "listeners": [{"address": "\x1b]0;x\x07", "handshakes": {"failed": 1, "failures": {"\x1bc": 1}}}],
            "upstreams": [{"name": "u\x1b[31m", "peers": [{"address": "\x08", "failures": {"\x7f": 1}}]}]}
    with saying(answer(json.dumps(told).encode())) as other:
        done = subprocess.run([BINARY, "status", "--admin", other.address], capture_output=True, timeout=LONG)
        assert done.returncode == 0, done.stderr
        text = done.stdout.decode()
        assert [c for c in text if (c < " " or "\x7f" <= c <= "\x9f") and c != "\n"] == []
        for escaped in [r"1\x1b[2J", r"serving\x07", r"\xc2\x9b2J\x0d\x0afalse", r"\x1bc 1", r"\x7f 1"]:
            assert escaped in text


def test_watching_into_a_file_adds_a_page_each_time(site, backend, tmp_path):
    with watched(forwarder(site, backend.destination)) as postern, open(tmp_path / "out", "wb") as out:
        watching = subprocess.Popen([BINARY, "status", "-c", postern.config_file, "--watch=0.1"], stdout=out)

        def text():
            return (tmp_path / "out").read_text()
        try:
            until(lambda: text().count("\n\npostern 0.") >= 2, "three pages")
            watching.send_signal(signal.SIGTERM)
            assert watching.wait(LONG) == 0
        finally:
            watching.kill()
            watching.wait()
        assert "\x1b" not in text()
        assert "rates          not known yet" in text() and "rates          a second, of the last " in text()


def fits(frame, width, height):
    lines = [plain(each) for each in frame]
    assert max(map(len, lines)) <= width, lines
    # What follows the last line end is where the cursor stands.
    assert len(lines) <= height, lines
    return lines


def test_watching_on_a_terminal_draws_in_place_and_leaves_it_as_it_was(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        with Terminal("status", "-c", postern.config_file, "--watch", "0.1", width=40, height=12) as terminal:
            frame = terminal.frame("rates", lambda text: "of the last" in text)
            lines = fits(frame, 40, 12)
            assert re.fullmatch(r"postern 0\.\S+  serving  2 workers", lines[0])
            assert lines[4].endswith(">"), "a line that was cut"
            assert re.fullmatch(r"\d+ lines more do not fit", lines[10])
            assert "\x1b[32mserving\x1b[0m" in frame[0]
            assert terminal.text.startswith(ENTER) and LEAVE not in terminal.text
            terminal.press(b"\x03")
            assert terminal.wait() == 0
            assert terminal.text.count(ENTER) == terminal.text.count(LEAVE) == 1
            assert terminal.text.endswith("\x1b[?25h" + LEAVE)


def test_a_terminal_that_grows_is_used(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        with Terminal("status", "-c", postern.config_file, "--watch", "3600", width=40, height=12) as terminal:
            until(lambda: "do not fit" in terminal.text, "the first frame")
            terminal.resize(100, 50)
            until(lambda: "CERTIFICATES" in terminal.text and "ends in" in terminal.text.split("CERTIFICATES")[-1],
                  "all of the page")
            fits(terminal.frames()[-1], 100, 50)
            terminal.send(signal.SIGTERM)
            assert terminal.wait() == 0
            assert terminal.text.endswith(LEAVE)


def test_a_shell_gets_its_screen_while_the_program_is_stopped(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        with Terminal("status", "-c", postern.config_file, "--watch", "0.1") as terminal:
            until(lambda: terminal.frames(), "the first frame")
            for times in (2, 3):
                terminal.press(b"\x1a")
                terminal.stops()
                until(lambda: terminal.text.endswith(LEAVE), "the screen before")
                drawn = len(terminal.frames())
                terminal.goes_on()
                until(lambda: len(terminal.frames()) > drawn + 1, "another frame")
                assert terminal.text.count(ENTER) == times
            terminal.press(b"\x03")
            assert terminal.wait() == 0


def test_where_no_shell_could_let_it_go_on_it_is_not_stopped(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        with Terminal("status", "-c", postern.config_file, "--watch", "0.1", shell=False) as terminal:
            until(lambda: terminal.frames(), "the first frame")
            for times in (2, 3):
                terminal.press(b"\x1a")
                until(lambda: terminal.text.count(ENTER) == times, "its screen again")
                drawn = len(terminal.frames())
                until(lambda: len(terminal.frames()) > drawn + 1, "another frame")
            terminal.press(b"\x03")
            assert terminal.wait() == 0
            assert terminal.text.endswith(LEAVE)


def test_a_daemon_that_goes_away_is_said_and_asked_again(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        for _ in range(3):
            visit(postern)
        with Terminal("status", "-c", postern.config_file, "--watch", "0.1", width=120, height=40) as terminal:
            terminal.frame("rates", lambda text: "of the last" in text)
            postern.stop()
            gone = plain("\n".join(terminal.frame("no answer", lambda text: "NO ANSWER since" in text)))
            assert "Connection refused" in gone and "HANDSHAKES" not in gone
            postern.start()
            back = terminal.frame("the new one", lambda text: "restarted" in text)
            assert "not known yet" in "\n".join(back)
            seen = len(terminal.frames())
            until(lambda: any("of the last" in plain("\n".join(f)) for f in terminal.frames()[seen:-1]), "its rates")
            assert not re.search(r" -\d", plain(terminal.text)), "a rate below zero"
            terminal.press(b"\x03")
            assert terminal.wait() == 0


@pytest.mark.parametrize("environment, colours", [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False),
                                                  ({"TERM": "dumb"}, False)])
def test_colours_are_for_terminals_that_want_them(site, backend, environment, colours):
    with watched(forwarder(site, backend.destination)) as postern:
        with Terminal("status", "-c", postern.config_file, **environment) as terminal:
            assert terminal.wait() == 0
            assert ("\x1b[32mserving\x1b[0m" in terminal.text) == colours
            assert ("\x1b" in terminal.text) == colours
            assert ENTER not in terminal.text


def test_a_terminal_that_obeys_nothing_is_written_to_as_a_file_is(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        with Terminal("status", "-c", postern.config_file, "--watch", "0.1", TERM="dumb") as terminal:
            until(lambda: terminal.text.count("\r\n\r\npostern 0.") >= 1, "two pages")
            terminal.press(b"\x03")
            assert terminal.wait() == 0
            assert "\x1b" not in terminal.text
