"""How a forwarded connection ends: each row of the table in proxy/README.md."""

import signal
import socket
import ssl
import time

import pytest

from backends import Listening
from clients import TLS_1_2, TLS_1_3, context, how_it_ended
from postern import Postern, forwarder
from waiting import until


@pytest.fixture
def backend():
    with Listening() as b:
        yield b


@pytest.fixture
def postern(site, backend):
    with Postern(forwarder(site, backend.destination)) as p:
        yield p


def test_a_client_that_has_finished_still_gets_its_answer(postern, backend):
    with postern.connect() as client, backend.accept() as server:
        client.send(b"question")
        client.finish()
        assert server.how_it_ends() == ("fin", b"question")
        server.send(b"the answer")
        server.close()
        assert how_it_ended(client) == ("close_notify", b"the answer")
        assert postern.ending(client)[1:] == ("relay", "closed")


def test_close_notify_alone_is_a_half_close_too(postern, backend):
    with postern.connect() as client, backend.accept() as server:
        client.send(b"question")
        client.close_notify()
        assert server.how_it_ends() == ("fin", b"question")
        server.send(b"the answer")
        server.close()
        assert how_it_ended(client) == ("close_notify", b"the answer")


def test_an_upload_goes_on_after_the_backend_has_finished(postern, backend):
    with postern.connect() as client, backend.accept() as server:
        server.send(b"early answer")
        server.fin()
        assert how_it_ended(client) == ("close_notify", b"early answer")
        client.send(b"a" * 100_000)
        assert server.receive_exactly(100_000) == b"a" * 100_000
        client.send(b"the rest")
        client.finish()
        assert server.how_it_ends() == ("fin", b"the rest")
        assert postern.ending(client)[1:] == ("relay", "closed")


def test_fin_follows_close_notify_to_the_client(postern, backend):
    with postern.connect() as client, backend.accept() as server:
        server.fin()
        assert how_it_ended(client) == ("close_notify", b"")
        assert client.socket.recv(1) == b""


def test_the_log_counts_the_bytes_of_both_directions(postern, backend):
    with postern.connect() as client, backend.accept() as server:
        client.send(b"x" * 12_345)
        server.receive_exactly(12_345)
        server.send(b"y" * 54_321)
        client.receive_exactly(54_321)
        client.finish()
        server.close()
        entry = postern.entry(client)
        assert entry["bytes"] == {"in": 12_345, "out": 54_321}


def test_a_client_without_close_notify_is_a_truncation_and_the_backend_is_told(postern, backend):
    with postern.connect() as client, backend.accept() as server:
        client.send(b"all of what came")
        client.fin()
        assert server.how_it_ends() == ("reset", b"all of what came")
        assert postern.ending(client) == ("client", "relay", "client_truncated")


def test_a_truncated_upload_is_delivered_as_far_as_it_came(postern, backend):
    upload = bytes(range(256)) * 2_000
    with postern.connect() as client, backend.accept() as server:
        client.send(upload)
        client.fin()
        how, data = server.how_it_ends()
        assert how == "reset"
        assert data == upload


def test_a_client_reset_resets_the_backend(postern, backend):
    with postern.connect() as client, backend.accept() as server:
        client.send(b"hello")
        server.receive_exactly(5)
        client.reset()
        assert server.how_it_ends() == ("reset", b"")
        assert postern.ending(client.port) == ("client", "relay", "client_reset")


@pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3], ids=["TLSv1.2", "TLSv1.3"])
def test_a_record_that_does_not_decrypt_ends_with_an_alert_and_a_reset(postern, backend, versions):
    with postern.connect(context(versions=versions)) as client, backend.accept() as server:
        client.send(b"all of what came")
        assert server.receive_exactly(16) == b"all of what came"
        client.socket.sendall(b"\x17\x03\x03\x00\x40" + bytes(64))
        with pytest.raises(ssl.SSLError) as told:
            client.receive()
        assert told.value.reason == "SSLV3_ALERT_BAD_RECORD_MAC"
        assert server.how_it_ends() == ("reset", b"")
        assert postern.ending(client) == ("client", "relay", "client_error")


def test_a_backend_reset_is_never_a_clean_end_for_the_client(postern, backend):
    with postern.connect() as client, backend.accept() as server:
        server.send(b"the first half")
        assert client.receive_exactly(14) == b"the first half"
        server.reset()
        assert how_it_ended(client)[0] in ("reset", "eof")
        assert postern.ending(client) == ("upstream", "relay", "upstream_reset")


