"""The backends that people have: what nginx, Python's http.server and Node say reaches the client as they said it."""

import gzip
import hashlib
import http.client
import random
import subprocess
import sys
from contextlib import contextmanager

import node
import pytest
from clients import context
from nginx import Nginx
from ports import free_port
from postern import Postern, forwarder
from waiting import LONG, until

PAGE = b"".join(b"line %d of a page\n" % n for n in range(5000))
LARGE = random.Random(4).randbytes(1 << 20) * 20

_nginx = """
http {{
    access_log off;
    gzip on; gzip_types *; gzip_min_length 10;
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""

# Serves the files of a folder and echoes what is posted.
_node = """
const http = require('http'), fs = require('fs'), folder = process.argv[1];
const server = http.createServer((request, response) => {
  if (request.method === 'POST') return request.pipe(response);
  const file = folder + request.url;
  if (!fs.existsSync(file)) return response.writeHead(404).end();
  const { size, mtime } = fs.statSync(file), modified = mtime.toUTCString();
  response.setHeader('Last-Modified', modified);
  if (request.headers['if-modified-since'] === modified) return response.writeHead(304).end();
  response.setHeader('Content-Length', size);
  if (request.method === 'HEAD') return response.end();
  fs.createReadStream(file).pipe(response);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""


@contextmanager
def behind_nginx():
    with Nginx(_nginx) as backend:
        write_files(backend.folder)
        yield f"http://127.0.0.1:{backend.port}"


@contextmanager
def behind_node(folder, authority):
    write_files(folder)
    with node.Server(_node, authority, folder) as server:
        yield server.destination


@contextmanager
def behind_python(folder, *options):
    write_files(folder)
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", *options],
                              cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def is_up():
        assert server.poll() is None
        try:
            http.client.HTTPConnection("127.0.0.1", port).connect()
            return True
        except ConnectionRefusedError:
            return False
    try:
        until(is_up, "http.server to listen")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def write_files(folder):
    (folder / "page").write_bytes(PAGE)
    (folder / "large").write_bytes(LARGE)


@pytest.fixture(params=["nginx", "python", "python of HTTP/1.1", "node"])
def backend(request, authority, tmp_path):
    start = {"nginx": behind_nginx,
             "python": lambda: behind_python(tmp_path),  # HTTP/1.0, with a connection for each request
             "python of HTTP/1.1": lambda: behind_python(tmp_path, "--protocol", "HTTP/1.1"),
             "node": lambda: behind_node(tmp_path, authority)}
    with start[request.param]() as destination:
        yield destination


@pytest.fixture
def ask(site, authority, backend):
    """ask(method, path, body, **headers): the answer and its body, over one kept connection."""
    with Postern(forwarder(site, backend)) as postern:
        connection = http.client.HTTPSConnection("localhost", postern.address[1],
                                                 context=context(authority.certificate), timeout=LONG)

        def ask(method, path, body=None, **headers):
            headers = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, headers, encode_chunked="Transfer-Encoding" in headers)
            answer = connection.getresponse()
            return answer, answer.read()
        yield ask
        connection.close()


def test_a_page_arrives_whole_again_and_again(ask):
    for _ in range(20):
        answer, body = ask("GET", "/page")
        assert (answer.status, body) == (200, PAGE)


def test_a_large_file_arrives_whole(ask):
    answer, body = ask("GET", "/large")
    assert (answer.status, answer.getheader("Content-Length")) == (200, str(len(LARGE)))
    assert hashlib.sha256(body).digest() == hashlib.sha256(LARGE).digest()


def test_a_head_tells_the_length_and_has_no_body(ask):
    answer, body = ask("HEAD", "/page")
    assert (answer.status, answer.getheader("Content-Length"), body) == (200, str(len(PAGE)), b"")
    assert ask("GET", "/page")[1] == PAGE, "the connection goes on"


def test_what_is_not_modified_has_no_body(ask):
    modified = ask("GET", "/page")[0].getheader("Last-Modified")
    answer, body = ask("GET", "/page", If_Modified_Since=modified)
    assert (answer.status, body) == (304, b"")
    assert ask("GET", "/page")[1] == PAGE, "the connection goes on"


def test_what_is_missing_is_missing(ask):
    assert ask("GET", "/nothing")[0].status == 404
    assert ask("GET", "/page")[1] == PAGE, "the connection goes on"


@pytest.mark.parametrize("backend", ["node"], indirect=True)
def test_what_is_posted_comes_back(ask):
    answer, body = ask("POST", "/", PAGE)
    assert (answer.status, body) == (200, PAGE)
    answer, body = ask("POST", "/", iter([PAGE, PAGE]), Transfer_Encoding="chunked")
    assert (answer.status, body) == (200, PAGE + PAGE)
    assert ask("POST", "/", b"")[1] == b""


@pytest.mark.parametrize("backend", ["nginx", "python", "python of HTTP/1.1"], indirect=True)
def test_a_post_that_the_backend_does_not_take_gets_its_answer(ask):
    answer, _ = ask("POST", "/page", PAGE)
    assert answer.status in (405, 501), "nginx: no method for files; http.server: none at all"
    assert ask("GET", "/page")[1] == PAGE, "whether over this connection or the next"


@pytest.mark.parametrize("backend", ["nginx"], indirect=True)
def test_compressed_content_passes_untouched(ask):
    answer, body = ask("GET", "/page", Accept_Encoding="gzip")
    assert answer.getheader("Content-Encoding") == "gzip"
    assert gzip.decompress(body) == PAGE


@pytest.mark.parametrize("backend", ["nginx"], indirect=True)
def test_a_range_is_what_was_asked_for(ask):
    answer, body = ask("GET", "/page", Range="bytes=100-199")
    assert (answer.status, body) == (206, PAGE[100:200])
    assert answer.getheader("Content-Range") == f"bytes 100-199/{len(PAGE)}"
