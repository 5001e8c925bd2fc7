"""Servers that ask for clients' certificates, and clients that show one."""

import pytest

from clients import TLS_1_2, TLS_1_3, context
from http_clients import browse, get
from postern import forwarder

VERSIONS = pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3], ids=["TLSv1.2", "TLSv1.3"])


def with_identity(identity=None, versions=None):
    settings = context(versions=versions)
    if identity:
        settings.load_cert_chain(identity.certificate, identity.key)
    return settings


def guarded(site, destination, authority, mode="on", crl=None, more=None, **keys):
    """A server that asks for clients of this authority."""
    ssl = {"verify_client": mode, "client_certificate": str(authority.certificate), **(more or {})}
    if crl:
        ssl["crl"] = str(crl)
    if destination.startswith("http:"):
        keys.setdefault("proxy_set_header", {"X-Verify": "$ssl_client_verify"})
    return forwarder(site, destination, ssl=ssl, **keys)


def visit(postern, settings, session=None, name="localhost"):
    """The status of one request, whether the session was resumed, and the session for the next one."""
    with browse(postern, settings, name, session=session) as client:
        status = client.ask(get(host=name)).status
        tls = client.connection.tls
        return status, tls.session_reused, tls.session