def test_a_backend_reset_after_its_fin_is_seen_by_an_uploading_client(postern, backend):
    with postern.connect() as client, backend.accept() as server:
        server.fin()
        assert client.receive() == b""
        server.reset()
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            until(lambda: client.send(b"into the void"), "the reset")
        assert postern.ending(client.port)[2] in ("upstream_reset", "upstream_error")


def test_silence_in_both_directions_ends_in_order(site, backend):
    with Postern(forwarder(site, backend.destination, proxy_timeout="1s")) as postern:
        with postern.connect() as client, backend.accept() as server:
            client.send(b"one word")
            server.receive_exactly(8)
            assert how_it_ended(client) == ("close_notify", b"")
            assert postern.ending(client) == ("postern", "relay", "idle_timeout")
            assert server.how_it_ends() == ("fin", b"")


def test_traffic_in_one_direction_is_not_silence(site, backend):
    with Postern(forwarder(site, backend.destination, proxy_timeout="1s")) as postern:
        with postern.connect() as client, backend.accept() as server:
            for _ in range(8):
                server.send(b"tick")
                assert client.receive_exactly(4) == b"tick"
                time.sleep(0.25)
            client.send(b"still there")
            assert server.receive_exactly(11) == b"still there"


def test_a_stalled_backend_ends_by_the_idle_timeout(site, backend):
    with Postern(forwarder(site, backend.destination, proxy_timeout="1s")) as postern:
        with postern.connect() as client, backend.accept():
            # More than all buffers hold, to a backend that reads nothing.
            client.socket.settimeout(1)
            with pytest.raises((TimeoutError, ConnectionError)):
                while True:
                    client.send(b"x" * 65_536)
            assert postern.ending(client) == ("postern", "relay", "idle_timeout")


def test_a_backend_that_dies_in_mid_download_leaves_a_truncation(postern, backend):
    with postern.connect() as client, backend.accept() as server:
        # Unread bytes in a closed socket make the kernel send a reset: what a killed process looks like.
        client.send(b"never read")
        until(lambda: len(server.socket.recv(100, socket.MSG_PEEK)) == 10, "the request")
        server.send(b"x" * 200_000)
        server.close()
        how, data = how_it_ended(client)
        assert how in ("reset", "eof")
        assert len(data) <= 200_000
        assert postern.ending(client)[2] == "upstream_reset"


def test_a_unix_socket_is_a_backend_like_any_other(site):
    with Listening(unix=True) as backend, Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client, backend.accept() as server:
            client.send(b"question")
            client.finish()
            assert server.how_it_ends() == ("fin", b"question")
            server.send(b"answer")
            server.close()
            assert how_it_ended(client) == ("close_notify", b"answer")
            assert postern.ending(client)[2] == "closed"


def test_sigint_tells_the_client_in_order(postern, backend):
    with postern.connect() as client, backend.accept() as server:
        client.send(b"hello")
        server.receive_exactly(5)
        postern.signal(signal.SIGINT)
        assert how_it_ended(client) == ("close_notify", b"")
        assert server.how_it_ends() == ("fin", b"")
        assert postern.wait() == 0
        assert postern.ending(client) == ("postern", "relay", "stopped")


def test_an_overdue_drain_tells_both_sides_in_order(site, backend):
    with Postern(forwarder(site, backend.destination), shutdown_timeout="1s") as postern:
        with postern.connect() as client, backend.accept() as server:
            client.send(b"hello")
            server.receive_exactly(5)
            postern.signal(signal.SIGTERM)
            assert how_it_ended(client) == ("close_notify", b"")
            assert server.how_it_ends() == ("fin", b"")
            assert postern.wait() == 0
            assert postern.ending(client) == ("postern", "relay", "drain_timeout")


def test_tls_1_2_half_closes_just_the_same(site, backend):
    with Postern(forwarder(site, backend.destination, ssl={"protocols": "TLSv1.2"})) as postern:
        with postern.connect() as client, backend.accept() as server:
            client.send(b"question")
            client.finish()
            assert server.how_it_ends() == ("fin", b"question")
            server.send(b"answer")
            server.close()
            assert how_it_ended(client) == ("close_notify", b"answer")
            assert postern.ending(client)[2] == "closed"


def test_tls_1_2_truncation_is_told_too(site, backend):
    with Postern(forwarder(site, backend.destination, ssl={"protocols": "TLSv1.2"})) as postern:
        with postern.connect() as client, backend.accept() as server:
            client.send(b"part")
            client.fin()
            assert server.how_it_ends() == ("reset", b"part")
            assert postern.ending(client)[2] == "client_truncated"
