"""TLS clients: one in Python whose every step can be commanded, and wrappers of openssl, gnutls-cli and curl."""

import hashlib
import re
import selectors
import socket
import ssl
import struct
import subprocess
import threading

from waiting import LONG

CHUNK = 64 * 1024


class Truncated(Exception):
    """TCP ended in order but TLS did not: no close_notify came."""


def context(trust=None, versions=None, ciphers=None, alpn=None):
    """A client's settings. trust: a CA file, None: any certificate is taken. versions: (lowest, highest)."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if trust is None:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    else:
        made.load_verify_locations(trust)
    # Without this OpenSSL would take a missing close_notify for an end in order.
    made.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    if versions:
        made.minimum_version, made.maximum_version = versions
    if ciphers:
        made.set_ciphers(ciphers)
    if alpn:
        made.set_alpn_protocols(alpn)
    return made


# On which clients that use OpenSSL and postern agree when neither is told: from 3.5 on both begin with the hybrid.
USUAL_GROUP = "X25519MLKEM768" if ssl.OPENSSL_VERSION_INFO >= (3, 5) else "X25519"

TLS_1_2 = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
TLS_1_3 = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)


class Client:
    """One connection. TLS works on buffers here, so close_notify, FIN and RST can each be sent alone.

    One thread may send while another receives."""

    def __init__(self, address, settings=None, name="localhost", session=None, handshake=True, limit=LONG,
                 source=""):
        self.socket = socket.create_connection(address, timeout=limit, source_address=(source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = self.socket.getsockname()[1]
        self.received = 0  # bytes on the wire
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._using = threading.Lock()  # the TLS object and its buffers
        self._sending = threading.Lock()  # records must leave in the order they were made
        self.tls = (settings or context()).wrap_bio(self._in, self._out, server_hostname=name, session=session)
        if handshake:
            try:
                self.handshake()
            except BaseException:
                self.socket.close()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def handshake(self):
        try:
            self._step(self.tls.do_handshake)
        finally:
            self._flush_quietly()

    def client_hello(self):
        """The first flight's bytes, instead of sending them."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self._out.read()

    def send(self, data):
        view = memoryview(data)
        for at in range(0, len(view), CHUNK):
            with self._using:
                self.tls.write(view[at:at + CHUNK])
            self.flush()

    def receive(self, most=CHUNK):
        """b"" after close_notify. Raises Truncated, ConnectionResetError or socket.timeout."""
        try:
            return self._step(lambda: self.tls.read(most))
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLError as e:
            # Which of Python's classes it is depends on its version.
            if isinstance(e, ssl.SSLEOFError) or e.reason == "UNEXPECTED_EOF_WHILE_READING":
                raise Truncated() from None
            raise

    def receive_exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.receive(count - len(data))
            assert more, f"close_notify after {len(data)} of {count} bytes"
            data += more
        return data

    def receive_all(self):
        """Up to close_notify."""
        parts = []
        while part := self.receive():
            parts.append(part)
        return b"".join(parts)

    def ask(self, question):
        """Sends, and receives as many bytes: for echoing backends."""
        self.send(question)
        return self.receive_exactly(len(question))

    def close_notify(self):
        """Our direction ends in order; the other one stays open."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.flush()

    def finish(self):
        """close_notify and FIN, as most clients end."""
        self.close_notify()
        self.fin()

    def fin(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()

    def flush(self):
        with self._sending:
            with self._using:
                data = self._out.read()
            # Sending nothing would fail after fin().
            if data:
                self.socket.sendall(data)

    def _flush_quietly(self):
        try:
            self.flush()
        except OSError:
            pass  # what TLS had to say about it matters more

    def _step(self, operation):
        while True:
            try:
                with self._using:
                    return operation()
            except ssl.SSLWantReadError:
                # A sender that is stuck must not keep us from reading.
                if not self._sending.locked():
                    self.flush()
                data = self.socket.recv(256 * 1024)
                self.received += len(data)
                with self._using:
                    if data:
                        self._in.write(data)
                    else:
                        self._in.write_eof()


def exchange(client, block, total):
    """Sends `block` over and over, `total` bytes, while it receives as many. Their count and SHA-256."""
    view, sent, waiting = memoryview(block), 0, b""
    seen, count = hashlib.sha256(), 0
    client.socket.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(client.socket, selectors.EVENT_READ)
        while count < total:
            if not waiting and sent < total:
                client.tls.write(view[sent % len(view):][:CHUNK])
                sent += CHUNK
                waiting = client._out.read()
            want_write = selectors.EVENT_WRITE if waiting else 0
            selector.modify(client.socket, selectors.EVENT_READ | want_write)
            for _, events in selector.select(LONG):
                if events & selectors.EVENT_WRITE:
                    waiting = waiting[client.socket.send(waiting):]
                if events & selectors.EVENT_READ:
                    data = client.socket.recv(4 * CHUNK)
                    if not data:
                        raise Truncated()
                    client._in.write(data)
            try:
                while part := client.tls.read(4 * CHUNK):
                    seen.update(part)
                    count += len(part)
            except ssl.SSLWantReadError:
                pass
    client.socket.settimeout(LONG)
    return count, seen.hexdigest()


def how_it_ended(client):
    """What the client saw after the last byte: "close_notify", "eof" (TCP only) or "reset"; with the bytes before it."""
    parts = []
    try:
        while part := client.receive():
            parts.append(part)
        return "close_notify", b"".join(parts)
    except Truncated:
        return "eof", b"".join(parts)
    except ConnectionResetError:
        return "reset", b"".join(parts)


def handshake_error(address, settings=None, name="localhost"):
    """The word that OpenSSL has for why this handshake failed."""
    try:
        Client(address, settings, name).close()
    except ssl.SSLError as e:
        return e.reason
    except ConnectionResetError:
        return "reset"
    raise AssertionError("the handshake succeeded")


def s_client(address, *options, send="", name="localhost"):
    """openssl s_client, which ends its direction after `send`. Returns everything it printed."""
    where = "%s:%d" % address
    done = subprocess.run(["openssl", "s_client", "-connect", where, "-servername", name, *map(str, options)],
                          input=send.encode(), capture_output=True, timeout=2 * LONG)
    return (done.stdout + done.stderr).decode(errors="replace")


def signature_type(said):
    """Of the server, as s_client tells it: "ECDSA" or "RSA-PSS", which are its words before OpenSSL 3.5."""
    newer = {"ecdsa_secp256r1_sha256": "ECDSA", "rsa_pss_rsae_sha256": "RSA-PSS"}
    word = re.search("^Peer signature type: (.*)$", said, re.MULTILINE)[1]
    return newer.get(word, word)


def gnutls_cli(address, trust, priority="NORMAL", send="", name="localhost", more=()):
    done = subprocess.run(["gnutls-cli", "--no-ca-verification" if trust is None else f"--x509cafile={trust}",
                           f"--priority={priority}", f"--sni-hostname={name}", f"--verify-hostname={name}",
                           *more, "--port", str(address[1]), address[0]],
                          input=send.encode(), capture_output=True, timeout=2 * LONG)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def curl(url, trust, *options):
    """The exit code, and what came back or what curl said about it."""
    done = subprocess.run(["curl", "--silent", "--show-error", "--max-time", str(2 * LONG), "--noproxy", "*",
                           "--cacert", str(trust), *options, url], capture_output=True)
    return done.returncode, (done.stdout or done.stderr).decode(errors="replace")
