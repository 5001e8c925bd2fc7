"""What the comparison's servers and clients show each other: made once, with the openssl command."""

import secrets
import subprocess

from certs import Authority, Identity, make_key, openssl


SERVERS = {  # name: (DNS names, kind of key)
    "ec": (["localhost"], "ec"),
    "rsa": (["localhost"], "rsa"),
    "ed25519": (["localhost"], "ed25519"),
    "a": (["a.example.org", "*.a.example.org"], "ec"),
    "b": (["b.example.org"], "ec"),
    "c": (["www.example.org"], "rsa"),
}


class Files:
    """`path(NAME)` of everything that settings and offers name; servers' identities and clients' by their names."""

    def __init__(self, folder):
        self._folder = folder
        self._paths = {}
        authority = Authority(folder)
        self.identities = {name: authority.issue(*names, kind=kind) for name, (names, kind) in SERVERS.items()}
        self._make_clients()
        # Of RFC 7919; to look for a prime would take minutes.
        openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", self._new("dhparam"))
        for size in (48, 80):
            self._new(f"ticket_key_{size}").write_bytes(secrets.token_bytes(size))

    def path(self, name):
        return self._paths[name]

    def _new(self, name):
        self._paths[name] = self._folder / f"{name}.file"
        return self._paths[name]

    # Clients: each says in its name what is right or wrong with it.

    def _make_clients(self):
        root = self._authority("clients")
        other = self._authority("strangers")
        middle = self._issue("middle", root, "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n")
        leaf = "basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n"
        self.clients = {
            "valid": self._issue("valid", root, leaf),
            "revoked": self._issue("revoked", root, leaf),
            "expired": self._dated("expired", root, leaf, "20200101000000Z", "20210101000000Z"),
            "not_yet_valid": self._dated("not_yet_valid", root, leaf, "20980101000000Z", "20990101000000Z"),
            "wrong_authority": self._issue("wrong_authority", other, leaf),
            "wrong_usage": self._issue("wrong_usage", root, leaf.replace("clientAuth", "serverAuth")),
            "behind_one": self._issue("behind_one", middle, leaf),
            "self_signed": self._authority("self_signed"),
        }
        behind = self.clients["behind_one"]
        behind.certificate.write_text(behind.certificate.read_text() + middle.certificate.read_text())
        self._paths["clients"] = root.certificate
        # Without a list of the intermediate's: then nothing that is behind it can be told good.
        self._paths["crl"] = self._revocation_list(root, [self.clients["revoked"]])

    def _authority(self, name):
        key = make_key(self._folder / f"client-{name}.key")
        certificate = self._folder / f"client-{name}.crt"
        openssl("req", "-x509", "-key", key, "-subj", f"/O=Clients/CN={name}", "-days", "30", "-out", certificate)
        return Identity(certificate, key)

    def _issue(self, name, signer, extensions):
        key, request = make_key(self._folder / f"client-{name}.key"), self._folder / f"client-{name}.csr"
        openssl("req", "-new", "-key", key, "-subj", f"/O=Clients/CN={name}", "-out", request)
        file, certificate = self._folder / f"client-{name}.ext", self._folder / f"client-{name}.crt"
        file.write_text(extensions)
        openssl("x509", "-req", "-in", request, "-CA", signer.certificate, "-CAkey", signer.key, "-days", 30,
                "-extfile", file, "-out", certificate)
        return Identity(certificate, key)

    def _dated(self, name, signer, extensions, begins, ends):
        """Other dates than those around now are given by openssl ca alone."""
        issued = self._issue(name, signer, extensions)
        self._ca(signer, "-batch", "-notext", "-in", self._folder / f"client-{name}.csr", "-extfile",
                 self._folder / f"client-{name}.ext", "-out", issued.certificate, "-startdate", begins, "-enddate", ends)
        return issued

    def _revocation_list(self, signer, revoked):
        for each in revoked:
            self._ca(signer, "-revoke", each.certificate)
        self._ca(signer, "-gencrl", "-out", self._folder / "clients.crl")
        return self._folder / "clients.crl"

    def _ca(self, signer, *arguments):
        """openssl ca keeps books, in a folder of their own for each signer."""
        books = self._folder / f"books-of-{signer.certificate.stem}"
        if not books.exists():
            books.mkdir()
            (books / "index.txt").touch()
            (books / "serial").write_text("1000\n")
            (books / "ca.cnf").write_text(f"[ca]\ndefault_ca = it\n[it]\ndatabase = {books}/index.txt\n"
                                          f"serial = {books}/serial\nnew_certs_dir = {books}\ndefault_md = sha256\n"
                                          f"policy = any\ndefault_days = 30\ndefault_crl_days = 30\n"
                                          f"[any]\nO = optional\nCN = supplied\n")
        done = subprocess.run(["openssl", "ca", "-config", books / "ca.cnf", "-cert", signer.certificate, "-keyfile",
                               signer.key, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
