"""Where postern does otherwise than nginx 1.22 with the rows of tls_offers.py, and why.

For each row the fields that differ, as (postern's, nginx's); None where there is none. An alert is its number: 40 handshake
failure, 70 protocol version, 80 internal error, 112 unrecognized name, 120 no application protocol.
"""

_clients = "O = Clients, CN = clients;"  # whose certificates are asked for
_verifying = [("verify", _clients), ("verify optional", _clients), ("verify anybody", "of anybody"), ("verify tcp", _clients)]
# A full handshake here, a resumption there.
_full = {"signature": ("ECDSA SHA256", None), "resumed": (False, True)}
_full_in_1_2 = {"group": ("X25519", None), **_full}
_ciphers_by_default = {"cipher": ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384")}

DIFFERENCES = [
    ("speaks TLSv1.2 and TLSv1.3 where nothing is said; nginx speaks TLSv1, TLSv1.1 and TLSv1.2, and TLSv1.3 from 1.23.4 on", {
        ("nothing said", "tls 1.3"): {"protocol": ("TLSv1.3", None), "status": ("200", None), "alert": (None, "70")},
        ("nothing said", "tls 1.1"): {"alert": ("70", "80")},
        ("nothing said", "tls 1.0"): {"alert": ("70", "80")},
        ("nothing said", "any"): {"protocol": ("TLSv1.3", "TLSv1.2"),
                                  "cipher": ("TLS_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384")},
        ("nothing said", "x25519"): {"protocol": ("TLSv1.3", None), "status": ("200", None), "alert": (None, "40")},
        ("nothing said", "again, tls 1.3"): {"protocol": ("TLSv1.3", None), "status": ("200", None), "alert": (None, "70")},
    }),
    ("begins with the cheaper ciphers where nothing is said, and prefers its own order", {
        ("nothing said", "tls 1.2"): _ciphers_by_default,
        ("nothing said", "up to tls 1.2"): _ciphers_by_default,
        ("nothing said", "256 first"): _ciphers_by_default,
        ("nothing said", "chacha second"): _ciphers_by_default,
        ("nothing said", "again, tls 1.2"): _ciphers_by_default,
    }),
    ("lets a client have ChaCha20 that puts it first, although the server's order counts", {
        ("our order", "chacha first"): {"cipher": ("ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-GCM-SHA256")},
    }),
    ("takes X25519, P-256 and P-384 by `ecdh_curve: auto`, nginx all curves that OpenSSL has", {
        ("the usual", "x448"): {"protocol": (None, "TLSv1.3"), "status": (None, "200"), "alert": ("40", None)},
        ("the usual", "p-521"): {"protocol": (None, "TLSv1.3"), "status": (None, "200"), "alert": ("40", None)},
    }),
    ("does not speak HTTP/0.9", {
        ("the usual", "http/0.9"): {"protocol": (None, "TLSv1.3"), "status": (None, "200"), "alert": ("120", None)},
    }),
    ("speaks TLSv1 and TLSv1.1 where they are asked for; nginx needs `@SECLEVEL=0` among the ciphers", {
        ("old protocols", "tls 1.1"): {"protocol": ("TLSv1.1", None), "status": ("200", None), "alert": (None, "80")},
        ("old protocols", "tls 1.0"): {"protocol": ("TLSv1", None), "status": ("200", None), "alert": (None, "80")},
    }),
    ("never signs with SHA-1 in TLS 1.2, nor goes without authentication, whatever the old protocols need", {
        ("old protocols, level 0", "sha-1 signatures"): {"protocol": (None, "TLSv1.2"), "status": (None, "200"),
                                                         "alert": ("40", None)},
        ("old protocols, level 0", "anonymous ciphers"): {"protocol": (None, "TLSv1.2"), "status": (None, "200"),
                                                          "alert": ("40", None)},
    }),
    ("speaks the protocols of the server that the name means; nginx those of the default server until 1.29.2", {
        ("protocols of names", "a in tls 1.2"): {"protocol": (None, "TLSv1.2"), "status": (None, "200"),
                                                 "alert": ("70", None)},
        ("protocols of names", "a in tls 1.3"): {"protocol": ("TLSv1.3", None), "status": ("200", None),
                                                 "alert": (None, "70")},
    }),
    ("uses the groups of the server that the name means, nginx those of the default server", {
        ("ciphers of names", "a in tls 1.2"): {"group": ("X25519", "ECDH, secp384r1")},
        ("ciphers of names", "a in tls 1.3"): {"group": ("X25519", "ECDH, secp384r1")},
    }),
    ("answers 421 also where the Host's server speaks other protocols than the one of the handshake", {
        ("protocols of names", "b, host a"): {"server": (None, "a.example.org"), "status": ("421", "200")},
    }),
    ("leaves a request whose Host no server has with the server of its handshake; nginx goes to the default server, "
     "even one that rejects handshakes", {
        ("names", "a, host unknown"): {"server": ("a.example.org", "")},
    }),
    ("resumes a session only where it began; nginx also under another name, with the first one's certificate "
     "(CVE-2025-23419)", {
        ("tickets of names", "again, from a to b"): {"signature": ("ECDSA SHA256", None), "certificate": ("b", "a"),
                                                     "resumed": (False, True)},
        ("tickets of names", "again, from a to b, tls 1.2"): {"group": ("X25519", None), "signature": ("ECDSA SHA256", None),
                                                              "certificate": ("b", "a"), "resumed": (False, True)},
        ("verify of names", "again, from a to b"): {"group": ("X25519", None), "signature": ("ECDSA SHA256", None),
                                                    "asks": (_clients, None), "status": ("400", None),
                                                    "alert": (None, "49")},
        ("verify of names", "again, from a to b, tls 1.2"): {**_full_in_1_2, "asks": (_clients, None),
                                                             "status": ("400", "421")},
    }),
    ("does not resume a session whose certificate it has refused; nginx resumes it, and refuses it again", {
        **{(setting, "again, after a refusal"): {**_full, "asks": (asks, None)} for setting, asks in _verifying},
        **{(setting, "again, after a refusal, tls 1.2"): {**_full_in_1_2, "asks": (asks, None)}
           for setting, asks in _verifying},
    }),
    ("answers 421 to a Host that is another server's and asks for certificates, also when no name was asked for", {
        ("verify of names", "no name, host b"): {"status": ("421", "400")},
    }),
]
