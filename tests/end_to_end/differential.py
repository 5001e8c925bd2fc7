"""The same raw requests through several proxies, and what a backend received of each."""

import contextlib
import os
import re
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

from backends import Threaded
from haproxy import Haproxy
from nginx import Nginx
from ports import free_port
from postern import Postern, forwarder
from waiting import LONG

LANES = 8  # requests under way at once, each with a backend of its own that tells whose request came
SILENCE = 0.3  # seconds after an answer in which a second request would have been answered too

_http = """
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    client_header_timeout 1s; client_body_timeout 1s;
    server {{ listen 127.0.0.1:{port}; }}  # which the harness waits for
    {servers}
}}
"""
_server = "server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{to}; proxy_http_version 1.1; " \
          "proxy_set_header Host $http_host; proxy_request_buffering off; }} }}"


def rows():
    """(name, bytes) of the table in tests/proxy/wire."""
    done = subprocess.run([os.environ["PRINT_REQUESTS"]], capture_output=True, text=True, check=True)
    for suite, name, raw in re.findall(r"^ROW (\S+) (\S+) ([0-9a-f]*)$", done.stdout, re.MULTILINE):
        yield f"{suite.split('/')[0]}/{name}", bytes.fromhex(raw)


class Recorder(Threaded):
    """A backend that notes each request and answers it."""

    def __init__(self):
        self.seen = []
        super().__init__(self._talk_http)

    def _talk_http(self, connection):
        data = b""
        with contextlib.suppress(OSError):
            while True:
                while b"\r\n\r\n" not in data:
                    part = connection.recv(65536)
                    if not part:
                        return
                    data += part
                head, _, data = data.partition(b"\r\n\r\n")
                body, data = self._body(connection, head, data)
                method, target, _ = head.split(b"\r\n")[0].decode("latin-1").split(" ")
                host = re.search(rb"(?im)^host:[ \t]*([^\r\n]*)", head)
                self.seen.append((method, target, host[1].decode("latin-1") if host else None, body))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    @staticmethod
    def _body(connection, head, data):
        length = re.search(rb"(?im)^content-length:[ \t]*(\d+)", head)
        chunked = re.search(rb"(?im)^transfer-encoding:[ \t]*chunked", head)
        need = int(length[1]) if length else 0
        while len(data) < need or (chunked and not re.search(rb"(^|\r\n)0\r\n(.*\r\n)?\r\n", data, re.DOTALL)):
            part = connection.recv(65536)
            if not part:
                raise OSError
            data += part
        if not chunked:
            return data[:need], data[need:]
        body = b""
        while True:
            line, _, data = data.partition(b"\r\n")
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            body, data = body + data[:size], data[size + 2:]
        while data:
            line, _, data = data.partition(b"\r\n")
            if not line:
                break
        return body, data


def verdict(port, backend, raw):
    """The requests that the backend got, and whether the proxy ended the conversation by an error of its own."""
    backend.seen.clear()
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=LONG) as client:
        with contextlib.suppress(OSError):
            client.sendall(raw)
        with contextlib.suppress(OSError):
            client.settimeout(2.5)  # for what waits for more
            while part := client.recv(65536):
                answer += part
                client.settimeout(SILENCE)
    refused = any(int(code) >= 400 for code in re.findall(rb"HTTP/1\.[01] (\d{3})", answer))
    return {"refused": refused, "requests": list(backend.seen)}


@contextlib.contextmanager
def proxies():
    """For each proxy its lanes: (port, backend)."""
    with contextlib.ExitStack() as stack:
        lanes = {name: [(free_port(), stack.enter_context(Recorder())) for _ in range(LANES)]
                 for name in ("postern", "nginx", "haproxy")}
        stack.enter_context(Postern(*(forwarder(None, b.destination.replace("tcp", "http"), port=port,
                                                client_header_timeout="1s", client_body_timeout="1s")
                                      for port, b in lanes["postern"])))
        servers = " ".join(_server.format(port=port, to=b.address) for port, b in lanes["nginx"])
        stack.enter_context(Nginx(_http, servers=servers))
        body = "\n".join(f"listen lane{i}\n  bind 127.0.0.1:{port}\n  timeout http-request 1s\n  server s {b.address}"
                         for i, (port, b) in enumerate(lanes["haproxy"]))
        stack.enter_context(Haproxy(body, lambda: accepts(lanes["haproxy"][0][0])))
        yield lanes


def accepts(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def all_verdicts():
    """{row: {proxy: verdict}}"""
    table = list(rows())
    with proxies() as lanes, ThreadPoolExecutor(LANES * len(lanes)) as pool:
        def lane(name, at):
            port, backend = lanes[name][at]
            return [(row, verdict(port, backend, raw)) for row, raw in table[at::LANES]]
        running = {(name, at): pool.submit(lane, name, at) for name in lanes for at in range(LANES)}
        found = {}
        for (name, _), task in running.items():
            for row, each in task.result():
                found.setdefault(row, {})[name] = each
        return found
