"""The same raw requests through several proxies: what a backend received of each, and of the request behind it."""

import contextlib
import os
import re
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

from backends import Threaded
from haproxy import Haproxy
from http_backends import answer
from http_messages import Incomplete, Message, Reader
from nginx import Nginx
from ports import free_port
from postern import Postern, forwarder
from waiting import LONG

LANES = 8  # requests under way at once, each with a backend of its own that tells whose request came

# Goes behind each row: it shows where the proxy thinks that the row has ended, and it ends the conversation.
NEXT = b"GET /next HTTP/1.1\r\nHost: next\r\nConnection: close\r\n\r\n"
NEXT_SEEN = ("GET", "/next", "next", b"")

_nginx = """
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; }}  # which the harness waits for
    {servers}
}}
"""
_nginx_server = "server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{to}; proxy_http_version 1.1; " \
                "proxy_set_header Host $http_host; proxy_request_buffering off; }} }}"

_haproxy_lane = """
listen lane{at}
  bind 127.0.0.1:{port}
  server s {to}
"""


def rows():
    """(name, bytes) of the table in tests/proxy/wire."""
    done = subprocess.run([os.environ["PRINT_REQUESTS"]], capture_output=True, text=True, check=True)
    for suite, name, raw in re.findall(r"^ROW (\S+) (\S+) ([0-9a-f]*)$", done.stdout, re.MULTILINE):
        yield f"{suite.split('/')[0]}/{name}", bytes.fromhex(raw)


class Recorder(Threaded):
    """Notes each request and answers it. What is no clean HTTP is noted, too, and ends the connection."""

    def __init__(self):
        self.seen = []
        super().__init__(self._talk_http)

    def _talk_http(self, connection):
        reader = Reader(lambda: connection.recv(65536))
        with contextlib.suppress(Incomplete):
            while True:
                try:
                    self.seen.append(self._request(reader))
                except (AssertionError, ValueError) as e:
                    self.seen.append(f"not clean: {e}")
                    return
                connection.sendall(answer(b""))

    @staticmethod
    def _request(reader):
        """(method, target, Host, body)"""
        head = reader.up_to(b"\r\n\r\n")
        length = Message(head).get("Content-Length")
        assert length is None or int(length) < 1 << 20, f"a body of {length} bytes"  # would be waited for in vain
        reader.waiting = head + reader.waiting
        request = reader.request()
        method, target, _ = request.start.split(" ")
        return method, target, request.get("Host"), request.body


def verdict(port, backend, raw):
    """ "answered", "refused" (by an error of the proxy's own) or "waits" (for more); and what the backend got."""
    backend.seen.clear()
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=LONG) as client:
        try:
            client.sendall(raw + NEXT)
            while part := client.recv(65536):
                said += part
        except ConnectionError:
            pass  # it has closed on what it refused
        except TimeoutError:
            return "waits", list(backend.seen)
    refused = any(code >= b"400" for code in re.findall(rb"HTTP/1\.[01] (\d{3})", said))
    return "refused" if refused else "answered", list(backend.seen)


@contextlib.contextmanager
def proxies():
    """For each proxy its lanes: (port, backend)."""
    with contextlib.ExitStack() as stack:
        lanes = {name: [(free_port(), stack.enter_context(Recorder())) for _ in range(LANES)]
                 for name in ("postern", "nginx", "haproxy")}
        stack.enter_context(Postern(*(forwarder(None, b.destination.replace("tcp", "http"), port=port)
                                      for port, b in lanes["postern"])))
        servers = " ".join(_nginx_server.format(port=port, to=b.address) for port, b in lanes["nginx"])
        stack.enter_context(Nginx(_nginx, servers=servers))
        body = "".join(_haproxy_lane.format(at=at, port=port, to=b.address)
                       for at, (port, b) in enumerate(lanes["haproxy"]))
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
