"""The rows of the comparison with nginx: settings of servers, and what a client offers to each.

Settings are keys of postern's ssl block; tls_differential.py writes nginx's directives from them. A row is a setting and
an offer. Verdicts are compared; what differs is listed with its reason in tls_differences.py.
"""

from dataclasses import dataclass, field

GCM, GCM_256 = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
CHACHA = "ECDHE-ECDSA-CHACHA20-POLY1305"
EVERYTHING = "ALL:@SECLEVEL=0"
NGINX_CIPHERS = "HIGH:!aNULL:!MD5"
NGINX_SUITES = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"
ALL_PROTOCOLS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]


class File(str):
    """The name of a file that tls_identities.py makes."""


@dataclass(frozen=True)
class Server:
    name: object = "localhost"  # of the server, or several
    identity: object = "ec"  # of tls_identities.SERVERS, or several, or None
    tcp: bool = False
    ssl: dict = field(default_factory=dict)


def server(name="localhost", identity="ec", tcp=False, **ssl):
    # Where nothing is said the two differ; that is a setting of its own.
    return Server(name, identity, tcp, {"protocols": ["TLSv1.2", "TLSv1.3"], "ciphers": NGINX_CIPHERS,
                                        "ciphersuites": NGINX_SUITES, "prefer_server_ciphers": True, **ssl})


def verifying(mode, **ssl):
    return server(verify_client=mode, client_certificate=File("clients"), **ssl)


@dataclass(frozen=True)
class Offer:
    """s_client's options, and what goes with them."""

    options: str = ""
    name: object = "localhost"  # SNI; None: none is sent
    host: object = None  # None: the SNI
    client: object = None  # of Files.clients
    plain: bool = False  # HTTP without TLS
    again: object = None  # a second visit with the first one's session, whose verdict counts: changes to the offer


def again(options, /, **changes):
    name, client = changes.pop("first", "localhost"), changes.pop("client", None)
    return Offer(options, name=name, client=client, again=changes)


