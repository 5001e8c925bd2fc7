"""The page for people at the admin listener's "/". In a browser with FULL=1 only: one is much to install."""

import http.client
import json
import os
import socket
from pathlib import Path

import pytest

from backends import Echo, refusing
from chromium import Chromium
from client_certs import ClientAuthority
from clients import TLS_1_3, Client, context
from guarded import guarded, visit
from http_backends import Site
from metrics import becomes, page, watched
from postern import forwarder
from waiting import LONG, until

full = pytest.mark.skipif(os.environ.get("FULL") != "1", reason="FULL=1 only")

# A name that would take over a page which writes it as markup.
HOSTILE = "<img src=x onerror=document.title=666>"


def url(postern):
    return f"http://{postern.settings['admin']['listen']}/"


def speak_no_tls(address):
    with socket.create_connection(address, LONG) as s:
        s.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        try:
            while s.recv(1000):
                pass
        except ConnectionResetError:
            pass


def test_the_page_comes_with_a_policy_that_lets_nothing_else_in(site):
    with Echo() as backend, watched(forwarder(site, backend.destination)) as postern:
        status, headers, text = page(postern, "/")
        assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert text.startswith("<!doctype html>")
        policy = dict(each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";"))
        assert policy.pop("script-src") == policy.pop("style-src") == policy.pop("connect-src") == \
            policy.pop("img-src") == "'self'"
        assert set(policy.values()) == {"'none'"}
        assert {"default-src", "frame-ancestors", "base-uri", "form-action"} <= policy.keys()
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert page(postern, "/page.mjs")[1]["Content-Type"] == "text/javascript; charset=utf-8"
        host, port = postern.settings["admin"]["listen"].split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=LONG)
        connection.request("HEAD", "/")
        answer = connection.getresponse()
        assert (int(answer.headers["Content-Length"]), answer.read()) == (len(text.encode()), b"")
        connection.close()


def test_a_stranger_s_name_for_this_machine_reads_nothing(site):
    """DNS rebinding: a browser here asks a loopback address by the name of the page it is on."""
    with Echo() as backend, watched(forwarder(site, backend.destination)) as postern:
        host, port = postern.settings["admin"]["listen"].split(":")
        for path in ("/", "/status", "/metrics"):
            connection = http.client.HTTPConnection(host, int(port), timeout=LONG)
            connection.request("GET", path, headers={"Host": f"rebound.example.org:{port}"})
            answer = connection.getresponse()
            assert answer.status == 421 and b"loopback" in answer.read()
            connection.close()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="module")
def busy(authority, clients_of_the_test, crl, tmp_path_factory):
    """A daemon to which much has happened: (it, its backend's address, a dead one's)."""
    others = ClientAuthority(tmp_path_factory.mktemp("others") / "root", "servers of the test")
    shown = authority.issue("localhost", "www.example.org", days=60)
    soon = others.issue("soon.example.org", "DNS:soon.example.org", "serverAuth", ends=5 * 24 + 1)
    over = others.issue("over.example.org", "DNS:over.example.org", "serverAuth", begins=-72, ends=-36)
    hostile = others.issue("hostile", f"DNS:{HOSTILE}", "serverAuth", ends=20 * 24)
    dead = refusing()
    with Site() as backend, Site() as other:
        group = {"shop": {"servers": [each.address for each in (backend, other)]}}
        servers = [forwarder(shown, "http://shop", server_name="localhost"),
                   *(forwarder(each, f"tcp://{dead}") for each in (soon, over, hostile)),
                   guarded(shown, backend.destination, clients_of_the_test, "optional", crl)]
        with watched(*servers, upstreams=group) as postern:
            settings = context(versions=TLS_1_3)
            _, _, session = visit(postern, settings)
            for _ in range(4):
                _, resumed, session = visit(postern, settings, session)
                assert resumed
            visit(postern, settings)
            for _ in range(3):
                speak_no_tls(postern.address)
            with Client(list(postern.addresses())[1]) as client:
                client.receive_all()
            postern.reload_or_fail()
            becomes(postern, 3, "postern_tls_handshakes_total", result="failed")
            becomes(postern, 1, "postern_endings_total", reason="connect_refused")
            yield postern, backend.address, dead


@pytest.fixture
def shown(chromium, busy):
    tab = chromium.page()
    tab.size(1280)
    tab.go(url(busy[0]))
    tab.shows("serving", "#news")
    return tab


