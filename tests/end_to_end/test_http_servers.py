"""The backends that people have: what nginx and Python's http.server say reaches the client as they said it."""

import gzip
import http.client
import subprocess
import sys
from contextlib import contextmanager

import pytest
from clients import context
from nginx import Nginx
from ports import free_port
from postern import Postern, forwarder
from waiting import LONG, until

PAGE = b"".join(b"line %d of a page\n" % n for n in range(5000))

_nginx = """
http {{
    access_log off;
    gzip on; gzip_types *; gzip_min_length 10;
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


@contextmanager
def behind_nginx():
    with Nginx(_nginx) as backend:
        (backend.folder / "page").write_bytes(PAGE)
        yield f"http://127.0.0.1:{backend.port}"


@contextmanager
def behind_python(tmp_path):
    (tmp_path / "page").write_bytes(PAGE)
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"], cwd=tmp_path,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

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


@pytest.fixture(params=["nginx", "python"])
def backend(request, tmp_path):
    with behind_nginx() if request.param == "nginx" else behind_python(tmp_path) as destination:
        yield destination


@pytest.fixture
def ask(site, authority, backend):
    """ask(method, path, **headers): the answer and its body, over one kept connection."""
    with Postern(forwarder(site, backend)) as postern:
        connection = http.client.HTTPSConnection("localhost", postern.address[1],
                                                 context=context(authority.certificate), timeout=LONG)

        def ask(method, path, **headers):
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer, answer.read()
        yield ask
        connection.close()


def test_a_page_arrives_whole_again_and_again(ask):
    for _ in range(20):
        answer, body = ask("GET", "/page")
        assert (answer.status, body) == (200, PAGE)


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