SETTINGS = {
    "nothing said": [Server()],
    "the usual": [server()],
    "rsa": [server(identity="rsa")],
    "ed25519": [server(identity="ed25519")],
    "rsa and ecdsa": [server(identity=["rsa", "ec"])],
    "tls 1.2": [server(protocols=["TLSv1.2"])],
    "tls 1.3": [server(protocols=["TLSv1.3"])],
    "old protocols, level 0": [server(identity=["rsa", "ec"], protocols=ALL_PROTOCOLS, ciphers=EVERYTHING)],
    "old protocols": [server(protocols=ALL_PROTOCOLS, ciphers="ALL")],
    "tls 1.1 alone": [server(protocols=["TLSv1.1"], ciphers=EVERYTHING)],
    "a gap in the protocols": [server(protocols=["TLSv1.1", "TLSv1.3"], ciphers=EVERYTHING)],
    "our order": [server(ciphers=f"{GCM}:{GCM_256}:{CHACHA}")],
    "the client's order": [server(ciphers=f"{GCM}:{GCM_256}:{CHACHA}", prefer_server_ciphers=False)],
    "one cipher": [server(ciphers=GCM_256)],
    "kRSA": [server(identity="rsa", ciphers="kRSA+AESGCM")],
    "cbc": [server(identity="rsa", ciphers="ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384")],
    "dhe without parameters": [server(identity="rsa", ciphers="kDHE+AESGCM:kRSA+AESGCM")],
    "dhe": [server(identity="rsa", ciphers="kDHE+AESGCM:kRSA+AESGCM", dhparam=File("dhparam"))],
    "suites": [server(ciphersuites="TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384")],
    "one curve": [server(ecdh_curve="secp384r1")],
    "curves": [server(ecdh_curve="prime256v1:X25519")],
    "all curves": [server(ecdh_curve="X448:secp521r1:X25519:secp384r1:prime256v1")],
    "chacha first": [server(ciphers=f"{GCM}:{CHACHA}", conf_command=["Options PrioritizeChaCha"])],
    "a command for the suites": [server(ciphersuites="TLS_AES_128_GCM_SHA256", conf_command=["Ciphersuites TLS_AES_256_GCM_SHA384"])],
    "a command against tickets": [server(conf_command=["Options -SessionTicket"], session_cache="shared:six:1m")],
    "a command for resumption alone": [server(conf_command=["Options AllowNoDHEKEX"])],
    "a command for the signatures": [server(identity=["rsa", "ec"], conf_command=["SignatureAlgorithms RSA-PSS+SHA384"])],
    "names": [
        server(None, None, reject_handshake=True),
        server(["a.example.org", "*.a.example.org"], ["a"]),
        server("b.example.org", "b"),
        server("www.example.*", "c"),
    ],
    "the first is the default": [server("b.example.org", "b"), server("a.example.org", "a")],
    "a dot before the name": [server("b.example.org", "b"), server(".a.example.org", "a")],
    "protocols of names": [server("b.example.org", "b", protocols=["TLSv1.2"]),
                           server("a.example.org", "a", protocols=["TLSv1.3"])],
    "ciphers of names": [server("b.example.org", "b", ciphers=GCM, ecdh_curve="secp384r1"),
                         server("a.example.org", "a", ciphers=GCM_256, ecdh_curve="X25519")],
    "nobody": [server(None, None, reject_handshake=True)],
    "tickets, no cache": [server(session_cache="off")],
    "pretended cache": [server(session_cache="none")],
    "no tickets, no cache": [server(session_tickets=False, session_cache="off")],
    "no tickets, pretended cache": [server(session_tickets=False, session_cache="none")],
    "no tickets, builtin": [server(session_tickets=False, session_cache="builtin:100")],
    "no tickets, shared": [server(session_tickets=False, session_cache="shared:one:1m")],
    "tickets, shared": [server(session_cache="shared:two:1m")],
    "tickets of names": [server("a.example.org", "a", session_cache="shared:three:1m"),
                         server("b.example.org", "b", session_cache="shared:three:1m")],
    "tickets of names with one certificate": [server("a.example.org", "a"), server("b.example.org", "a")],
    "sessions of names with one certificate": [
        server("a.example.org", "a", session_tickets=False, session_cache="shared:four:1m"),
        server("b.example.org", "a", session_tickets=False, session_cache="shared:four:1m")],
    "ticket key of 48 bytes": [server(session_ticket_key=File("ticket_key_48"))],
    "ticket key of 80 bytes": [server(session_ticket_key=File("ticket_key_80"))],
    "small records": [server(buffer_size="1k")],
    "tcp": [server(tcp=True)],
    "tcp, rsa": [server(tcp=True, identity="rsa", protocols=["TLSv1.2"])],
    "tcp, alpn": [server(tcp=True, alpn=["postgresql", "imap"])],
    "tcp, shared": [server(tcp=True, session_tickets=False, session_cache="shared:five:1m")],
    "verify": [verifying("on")],
    "verify optional": [verifying("optional")],
    "verify anybody": [server(verify_client="optional_no_ca")],
    "verify anybody, with authorities": [verifying("optional_no_ca")],
    "verify off": [verifying("off")],
    "verify at depth 0": [verifying("on", verify_depth=0)],
    "verify at depth 1": [verifying("on", verify_depth=1)],
    "verify with crl": [verifying("on", crl=File("crl"))],
    "verify of names": [server("a.example.org", "a"),
                        Server("b.example.org", "a", ssl=verifying("on").ssl)],
    "verify tcp": [Server(tcp=True, ssl=verifying("on").ssl)],
    "verify tcp optional": [Server(tcp=True, ssl=verifying("optional").ssl)],
}