@full
def test_it_shows_what_has_happened(shown, busy):
    postern, alive, dead = busy
    told = json.loads(page(postern, "/status")[2])
    assert shown.text("#version") == told["version"]
    assert shown.text("#workers") == "2"
    for name, count in {"full": 3, "resumed": 4, "failed": 3}.items():
        assert shown.text(f"#{name}_total") == f"{count} in all"
    assert [[what, count] for what, _, count in shown.rows("failures")] == [["The first bytes are no TLS\nnot_tls", "3"]]
    ever = {row[0]: row[1:] for row in shown.rows("times_ever")}
    assert [ever[what][-1] for what in ("Full\nhandshakes", "Resumed\nhandshakes", "Requests\nof HTTP")] == ["3", "4", "6"]
    assert all(time.endswith("s") for row in ever.values() for time in row[:3])
    peers = {row[0]: row[1:] for row in shown.rows("upstreams")}
    shop = next(upstream["peers"] for upstream in told["upstreams"] if upstream["name"] == "shop")
    counted = next(peer for peer in shop if peer["address"] == alive)
    assert sum(peer["requests"] for peer in shop) == 6
    assert peers[f"{alive}\nof shop"][:3] == ["up", str(counted["requests"]), str(counted["connects"])]
    assert peers[dead][:3] == ["down", "0", "0"] and peers[dead][-1] == "refused: 1"
    listeners = {row[0]: row[1:] for row in shown.rows("listeners")}
    assert listeners["%s:%d" % postern.address][1:6] == ["9", "2", "4", "3", "6"]
    assert (shown.text("#reloads_ok"), shown.text("#reloads_failed")) == ("1", "0")
    assert int(shown.text("#issued")) == told["tls"]["tickets"]["issued"] > 0
    assert shown.text("#tickets_accepted") == "4"
    assert shown.complaints() == []


@full
def test_certificates_stand_in_the_order_in_which_they_end_with_words_for_each(shown):
    rows = shown.rows("certificates")
    assert [row[0].split("\n")[0] for row in rows] == ["over.example.org", "soon.example.org", HOSTILE, "localhost"]
    assert [row[1] for row in rows] == \
        ["expired\n36 h ago", "ends soon\n5 days left", "valid\n19 days left", "valid\n59 days left"]
    assert {row[3] for row in rows} == {"off"}
    assert shown.rows("lists")[0][0].endswith("clients of the test")
    assert "current" in shown.rows("lists")[0][1]


@full
def test_a_hostile_name_is_a_text(shown):
    assert HOSTILE in shown.text("#certificates")
    assert shown.value("document.querySelectorAll('#certificates img').length") == 0
    assert shown.value("document.title") == "postern: serving"


@full
def test_it_goes_on_by_itself_and_tells_what_happens_a_second(shown, busy):
    postern, *_ = busy
    before = json.loads(page(postern, "/status")[2])
    for _ in range(30):
        visit(postern, context())
    count = sum(each["handshakes"]["full"] for each in before["listeners"]) + 30
    shown.shows(f"{count} in all", "#full_total")
    until(lambda: shown.text("#full_rate") not in ("0", "–"), "a rate")
    assert ", resumed 0, failed 0 a second." in shown.text("#chart_words")
    assert shown.value("document.querySelector('#chart path.full').getAttribute('d').length") > 10
    lately = {row[0]: row[1:] for row in shown.rows("times")}
    assert int(lately["Full\nhandshakes"][-1]) >= 30
    assert all(time.endswith("s") for time in lately["Full\nhandshakes"][:3])


@full
def test_it_asks_nobody_but_its_own_listener(shown, busy):
    asked = shown.requests()
    assert url(busy[0]) in asked and url(busy[0]) + "status" in asked
    assert [each for each in asked if not each.startswith(url(busy[0]))] == []


@full
def test_nothing_is_asked_while_nobody_looks(shown):
    def looked(hidden):
        # A headless tab is never hidden: it is told that it is.
        shown.value(f"Object.defineProperty(document, 'hidden', {{value: {hidden}, configurable: true}});"
                    "document.dispatchEvent(new Event('visibilitychange'))")

    def asked():
        shown.value("0")  # what has come so far
        return len(shown.requests())
    until(lambda: asked() >= 2, "two questions")
    looked("true")
    then = asked()
    shown.value("new Promise((go) => setTimeout(go, 5000))")
    assert asked() == then
    looked("false")
    until(lambda: asked() > then, "a question")


