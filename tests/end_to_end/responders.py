"""OCSP responders: openssl's own, and servers that answer in ways of their own."""

import re
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from backends import Threaded
from certs import openssl
from clients import s_client
from ports import free_port
from waiting import LONG, until


class Responder:
    """`openssl ocsp` for certificates of one issuer, while the with block lasts."""

    def __init__(self, issuer, *known, revoked=(), signer=None, minutes=60, port=None):
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}/ocsp"
        self._issuer, self._signer, self._minutes = issuer, signer or issuer, minutes
        self._temporary = tempfile.TemporaryDirectory(prefix="postern-responder-")
        self._index = _index(Path(self._temporary.name), known, revoked)

    def __enter__(self):
        self._process = subprocess.Popen(
            ["openssl", "ocsp", "-port", str(self.port), *_signing(self._index, self._issuer, self._signer),
             "-nmin", str(self._minutes), "-ignore_err"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._listens, "openssl ocsp to listen")
        return self

    def __exit__(self, *_):
        self.kill()
        self._temporary.cleanup()

    def kill(self):
        self._process.kill()
        self._process.wait()

    def _listens(self):
        """By what the kernel says: a connection without a question keeps openssl's responder busy for ever."""
        assert self._process.poll() is None, "openssl ocsp has ended"
        sockets = "".join(Path(f"/proc/net/{table}").read_text() for table in ("tcp", "tcp6"))
        return re.search(rf":{self.port:04X} [0-9A-F:]+ 0A ", sockets)


def response(issuer, identity, revoked=False, signer=None, minutes=60):
    """What `openssl ocsp` says of this certificate, in DER."""
    with tempfile.TemporaryDirectory(prefix="postern-responder-") as temporary:
        folder = Path(temporary)
        index = _index(folder, [] if revoked else [identity], [identity] if revoked else [])
        openssl("ocsp", "-issuer", issuer.certificate, "-cert", identity.certificate, "-no_nonce", "-reqout",
                folder / "request")
        openssl("ocsp", *_signing(index, issuer, signer or issuer), "-reqin", folder / "request", "-respout",
                folder / "response", "-nmin", minutes)
        return (folder / "response").read_bytes()


def http(body, head="HTTP/1.1 200 OK", content_type="application/ocsp-response"):
    """A whole answer."""
    return f"{head}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Answering(Threaded):
    """Answers every question by the same bytes. `questions` are those that came."""

    def __init__(self, answer):
        self.questions = []
        self.answer = answer
        super().__init__(self._talk)

    @property
    def url(self):
        return f"http://{self.address}/"

    def _talk(self, connection):
        self.questions.append(_whole_request(connection))
        connection.sendall(self.answer)


class Slow(Threaded):
    """In front of another responder, whose answers it holds back for this long."""

    def __init__(self, responder, seconds):
        self._behind, self._seconds = responder, seconds
        super().__init__(self._talk)

    @property
    def url(self):
        return f"http://{self.address}/"

    def _talk(self, connection):
        question = _whole_request(connection)
        with socket.create_connection(("127.0.0.1", self._behind.port), LONG) as to:
            to.sendall(question)
            answer = b"".join(iter(lambda: to.recv(65536), b""))
        time.sleep(self._seconds)
        connection.sendall(answer)


class Silent(Threaded):
    """Takes questions and never answers."""

    def __init__(self):
        self.asked = threading.Event()
        super().__init__(self._talk)

    @property
    def url(self):
        return f"http://{self.address}/"

    def _talk(self, connection):
        _whole_request(connection)
        self.asked.set()
        connection.settimeout(LONG)
        connection.recv(1)


class Staple:
    """What a client was sent."""

    def __init__(self, text):
        self.status = _field("Cert Status", text)
        self.serial = int(_field("Serial Number", text), 16)
        self.updated = _field("This Update", text)


def stapled(address, *options, name="localhost"):
    """The staple that openssl s_client gets; None: it gets none."""
    said = s_client(address, "-status", *options, name=name)
    if "OCSP response: no response sent" in said:
        return None
    assert "OCSP Response Status: successful" in said, said
    return Staple(said)


def serial_of(identity):
    return int(openssl("x509", "-in", identity.certificate, "-noout", "-serial").partition("=")[2], 16)


def _field(name, text):
    return re.search(rf"{name}: ([^\n]+)", text).group(1)


def _index(folder, known, revoked):
    """The database of `openssl ca`, as far as a responder reads it."""
    file = folder / "index.txt"
    lines = [_line("V", "", identity) for identity in known] + [_line("R", "260101000000Z", one) for one in revoked]
    file.write_text("".join(lines))
    return file


def _line(status, since, identity):
    serial = f"{serial_of(identity):X}"
    serial = serial.rjust(len(serial) + len(serial) % 2, "0")
    return f"{status}\t401231235959Z\t{since}\t{serial}\tunknown\t/CN={serial}\n"


def _signing(index, issuer, signer):
    return [str(one) for one in ("-index", index, "-CA", issuer.certificate, "-rsigner", signer.certificate, "-rkey",
                                 signer.key)]


def _whole_request(connection):
    connection.settimeout(LONG)
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length.group(1)):
        more = connection.recv(65536)
        if not more:
            break
        body += more
    return head + b"\r\n\r\n" + body