OFFERS = {
    "tls 1.3": Offer("-tls1_3"),
    "tls 1.2": Offer("-tls1_2"),
    "tls 1.1": Offer("-tls1_1 -cipher ALL:@SECLEVEL=0"),
    "tls 1.0": Offer("-tls1 -cipher ALL:@SECLEVEL=0"),
    "any": Offer(),
    "up to tls 1.2": Offer("-max_protocol TLSv1.2"),
    "plain http": Offer(plain=True),
    "http/1.1": Offer("-alpn http/1.1"),
    "http/1.0": Offer("-alpn http/1.0"),
    "http/0.9": Offer("-alpn http/0.9"),
    "h2, http/1.1": Offer("-alpn h2,http/1.1"),
    "http/1.0, http/1.1": Offer("-alpn http/1.0,http/1.1"),
    "h2 alone": Offer("-alpn h2"),
    "imap, postgresql": Offer("-alpn imap,postgresql"),
    "256 first": Offer(f"-tls1_2 -cipher {GCM_256}:{GCM}"),
    "chacha first": Offer(f"-tls1_2 -cipher {CHACHA}:{GCM}"),
    "chacha second": Offer(f"-tls1_2 -cipher {GCM_256}:{CHACHA}:{GCM}"),
    "gcm 128": Offer(f"-tls1_2 -cipher {GCM}"),
    "chacha suite first": Offer("-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"),
    "128 suite alone": Offer("-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256"),
    "ecdsa ciphers": Offer("-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256"),
    "rsa ciphers": Offer("-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256"),
    "kRSA ciphers": Offer("-tls1_2 -cipher kRSA"),
    "dhe ciphers": Offer("-tls1_2 -cipher DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256"),
    "cbc ciphers": Offer("-tls1_2 -cipher ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA"),
    "anonymous ciphers": Offer("-tls1_2 -cipher aNULL:@SECLEVEL=0"),
    "null ciphers": Offer("-tls1_2 -cipher eNULL:@SECLEVEL=0"),
    "rsa signatures": Offer("-tls1_3 -sigalgs rsa_pss_rsae_sha256"),
    "ecdsa signatures": Offer("-tls1_3 -sigalgs ecdsa_secp256r1_sha256"),
    "sha-512 signatures": Offer("-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256 -sigalgs RSA+SHA512"),
    "sha-1 signatures": Offer("-tls1_2 -cipher ALL:@SECLEVEL=0 -sigalgs RSA+SHA1:ECDSA+SHA1"),
    "x25519": Offer("-groups X25519"),
    "p-384, x25519": Offer("-groups P-384:X25519"),
    "p-521": Offer("-groups P-521"),
    "x448": Offer("-groups X448"),
    "p-256 in tls 1.2": Offer("-tls1_2 -groups P-256"),
    "x448 in tls 1.2": Offer("-tls1_2 -groups X448"),
    "a": Offer(name="a.example.org"),
    "a in capitals": Offer(name="A.Example.ORG"),
    "under a": Offer(name="www.a.example.org"),
    "b": Offer(name="b.example.org"),
    "another ending": Offer(name="www.example.com"),
    "unknown name": Offer(name="unknown.example.org"),
    "no name": Offer(name=None, host="localhost"),
    "a in tls 1.2": Offer("-tls1_2", name="a.example.org"),
    "a in tls 1.3": Offer("-tls1_3", name="a.example.org"),
    "b in tls 1.3": Offer("-tls1_3", name="b.example.org"),
    "b in tls 1.2": Offer("-tls1_2", name="b.example.org"),
    "a, host b": Offer(name="a.example.org", host="b.example.org"),
    "b, host a": Offer(name="b.example.org", host="a.example.org"),
    "no name, host b": Offer(name=None, host="b.example.org"),
    "a, host unknown": Offer(name="a.example.org", host="unknown.example.org"),
    "again, tls 1.2": again("-tls1_2"),
    "again, tls 1.3": again("-tls1_3"),
    "again, tls 1.2 without tickets": again("-tls1_2 -no_ticket"),
    "again, another group": again("-tls1_3", options="-tls1_3 -groups P-256"),
    "again, without a new key exchange": again("-tls1_3 -allow_no_dhe_kex"),
    "again, from a to b": again("-tls1_3", first="a.example.org", name="b.example.org"),
    "again, from a to b, tls 1.2": again("-tls1_2", first="a.example.org", name="b.example.org"),
    "again, from a to a": again("-tls1_3", first="a.example.org"),
    "again, with the certificate": again("-tls1_3", client="valid"),
    "again, with the certificate, tls 1.2": again("-tls1_2", client="valid"),
    "again, after a refusal": again("-tls1_3", client="expired"),
    "again, after a refusal, tls 1.2": again("-tls1_2", client="expired"),
    "valid": Offer("-tls1_3", client="valid"),
    "valid, tls 1.2": Offer("-tls1_2", client="valid"),
    "none": Offer("-tls1_3"),
    "none, tls 1.2": Offer("-tls1_2"),
    "revoked": Offer(client="revoked"),
    "expired": Offer(client="expired"),
    "not yet valid": Offer(client="not_yet_valid"),
    "wrong authority": Offer(client="wrong_authority"),
    "wrong usage": Offer(client="wrong_usage"),
    "behind one": Offer(client="behind_one"),
    "self-signed": Offer(client="self_signed"),
    "b with the certificate": Offer(name="b.example.org", client="valid"),
    "a, host b, with the certificate": Offer(name="a.example.org", host="b.example.org", client="valid"),
}

