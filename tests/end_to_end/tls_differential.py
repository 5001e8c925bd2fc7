"""The same TLS settings in postern and nginx, and what the same client sees of each."""

import contextlib
import dataclasses
import re
import socket
import ssl
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from nginx import Nginx
from ports import free_port
from postern import Postern
from tls_identities import Files
from tls_offers import OFFERS, ROWS, SETTINGS, File
from waiting import LONG

LANES = 4  # clients at once

_stream = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;"

_nginx = """
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; }}  # which the harness waits for
    server {{ listen 127.0.0.1:{backend}; return 200 "server=behind tcp;"; }}
    {http}
}}
stream {{
    {stream}
}}
"""


class Seen(NamedTuple):
    """What a client sees of one visit; None where there is none."""

    protocol: object = None
    cipher: object = None
    group: object = None
    signature: object = None
    certificate: object = None  # the name of the identity
    resumed: object = None
    asks: object = None  # for a client's certificate: the authorities that it names
    alpn: object = None
    server: object = None  # whose answer it is, by its name
    verify: object = None
    status: object = None
    alert: object = None


def difference(postern, nginx):
    """{field: (postern's, nginx's)}; of a handshake that one of them refuses, how it ended and no more."""
    fields = Seen._fields if postern.protocol and nginx.protocol else ("protocol", "status", "alert")
    pairs = {field: (getattr(postern, field), getattr(nginx, field)) for field in fields}
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}


