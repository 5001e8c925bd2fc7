"""Large bodies through nginx and Node as backends: 64 MiB each way, 1 GiB with FULL=1."""

import hashlib
import os
import random
import socket

import node
import pytest
from backends import Threaded
from http_messages import Reader
from nginx import Nginx
from postern import Postern, forwarder, sanitized

TOTAL = (1 << 30) if os.environ.get("FULL") == "1" else (64 << 20)
BLOCK = random.Random(3).randbytes(1 << 20)
BLOCKS = TOTAL // len(BLOCK)
GROWTH = 64 << 20


def digest():
    seen = hashlib.sha256()
    for _ in range(BLOCKS):
        seen.update(BLOCK)
    return seen.hexdigest()


def check_growth(postern, before):
    if not sanitized():
        assert postern.memory("VmHWM") - before < GROWTH


# Takes a body of either framing and answers its length and SHA-256.
_digests = """
const http = require('http'), crypto = require('crypto');
const server = http.createServer((request, response) => {
  const seen = crypto.createHash('sha256');
  let length = 0;
  request.on('data', part => { seen.update(part); length += part.length; });
  request.on('end', () => response.end(length + ' ' + seen.digest('hex')));
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_an_upload_arrives_whole(site, authority, framing):
    with node.Server(_digests, authority) as backend, Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client:
            before = postern.memory("VmHWM")
            chunked = framing == "chunked"
            length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {TOTAL}"
            client.send(f"POST / HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n".encode())
            for _ in range(BLOCKS):
                client.send(b"%x\r\n%s\r\n" % (len(BLOCK), BLOCK) if chunked else BLOCK)
            if chunked:
                client.send(b"0\r\n\r\n")
            assert Reader(client.receive).response().body.decode() == f"{TOTAL} {digest()}"
            check_growth(postern, before)


def download(postern):
    """How many bytes of body came before the end, and their SHA-256."""
    with postern.connect() as client:
        before = postern.memory("VmHWM")
        client.send(b"GET /big HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        data = b""
        while b"\r\n\r\n" not in data:
            data += client.receive(1 << 20)
        head, _, data = data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        yield head
        seen, count = hashlib.sha256(data), len(data)
        while part := client.receive(1 << 20):
            seen.update(part)
            count += len(part)
        check_growth(postern, before)
        yield count, seen.hexdigest()


def test_a_download_from_nginx_arrives_whole(site):
    with Nginx() as backend, Postern(forwarder(site, f"http://127.0.0.1:{backend.port}")) as postern:
        with open(backend.folder / "big", "wb") as file:
            for _ in range(BLOCKS):
                file.write(BLOCK)
        head, came = download(postern)
        assert f"Content-Length: {TOTAL}".encode() in head
        assert came == (TOTAL, digest())


def test_a_download_that_ends_with_its_connection_arrives_in_chunks(site):
    def source(connection):
        while b"\r\n\r\n" not in connection.recv(65536):
            pass
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(BLOCKS):
            connection.sendall(BLOCK)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
    with Threaded(source) as backend, Postern(forwarder(site, backend.destination.replace("tcp", "http"))) as postern:
        with postern.connect() as client:
            before = postern.memory("VmHWM")
            client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            reader = Reader(client.receive)
            assert b"\r\nTransfer-Encoding: chunked\r\n" in reader.up_to(b"\r\n\r\n")
            seen, count = hashlib.sha256(), 0
            for part in reader.chunked_body():
                seen.update(part)
                count += len(part)
            assert (count, seen.hexdigest()) == (TOTAL, digest())
            check_growth(postern, before)
