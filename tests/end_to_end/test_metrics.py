"""/metrics: what traffic does is counted, by labels that no client can add to."""

import json
import random
import socket
import ssl
import string
import struct
import subprocess
from datetime import datetime, timezone

import pytest

from backends import Echo, refusing
from certs import openssl
from clients import TLS_1_2, TLS_1_3, USUAL_GROUP, Client, context, handshake_error
from guarded import guarded, with_identity
from http_backends import Site, answer
from http_clients import browse, get
from metrics import Metrics, becomes, page, watched
from postern import forwarder
from waiting import until

VERSIONS = pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3], ids=["TLSv1.2", "TLSv1.3"])


@pytest.fixture
def backend():
    with Echo() as b:
        yield b


def listener(postern):
    return "%s:%d" % postern.address


def visit(postern, settings=None, session=None, name="localhost"):
    with postern.connect(settings, name, session=session) as client:
        client.ask(b"hello")
        client.finish()
        client.receive_all()
        return client.tls.session


@VERSIONS
def test_handshakes_are_counted_and_timed_full_and_resumed(site, backend, versions):
    with watched(forwarder(site, backend.destination)) as postern:
        settings = context(versions=versions)
        session = visit(postern, settings)
        for _ in range(3):
            visit(postern, settings, session)
        now = Metrics(postern)
        for resumed, count in [("false", 1), ("true", 3)]:
            labels = {"listener": listener(postern), "resumed": resumed}
            assert now.sum("postern_tls_handshakes_total", result="ok", **labels) == count
            assert now.sum("postern_tls_handshake_duration_seconds_count", **labels) == count
            assert now.sum("postern_tls_handshake_duration_seconds_bucket", le="+Inf", **labels) == count
            assert now.sum("postern_tls_handshake_duration_seconds_sum", **labels) > 0
        version = {TLS_1_2: "TLSv1.2", TLS_1_3: "TLSv1.3"}[versions]
        assert now.sum("postern_tls_connections_total", version=version) == 4
        assert now.labels("postern_tls_connections_total", "group") <= {USUAL_GROUP, "X25519", "secp256r1", "none"}
        assert now["postern_tls_ticket_accepted_total"] == 3
        assert now["postern_tls_ticket_issued_total"] >= 1
        assert now["postern_tls_ticket_rejected_total"] == 0


def test_a_ticket_of_another_process_is_rejected(site, backend):
    with watched(forwarder(site, backend.destination)) as one:
        settings = context(versions=TLS_1_3)
        session = visit(one, settings)
    with watched(forwarder(site, backend.destination)) as other:
        visit(other, settings, session)
        assert Metrics(other)["postern_tls_ticket_rejected_total"] == 1


def test_a_shared_cache_tells_what_it_was_asked_for(site, backend):
    ssl_keys = {"session_tickets": False, "session_cache": "shared:S:1m"}
    with watched(forwarder(site, backend.destination, ssl=ssl_keys)) as postern:
        settings = context(versions=TLS_1_2)
        visit(postern, settings, visit(postern, settings))
        now = Metrics(postern)
        assert now.sum("postern_tls_session_cache_hits_total", cache="S") == 1
        assert now.sum("postern_tls_session_cache_sessions", cache="S") == 1
        assert now["postern_tls_ticket_accepted_total"] == 0


def send(postern, data):
    with socket.create_connection(postern.address) as s:
        s.sendall(data)
        try:
            while s.recv(1000):
                pass
        except ConnectionResetError:
            pass


def test_failed_handshakes_are_counted_by_reason(site, backend):
    with watched(forwarder(site, backend.destination, ssl={"protocols": "TLSv1.3"})) as postern:
        send(postern, b"SSH-2.0-OpenSSH_9.2\r\n")
        send(postern, b"GET / HTTP/1.0\r\n\r\n")
        send(postern, b"GET / HTTP/1.0\r\n\r\n")
        handshake_error(postern.address, context(versions=TLS_1_2))
        handshake_error(postern.address, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))  # trusts nobody
        now = becomes(postern, 5, "postern_tls_handshakes_total", result="failed")
        reasons = {"not_tls": 1, "plain_http": 2, "no_common_protocol": 1, "peer_alert": 1}
        for reason, count in reasons.items():
            for name in ["postern_tls_handshake_failures_total", "postern_endings_total"]:
                assert now.sum(name, listener=listener(postern), reason=reason) == count
        assert now.sum("postern_tls_handshakes_total", result="ok") == 0