@full
def test_a_screen_reader_is_told_everything_by_name(shown):
    told = shown.accessible()
    assert shown.value("document.documentElement.lang") == "en"
    for role in ("banner", "main", "contentinfo", "navigation", "status"):
        assert sum(r == role for r, _ in told) == 1, role
    headings = [name for role, name in told if role == "heading"]
    assert headings[0].startswith("postern 0.")
    assert headings[1:] == ["Handshakes a second", "Why handshakes failed", "Certificates", "Revocation lists",
                            "How long it took", "Upstreams", "Listeners", "Session tickets", "Reloads"]
    assert shown.value("document.querySelectorAll('h1').length") == 1
    tables = [name for role, name in told if role == "table"]
    assert len(tables) == 7 and all(tables), tables
    assert [name for role, name in told if role in ("image", "img", "graphics-document")] == \
        ["Handshakes a second over the last 3 minutes"]
    for scope, role in (("col", "columnheader"), ("row", "rowheader")):
        assert all(name for r, name in told if r == role)
        assert sum(r == role for r, _ in told) == shown.value(f"document.querySelectorAll('th[scope={scope}]').length") > 7
    assert [name for role, name in told if role == "link"] == ["/metrics", "/status", "/healthz", "/readyz"]
    # Only the state speaks up by itself.
    assert shown.value("document.querySelectorAll('[aria-live], [role=alert], [role=status]').length") == 1


@full
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_the_page_is_never_wider_than_the_screen(shown, width):
    shown.size(width)
    assert until(lambda: shown.value("innerWidth") == width, f"a width of {width}")
    assert shown.value("document.documentElement.scrollWidth") == width
    # A table may be, inside of its place; then it can be moved by keys. From 360 on there is no need for it.
    shown.value("dispatchEvent(new Event('resize'))")
    assert shown.value("""[...document.querySelectorAll('.scroll')]
        .every((box) => (box.scrollWidth > box.clientWidth) === (box.tabIndex === 0))""")
    if width >= 360:
        assert shown.value("[...document.querySelectorAll('.scroll[tabindex]')].map((box) => box.firstElementChild.id)") == []
    assert shown.value("""[...document.querySelectorAll('body *')].filter((e) => !e.closest('.scroll') && !e.closest('svg')
        && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML)""") == []


@full
def test_a_fresh_process_says_that_nothing_has_happened(chromium, site):
    with Echo() as backend, watched(forwarder(site, backend.destination)) as postern:
        tab = chromium.page()
        tab.go(url(postern))
        tab.shows("None has failed since the process began.", "main")
        tab.shows("0 in all", "#full_total")
        tab.shows("In the last", "#chart_words")
        assert tab.text("#full_rate") == "0"
        assert [row[1:] for row in tab.rows("times")] == 3 * [["–", "–", "–", "0"]]
        peer, = tab.rows("upstreams")
        assert peer[1] == "not tried yet"
        assert tab.complaints() == []


@full
def test_it_says_when_nobody_answers_and_goes_on_with_the_next_process(chromium, site):
    with Echo() as backend, watched(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client:
            client.ask(b"hello")
        tab = chromium.page()
        tab.go(url(postern))
        tab.shows("1 in all", "#full_total")
        postern.stop()
        tab.shows("no answer", "#news")
        assert "What you see is of" in tab.text("#notice")
        assert tab.text("#full_total") == "1 in all"
        assert tab.value("document.title") == "postern: no answer"
        postern.start()
        tab.shows("serving", "#news")
        tab.shows("Started anew", "#notice")
        tab.shows("0 in all", "#full_total")
        tab.shows("In the last", "#chart_words")
        assert tab.text("#full_rate") == "0"


@full
def test_pictures_of_it_can_be_kept(shown, tmp_path):
    """For people who change it: in the folder that PICTURES names."""
    folder = Path(os.environ.get("PICTURES", tmp_path))
    until(lambda: len(shown.value("document.querySelector('#chart path.full').getAttribute('d')")) > 30, "a line")
    for name, width, scheme in [("light", 1280, "light"), ("dark", 1280, "dark"), ("phone", 360, "light")]:
        shown.scheme(scheme)
        shown.size(width, scale=2 if width < 600 else 1)
        shown.picture(folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 10_000