_protocols = ["tls 1.3", "tls 1.2", "tls 1.1", "tls 1.0", "any", "up to tls 1.2"]
_versions = ["tls 1.3", "tls 1.2"]
_old = ["tls 1.3", "tls 1.2", "tls 1.1", "tls 1.0"]
_again = ["again, tls 1.2", "again, tls 1.3"]
_certificates = ["valid", "valid, tls 1.2", "none", "none, tls 1.2", "expired", "not yet valid", "wrong authority",
                 "wrong usage", "behind one", "self-signed"]
_refused = ["again, after a refusal", "again, after a refusal, tls 1.2"]
_kept = ["again, with the certificate", "again, with the certificate, tls 1.2"]

TABLE = {
    "nothing said": [*_protocols, "256 first", "chacha second", "kRSA ciphers", "cbc ciphers", "x25519", "p-521", *_again],
    "the usual": [*_protocols, "plain http", "http/1.1", "http/1.0", "http/0.9", "h2, http/1.1", "http/1.0, http/1.1",
                  "h2 alone", "unknown name", "no name", "x448", "x448 in tls 1.2", "p-521", "p-384, x25519",
                  "128 suite alone", "chacha suite first", "anonymous ciphers", "null ciphers", "ecdsa ciphers",
                  "rsa ciphers", "ecdsa signatures", "rsa signatures", "sha-1 signatures", *_again,
                  "again, another group", "again, tls 1.2 without tickets"],
    "rsa": [*_versions, "rsa ciphers", "ecdsa ciphers", "kRSA ciphers", "cbc ciphers", "dhe ciphers", "rsa signatures",
            "sha-512 signatures", "sha-1 signatures"],
    "ed25519": [*_versions, "ecdsa signatures"],
    "rsa and ecdsa": [*_versions, "rsa ciphers", "ecdsa ciphers", "rsa signatures", "ecdsa signatures"],
    "tls 1.2": [*_protocols],
    "tls 1.3": [*_protocols],
    "old protocols, level 0": [*_old, "rsa ciphers", "sha-1 signatures", "anonymous ciphers", "null ciphers", *_again],
    "old protocols": [*_old, "sha-1 signatures"],
    "tls 1.1 alone": [*_old],
    "a gap in the protocols": [*_old, "any", "up to tls 1.2"],
    "our order": ["256 first", "chacha first", "chacha second", "gcm 128"],
    "the client's order": ["256 first", "chacha first", "chacha second", "chacha suite first"],
    "one cipher": ["256 first", "gcm 128", "tls 1.3"],
    "kRSA": ["tls 1.2", "rsa ciphers", "tls 1.3"],
    "cbc": ["cbc ciphers", "rsa ciphers"],
    "dhe without parameters": ["dhe ciphers", "tls 1.2"],
    "dhe": ["dhe ciphers", "tls 1.2"],
    "suites": ["tls 1.3", "128 suite alone", "chacha suite first"],
    "one curve": ["tls 1.3", "tls 1.2", "x25519", "p-384, x25519", "p-256 in tls 1.2"],
    "curves": ["tls 1.3", "tls 1.2", "p-384, x25519"],
    "all curves": ["any", "x448", "p-521", "x448 in tls 1.2"],
    "chacha first": ["chacha first", "chacha second", "chacha suite first"],
    "a command for the suites": ["tls 1.3", "128 suite alone"],
    "a command against tickets": _again,
    "a command for resumption alone": ["again, without a new key exchange"],
    "a command for the signatures": [*_versions, "ecdsa ciphers"],
    "names": ["a", "a in capitals", "under a", "b", "another ending", "unknown name", "no name", "a, host b",
              "a, host unknown", "plain http"],
    "the first is the default": ["a", "b", "unknown name", "no name", "no name, host b", "b, host a"],
    "a dot before the name": ["a", "under a", "b"],
    "protocols of names": ["a in tls 1.2", "a in tls 1.3", "b in tls 1.2", "b in tls 1.3", "b, host a", "no name, host b"],
    "ciphers of names": ["a in tls 1.2", "b in tls 1.2", "a in tls 1.3", "b in tls 1.3", "b, host a"],
    "nobody": ["tls 1.3", "tls 1.2", "no name"],
    "tickets, no cache": [*_again, "again, tls 1.2 without tickets"],
    "pretended cache": [*_again, "again, tls 1.2 without tickets"],
    "no tickets, no cache": _again,
    "no tickets, pretended cache": _again,
    "no tickets, builtin": _again,
    "no tickets, shared": [*_again, "again, another group"],
    "tickets, shared": [*_again, "again, tls 1.2 without tickets"],
    "tickets of names": ["again, from a to b", "again, from a to b, tls 1.2", "again, from a to a"],
    "tickets of names with one certificate": ["again, from a to b", "again, from a to b, tls 1.2", "again, from a to a"],
    "sessions of names with one certificate": ["again, from a to b", "again, from a to b, tls 1.2", "again, from a to a"],
    "ticket key of 48 bytes": _again,
    "ticket key of 80 bytes": _again,
    "small records": _versions,
    "tcp": [*_protocols, *_again],
    "tcp, rsa": ["tls 1.2", "rsa ciphers", "ecdsa ciphers", "again, tls 1.2"],
    "tcp, alpn": ["imap, postgresql", "http/1.1", "any"],
    "tcp, shared": _again,
    "verify": [*_certificates, *_kept, *_refused],
    "verify optional": [*_certificates, *_kept, *_refused],
    "verify anybody": [*_certificates, *_refused],
    "verify anybody, with authorities": [*_certificates],
    "verify off": ["valid", "none"],
    "verify at depth 0": ["valid", "behind one"],
    "verify at depth 1": ["valid", "behind one"],
    "verify with crl": ["valid", "revoked", "none", "behind one"],
    "verify of names": ["a", "b", "b with the certificate", "a, host b", "a, host b, with the certificate", "no name, host b",
                        "again, from a to b", "again, from a to b, tls 1.2"],
    "verify tcp": ["valid", "valid, tls 1.2", "none", "none, tls 1.2", "expired", *_kept, *_refused],
    "verify tcp optional": ["valid", "none", "expired", "wrong authority"],
}

ROWS = [(setting, offer) for setting, offers in TABLE.items() for offer in offers]