class Table:
    """postern and nginx with every setting, while the with block lasts."""

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="postern-tls-")))
            folder.chmod(0o755)
            self.files = Files(folder)
            self.backend = free_port()
            self.ports = {name: {"postern": free_port(), "nginx": free_port()} for name in SETTINGS}
            stack.enter_context(Postern(*self._postern(), workers=1))
            stack.enter_context(self._start_nginx())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def verdicts(self):
        """{(setting, offer): {"postern": Seen, "nginx": Seen}}"""
        rows = [(setting, offer, peer) for setting, offer in ROWS for peer in ("postern", "nginx")]
        with ThreadPoolExecutor(LANES) as pool:
            seen = pool.map(lambda row: self._verdict(*row), rows)
            found = {}
            for (setting, offer, peer), each in zip(rows, seen):
                found.setdefault((setting, offer), {})[peer] = each
        return found

    # The servers

    def _start_nginx(self):
        lines = {True: [], False: []}
        for name, servers in SETTINGS.items():
            for at, server in enumerate(servers):
                lines[server.tcp].append(self._nginx_server(self.ports[name]["nginx"], at == 0, server))
        return Nginx(_nginx, _stream, backend=self.backend, http="\n".join(lines[False]), stream="\n".join(lines[True]))

    def _nginx_server(self, port, default, server):
        body = [f"listen 127.0.0.1:{port} ssl{' default_server' if default and not server.tcp else ''};"]
        if server.name and not server.tcp:
            body.append(f"server_name {' '.join(_list(server.name))};")
        for identity in map(self.files.identities.get, _list(server.identity)):
            body.append(f"ssl_certificate {identity.certificate}; ssl_certificate_key {identity.key};")
        for key, value in server.ssl.items():
            body += self._nginx_directives(key, value)
        body.append(f"proxy_pass 127.0.0.1:{self.backend};" if server.tcp else f'return 200 "{_says(server)}";')
        return "server { " + " ".join(body) + " }"

    def _nginx_directives(self, key, value):
        if key == "ciphersuites":
            return [f"ssl_conf_command Ciphersuites {value};"]
        if key == "conf_command":
            return [f"ssl_conf_command {each};" for each in value]
        return [f"ssl_{key} {' '.join(map(self._text, _list(value)))};"]

    def _text(self, value):
        if isinstance(value, File):
            return str(self.files.path(value))
        return ("off", "on")[value] if isinstance(value, bool) else str(value)

    def _postern(self):
        for name, servers in SETTINGS.items():
            for at, server in enumerate(servers):
                made = {"listen": f"127.0.0.1:{self.ports[name]['postern']}", "default_server": at == 0}
                if server.name:
                    made["server_name"] = server.name
                identities = list(map(self.files.identities.get, _list(server.identity)))
                if identities:
                    made["ssl"] = {"certificate": [str(i.certificate) for i in identities],
                                   "certificate_key": [str(i.key) for i in identities]}
                made.setdefault("ssl", {}).update(
                    {key: str(self.files.path(value)) if isinstance(value, File) else value
                     for key, value in server.ssl.items()})
                if server.tcp:
                    made["proxy_pass"] = f"tcp://127.0.0.1:{self.backend}"
                else:
                    made["return"] = f"200 {_says(server)}"
                yield made

    # The client

    def _verdict(self, setting, offer, peer):
        port, wanted = self.ports[setting][peer], OFFERS[offer]
        if wanted.plain:
            return plain_http(port)
        if wanted.again is None:
            return self._visit(port, wanted)
        with tempfile.TemporaryDirectory(prefix="postern-session-") as folder:
            session = Path(folder) / "session"
            first = self._visit(port, wanted, "-sess_out", session)
            if first.protocol is None:
                return first
            # A client that was given no session comes with none.
            known = ("-sess_in", session) if session.exists() else ()
            return self._visit(port, dataclasses.replace(wanted, **wanted.again), *known)

    def _visit(self, port, offer, *more):
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-ign_eof", *offer.options.split(),
                   *(("-servername", offer.name) if offer.name else ("-noservername",)), *map(str, more)]
        if offer.client:
            shown = self.files.clients[offer.client]
            command += ["-cert", shown.certificate, "-cert_chain", shown.certificate, "-key", shown.key]
        host = offer.host or offer.name
        request = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        done = subprocess.run(command, input=request, capture_output=True, text=True, errors="replace", timeout=LONG)
        assert "CONNECTED" in done.stdout, done.stdout + done.stderr
        return self._read(done.stdout, done.stderr)

    def _read(self, out, err):
        def one(pattern, text=out):
            found = re.search(pattern, text, re.MULTILINE)
            return found and found.group(1)
        new, cipher = one(r"^(New|Reused), "), one(r"Cipher is (\S+)$")
        status, alert = one(r"HTTP/1\.1 (\d{3}) "), one(r"SSL alert number (\d+)", err)
        if cipher == "(NONE)" or new is None:
            refused = one(r":SSL routines:\w*:([^:]*):", err)  # by the client itself
            return Seen(alert=alert or f"the client's: {refused}")
        return Seen(protocol=one(r"^    Protocol  : (\S+)") or one(r"^(?:New|Reused), (\S+),"), cipher=cipher,
                    group=one(r"^(?:Server|Peer) Temp Key: (.*?), \d+ bits") or one(r"^Negotiated TLS1.3 group: (.*)"),
                    signature=self._signature(one),
                    certificate=self._certificate(out), resumed=new == "Reused", asks=self._asks(out),
                    alpn=one(r"^ALPN protocol: (.*)"), server=one(r"server=(.*?);"), verify=one(r"verify=(.*?);"),
                    status=status, alert=alert)

    @staticmethod
    def _signature(one):
        kind, digest = one(r"^Peer signature type: (.*)"), one(r"^Peer signing digest: (.*)")
        return kind and f"{kind} {digest}"

    def _certificate(self, out):
        found = re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", out, re.DOTALL)
        if not found:
            return None
        der = ssl.PEM_cert_to_DER_cert(found.group(0))
        return next(name for name, identity in self.files.identities.items() if identity.der() == der)

    @staticmethod
    def _asks(out):
        if "Requested Signature Algorithms" not in out:
            return None
        names = re.search("^Acceptable client certificate CA names\n((?:.*=.*\n)*)", out, re.MULTILINE)
        return names.group(1).replace("\n", ";") if names else "of anybody"


def plain_http(port):
    with socket.create_connection(("127.0.0.1", port), timeout=LONG) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := client.recv(65536):
            answer += part
    return Seen(status=re.match(rb"HTTP/1\.1 (\d{3})", answer).group(1).decode())


def _list(value):
    return [] if value is None else value if isinstance(value, list) else [value]


def _says(server):
    """The text of the server's answers."""
    verify = "verify=$ssl_client_verify;" if "verify_client" in server.ssl else ""
    return f"server=$server_name;{verify}"
