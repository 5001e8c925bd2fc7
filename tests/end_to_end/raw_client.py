"""Clients whose handshakes fail: with bytes of the test's own, which no library would send, or for want of trust."""

import socket
import ssl

from clients import Client, handshake_error
from waiting import LONG


def raw(postern, data, then=None):
    """Sends bytes as they are. Returns what came back, up to the end of the connection, and the client's port."""
    with socket.create_connection(postern.address, timeout=LONG) as s:
        s.sendall(data)
        if then:
            then(s)
        answer = b""
        try:
            while part := s.recv(65536):
                answer += part
        except ConnectionResetError:
            pass
        return answer, s.getsockname()[1]


def hello_of(postern, settings=None, name="localhost"):
    """The ClientHello that such a client sends."""
    with Client(postern.address, settings, name, handshake=False) as client:
        return client.client_hello()


def trust_nobody(postern, alpn=("imap", "postgresql")):
    """A client that refuses our certificate, and says so by an alert."""
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    stranger.minimum_version = ssl.TLSVersion.TLSv1_2
    stranger.set_alpn_protocols(alpn)
    assert handshake_error(postern.address, stranger) == "CERTIFICATE_VERIFY_FAILED"