def test_who_leaves_without_a_handshake_has_not_failed_in_one(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        socket.create_connection(postern.address).close()
        now = becomes(postern, 1, "postern_endings_total", reason="client_gone")
        with socket.create_connection(postern.address) as s:
            s.sendall(b"\x16\x03\x01")
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        now = becomes(postern, 1, "postern_endings_total", reason="client_reset")
        assert now.sum("postern_tls_handshakes_total") == now.sum("postern_tls_handshake_failures_total") == 0


@VERSIONS
@pytest.mark.parametrize("who, reason", [("nothing", "client_cert_missing"), ("stranger", "client_cert_untrusted"),
                                         ("bob", "client_cert_denied")])
def test_a_client_certificate_that_tcp_refuses_is_a_failed_handshake_and_no_good_one(
        site, backend, clients_of_the_test, people, versions, who, reason):
    with watched(guarded(site, backend.destination, clients_of_the_test, allow=[{"cn": "alice"}])) as postern:
        with postern.connect(with_identity(people[who], versions)) as client:
            assert client.receive_all() == b""
        now = becomes(postern, 1, "postern_endings_total", reason=reason)
        assert now.sum("postern_tls_handshakes_total", result="failed") == 1
        assert now.sum("postern_tls_handshake_failures_total", reason=reason) == 1
        for name in ["postern_tls_handshake_failures_total", "postern_tls_handshakes_total", "postern_endings_total"]:
            assert now.sum(name) == 1
        for name in ["postern_tls_connections_total", "postern_tls_handshake_duration_seconds_count"]:
            assert now.sum(name) == 0
        told, = json.loads(page(postern, "/status")[2])["listeners"]
        times = told["handshakes"].pop("times")
        assert told["handshakes"] == {"full": 0, "resumed": 0, "failed": 1, "failures": {reason: 1}}
        assert [sum(times[kind]["counts"]) for kind in ("full", "resumed")] == [0, 0]


def test_a_client_certificate_that_http_refuses_is_a_good_handshake_and_a_refused_request(
        site, clients_of_the_test, people):
    with Site() as backend, watched(guarded(site, backend.destination, clients_of_the_test)) as postern:
        with browse(postern, with_identity(people["stranger"])) as client:
            assert client.ask(get()).status == 400
        now = becomes(postern, 1, "postern_endings_total", reason="client_cert_untrusted")
        assert now.sum("postern_tls_handshakes_total", result="ok") == now.sum("postern_tls_handshakes_total") == 1
        assert now.sum("postern_tls_handshake_failures_total") == 0
        assert now.sum("postern_http_requests_total", code="4xx") == now.sum("postern_http_requests_total") == 1


def test_those_turned_away_by_a_limit_are_counted(site, backend):
    with watched(forwarder(site, backend.destination), limits={"handshake_rate": 1}) as postern:
        for _ in range(5):
            try:
                visit(postern)
            except OSError:
                pass
        assert Metrics(postern).sum("postern_tls_handshake_failures_total", reason="handshake_rate") > 0


def test_connections_and_handshakes_that_last_are_gauges(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client, postern.connect(handshake=False) as half:
            client.ask(b"hello")
            half.socket.sendall(half.client_hello())
            half.socket.recv(1)  # the rest of the handshake is its own to do
            becomes(postern, 1, "postern_tls_inflight_handshakes")
            becomes(postern, 2, "postern_connections_active", listener=listener(postern))
        now = becomes(postern, 0, "postern_connections_active")
        assert now.sum("postern_connections_accepted_total", listener=listener(postern)) == 2
        becomes(postern, 0, "postern_tls_inflight_handshakes")


def test_bytes_are_counted_while_a_tunnel_lasts(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client:
            for _ in range(3):
                client.ask(b"x" * 1000)
            for direction in ["in", "out"]:
                becomes(postern, 3000, "postern_bytes_total", listener=listener(postern), direction=direction)


def test_requests_are_counted_by_method_and_status(site):
    def respond(request):
        return answer(status="404 Not Found") if " /nothing " in request.start else answer()

    with Site(respond) as backend:
        locations = [{"path": "/", "proxy_pass": backend.destination}, {"path": "= /gone", "return": "410"}]
        with watched(forwarder(site, None, locations=locations)) as postern:
            with browse(postern) as client:
                for target in ["/", "/", "/nothing", "/gone"]:
                    client.ask(get(target))
                client.ask(get(method="BREW"))
                client.ask(get(method="DELETE"))
            now = becomes(postern, 6, "postern_http_requests_total")
            for method, code, count in [("GET", "2xx", 2), ("GET", "4xx", 2), ("_other", "2xx", 1), ("DELETE", "2xx", 1)]:
                assert now.sum("postern_http_requests_total", listener=listener(postern), method=method,
                               code=code) == count
            assert now.sum("postern_http_request_duration_seconds_count") == 6
            assert now.sum("postern_endings_total", reason="answered") == 6
            assert now.sum("postern_bytes_total", direction="in") > 6 * len(get())
            assert now.sum("postern_upstream_requests_total", upstream=backend.address, peer=backend.address) == 5
            assert now.sum("postern_upstream_connect_duration_seconds_count", peer=backend.address) == 1, "kept"


def test_upstreams_tell_who_is_up_and_why_connects_fail(site, backend):
    dead = refusing()
    group = {"app": {"servers": [dead, backend.address]}, "nobody": {"servers": ["no.such.name.invalid:80"]}}
    impatient = {"proxy_connect_timeout": "1s"}
    with watched(forwarder(site, "tcp://app"), forwarder(site, "tcp://nobody", **impatient), upstreams=group) as postern:
        for _ in range(5):
            visit(postern)
        now = Metrics(postern)
        assert now.sum("postern_upstream_up", upstream="app", peer=dead) == 0
        assert now.sum("postern_upstream_up", upstream="app", peer=backend.address) == 1
        assert now.sum("postern_upstream_connect_failures_total", peer=dead, reason="connect_refused") >= 1
        assert now.sum("postern_upstream_requests_total", upstream="app", peer=backend.address) == 5
        assert now.sum("postern_upstream_requests_total", upstream="app", peer=dead) == 0
        *_, second = postern.addresses()
        with Client(second) as client:
            client.receive_all()
        becomes(postern, 1, "postern_upstream_connect_failures_total", upstream="nobody", reason="resolve_failed")


def test_a_peer_that_is_taken_away_is_down_no_more(site, backend):
    dead = refusing()
    server = forwarder(site, "tcp://app")
    with watched(server, upstreams={"app": {"servers": [dead, backend.address]}}) as postern:
        visit(postern)
        assert Metrics(postern).sum("postern_upstream_up", peer=dead) == 0
        postern.write(server, admin=postern.settings["admin"], upstreams={"app": {"servers": [backend.address]}})
        postern.reload_or_fail()
        assert Metrics(postern).labels("postern_upstream_up", "peer") == {backend.address}


def word():
    return "".join(random.choices(string.ascii_uppercase, k=12))


def test_no_client_can_add_series(site):
    suites = subprocess.run(["openssl", "ciphers", "ECDHE+AESGCM:ECDHE+CHACHA20"], capture_output=True, text=True,
                            check=True).stdout.strip().split(":")
    suites = [suite for suite in suites if "ECDSA" in suite]
    with Site() as backend:
        with watched(forwarder(site, backend.destination)) as postern:
            def ask(suite, method, name):
                settings = context(versions=TLS_1_2, ciphers=suite)
                with browse(postern, settings, name) as client:
                    client.ask(get(f"/{word()}", host=name, method=method))
            for suite in suites:
                ask(suite, "BREW", "localhost")
            before = becomes(postern, len(suites), "postern_http_requests_total")
            for _ in range(30):
                ask(random.choice(suites), word(), f"{word().lower()}.example.org")
            after = becomes(postern, len(suites) + 30, "postern_http_requests_total")
            assert after.series.keys() == before.series.keys()


def test_counts_outlive_a_reload_and_reloads_are_counted(site, backend):
    server = forwarder(site, backend.destination)
    with watched(server) as postern:
        admin = postern.settings["admin"]
        visit(postern)
        before = Metrics(postern)
        assert before.sum("postern_reload_total") == 0
        postern.write(server, forwarder(site, backend.destination), admin=admin)
        postern.reload_or_fail()
        visit(postern)
        after = Metrics(postern)
        assert after.sum("postern_reload_total", kind="command", result="ok") == 1
        assert after["postern_reload_last_success_timestamp_seconds"] > \
            before["postern_reload_last_success_timestamp_seconds"]
        assert after.sum("postern_connections_accepted_total", listener=listener(postern)) == 2
        assert len(after.labels("postern_connections_accepted_total", "listener")) == 2
        postern.write_text("nonsense")
        assert postern.reload().returncode != 0
        last = Metrics(postern)
        assert last.sum("postern_reload_total", result="failed") == 1
        assert last["postern_reload_last_success_timestamp_seconds"] == \
            after["postern_reload_last_success_timestamp_seconds"]


def end_of(identity):
    text = openssl("x509", "-in", identity.certificate, "-noout", "-enddate")
    return datetime.strptime(text.split("=")[1].strip(), "%b %d %H:%M:%S %Y GMT").replace(tzinfo=timezone.utc).timestamp()


def test_certificates_tell_their_end_and_follow_reloads(authority, backend):
    one, other = authority.issue("one.example.org"), authority.issue("two.example.org")
    with watched(forwarder(one, backend.destination)) as postern:
        now = Metrics(postern)
        assert now.labels("postern_certificate_not_after_seconds", "name") == {"one.example.org"}
        assert now["postern_certificate_not_after_seconds"] == end_of(one)
        assert now["postern_certificate_not_before_seconds"] < end_of(one)
        assert 0 <= now["postern_stek_age_seconds"] < 600
        postern.write(forwarder(other, backend.destination), admin=postern.settings["admin"])
        postern.reload_or_fail()
        now = Metrics(postern)
        assert now.labels("postern_certificate_not_after_seconds", "name") == {"two.example.org"}


def test_the_process_tells_what_it_uses(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        now = Metrics(postern)
        memory = postern.memory()
        assert memory / 2 < now["process_resident_memory_bytes"] < memory * 2
        files = postern.open_files()
        assert abs(now["process_open_fds"] - files) < 10
        assert now["postern_workers"] == 2
        assert now.sum("postern_build_info") == 1
        started = now["process_start_time_seconds"]
        assert abs(started - datetime.now(timezone.utc).timestamp()) < 600


def test_the_status_page_tells_the_same_in_short(site, backend):
    dead = refusing()
    with watched(forwarder(site, backend.destination), forwarder(site, f"tcp://{dead}")) as postern:
        settings = context(versions=TLS_1_3)
        visit(postern, settings, visit(postern, settings))
        send(postern, b"SSH-2.0-OpenSSH_9.2\r\n")
        *_, second = postern.addresses()
        with Client(second) as client:
            client.receive_all()
        becomes(postern, 1, "postern_tls_handshakes_total", result="failed")
        status, headers, text = page(postern, "/status")
        assert (status, headers["Content-Type"]) == (200, "application/json")
        told = json.loads(text)
        assert (told["state"], told["workers"]) == ("serving", 2)
        assert told["reloads"]["ok"] == told["reloads"]["failed"] == 0
        first = next(each for each in told["listeners"] if each["address"] == listener(postern))
        times = first["handshakes"].pop("times")
        assert first["handshakes"] == {"full": 1, "resumed": 1, "failed": 1, "failures": {"not_tls": 1}}
        assert [sum(times[kind]["counts"]) for kind in ("full", "resumed")] == [1, 1]
        assert times["full"]["sum_s"] > 0
        assert sum(first["request_times"]["counts"]) == first["requests"] == 0
        assert first["connections"]["accepted"] == 3
        peers = {each["name"]: each["peers"] for each in told["upstreams"]}
        connect_times = peers[dead][0].pop("connect_times")
        assert len(connect_times["counts"]) == len(connect_times["bounds_s"]) + 1
        assert sum(connect_times["counts"]) == 0
        assert peers[dead] == [{"address": dead, "up": False, "requests": 0, "connects": 0,
                                "failures": {"connect_refused": 1}}]
        assert peers[backend.address][0]["up"] is True
        certificate, = told["certificates"]
        assert certificate["name"] == "localhost"
        assert 29 < certificate["days_left"] <= 30
        assert (certificate["stapling"], certificate["stapled_until"]) == (False, None)
        started, now = (datetime.fromisoformat(told[when].replace("Z", "+00:00")) for when in ("started", "now"))
        assert started < now


def test_scrapes_do_not_disturb_clients(site, backend):
    with watched(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client:
            for _ in range(50):
                assert client.ask(b"hello") == b"hello"
                Metrics(postern)
        until(lambda: Metrics(postern).sum("postern_connections_active") == 0, "the end of the connection")
