"""Choosing and reaching a backend."""

import socket
import time

from backends import Echo, FullBacklog, Listening, answers, refusing
from clients import TLS_1_2, context, how_it_ended
from postern import Postern, forwarder


def test_a_refused_connect_ends_the_client_in_order(site):
    with Postern(forwarder(site, f"tcp://{refusing()}")) as postern:
        with postern.connect() as client:
            assert how_it_ended(client) == ("close_notify", b"")
            assert postern.ending(client) == ("upstream", "connect", "connect_refused")


def test_when_all_peers_refuse_the_last_word_is_refused(site):
    with Postern(forwarder(site, "tcp://gone"), upstreams={"gone": {"servers": [refusing(), refusing()]}}) as postern:
        for _ in range(3):
            with postern.connect() as client:
                assert how_it_ended(client) == ("close_notify", b"")
                assert postern.ending(client) == ("upstream", "connect", "connect_refused")


def test_a_refusing_peer_is_passed_over(site):
    with Echo() as alive:
        half = {"servers": [refusing(), alive.address], "fail_timeout": "1s"}
        with Postern(forwarder(site, "tcp://half"), upstreams={"half": half}) as postern:
            for _ in range(6):
                with postern.connect() as client:
                    assert client.ask(b"hello") == b"hello"
                    client.finish()
                    upstream = postern.entry(client)["upstream"]
                    assert upstream["name"] == "half"
                    assert upstream["peer"] == alive.address


def test_a_peer_that_comes_back_is_used_again(site):
    address = refusing()
    port = int(address.rpartition(":")[2])
    with Postern(forwarder(site, f"tcp://{address}")) as postern:
        with postern.connect() as client:
            assert how_it_ended(client) == ("close_notify", b"")
        with socket.socket() as late:
            late.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            late.bind(("127.0.0.1", port))
            late.listen()
            with postern.connect() as client:
                connection, _ = late.accept()
                with connection:
                    connection.sendall(b"back again")
                    assert client.receive_exactly(10) == b"back again"


def test_peers_take_turns(site):
    with Echo(b"first ") as first, Echo(b"other ") as other:
        pair = {"servers": [first.address, other.address]}
        with Postern(forwarder(site, "tcp://pair"), upstreams={"pair": pair}, workers=1) as postern:
            seen = []
            for _ in range(6):
                with postern.connect() as client:
                    seen.append(client.receive_exactly(6))
            assert sorted(seen) == [b"first "] * 3 + [b"other "] * 3


def test_a_connect_that_fails_in_another_way_says_how(site, tmp_path):
    nobody_listens_here = tmp_path / "file"
    nobody_listens_here.symlink_to(nobody_listens_here)  # a circle
    with Postern(forwarder(site, f"unix:{nobody_listens_here}")) as postern:
        with postern.connect() as client:
            assert how_it_ended(client) == ("close_notify", b"")
            assert postern.ending(client) == ("upstream", "connect", "connect_failed")
            assert "symbolic links" in postern.entry(client)["close"]["detail"]


def test_who_speaks_before_the_connect_is_refused_is_told_in_order_too(site):
    with FullBacklog() as full:
        with Postern(forwarder(site, f"tcp://{full.address}", proxy_connect_timeout="500ms")) as postern:
            with postern.connect() as client:
                client.send(b"a question that nobody reads")
                assert how_it_ended(client) == ("close_notify", b"")


def test_a_connect_without_an_answer_times_out(site):
    with FullBacklog() as full:
        with Postern(forwarder(site, f"tcp://{full.address}", proxy_connect_timeout="500ms")) as postern:
            with postern.connect() as client:
                assert how_it_ended(client) == ("close_notify", b"")
                assert postern.ending(client) == ("upstream", "connect", "connect_timeout")


def test_after_a_connect_timeout_the_next_peer_is_tried(site):
    with FullBacklog() as full, Echo() as alive:
        pair = {"servers": [full.address, alive.address], "proxy_connect_timeout": "500ms"}
        with Postern(forwarder(site, "tcp://pair"), upstreams={"pair": pair}) as postern:
            for _ in range(2):
                with postern.connect() as client:
                    assert client.ask(b"hello") == b"hello"


def test_a_client_that_leaves_during_the_connect_does_not_stay(site):
    with FullBacklog() as full:
        with Postern(forwarder(site, f"tcp://{full.address}", proxy_connect_timeout="1s")) as postern:
            with postern.connect(context(versions=TLS_1_2)) as client:  # whose handshake ends with our word
                client.reset()
                assert postern.ending(client.port)[1] == "connect"


def test_a_name_without_an_address_does_not_stop_the_start(site):
    server = forwarder(site, "tcp://no-such-host.invalid:80", proxy_connect_timeout="2s")
    with Postern(server) as postern:
        with postern.connect() as client:
            assert how_it_ended(client) == ("close_notify", b"")
            by, phase, reason = postern.ending(client)
            assert (by, phase, reason) == ("upstream", "connect", "resolve_failed")


def test_localhost_is_resolved(site):
    with Echo() as backend:
        port = backend.address.rpartition(":")[2]
        with Postern(forwarder(site, f"tcp://localhost:{port}")) as postern, postern.connect() as client:
            assert client.ask(b"hello") == b"hello"
            client.finish()
            assert postern.entry(client)["upstream"]["peer"] == backend.address


def test_bytes_sent_before_the_backend_is_there_are_not_lost(site):
    with Listening() as backend:
        with Postern(forwarder(site, backend.destination)) as postern, postern.connect() as client:
            client.send(b"early")
            time.sleep(0.1)
            with backend.accept() as server:
                assert server.receive_exactly(5) == b"early"


def test_a_backend_that_speaks_first_is_heard(site):
    with answers(b"220 ready\r\n") as backend, Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client:
            assert how_it_ended(client) == ("close_notify", b"220 ready\r\n")


def test_a_group_of_one_unix_socket(site):
    with Listening(unix=True) as backend:
        app = {"servers": [backend.destination]}
        with Postern(forwarder(site, "tcp://app"), upstreams={"app": app}) as postern, postern.connect() as client:
            with backend.accept() as server:
                server.send(b"hello")
                assert client.receive_exactly(5) == b"hello"


def test_an_ipv6_listener_serves(site):
    with Echo() as backend:
        with Postern(forwarder(site, backend.destination, host="[::1]")) as postern, postern.connect() as client:
            assert client.ask(b"hello") == b"hello"
            client.finish()
            entry = postern.entry(client)
            assert entry["client"]["ip"] == "::1"
            assert entry["listener"] == "[::1]:%d" % postern.address[1]
