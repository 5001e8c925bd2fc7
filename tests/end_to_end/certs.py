"""A throwaway certificate authority, made by the openssl command."""

import ssl
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

_key_options = {
    "ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "rsa3072": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
    "ed25519": ["-algorithm", "ED25519"],
}


@dataclass(frozen=True)
class Identity:
    """A certificate (with its intermediates) and its key, as paths of PEM files."""

    certificate: Path
    key: Path

    def block(self, **more):
        """The ssl block of a server that shows this identity."""
        return {"certificate": str(self.certificate), "certificate_key": str(self.key), **more}

    def der(self):
        """The leaf, as a client's getpeercert(binary_form=True) gives it."""
        first = self.certificate.read_text().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"
        return ssl.PEM_cert_to_DER_cert(first)


class Authority:
    """Signs in `folder`; `certificate` is what clients trust."""

    def __init__(self, folder, name="postern test CA"):
        self.folder = Path(folder)
        self._count = 0
        self._lock = threading.Lock()
        self._root = self._self_signed(name)
        self._intermediate = None
        self.certificate = self._root.certificate

    def issuer(self, intermediate=False):
        """Who signs certificates, and whatever else is to be signed."""
        return self._intermediate_ca() if intermediate else self._root

    def issue(self, *names, kind="ec", password=None, intermediate=False, days=30, more=""):
        """An identity for these DNS names (and 127.0.0.1 with localhost). more: extensions, a line each."""
        signer = self.issuer(intermediate)
        stem = self._stem(names[0])
        key = make_key(stem.with_suffix(".key"), kind, password)
        alternatives = ",".join(f"DNS:{n}" for n in names)
        if "localhost" in names:
            alternatives += ",IP:127.0.0.1,IP:::1"
        extensions = f"subjectAltName={alternatives}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n{more}"
        certificate = self._sign(stem, key, names[0], extensions, signer, days, password)
        if intermediate:
            certificate.write_text(certificate.read_text() + signer.certificate.read_text())
        return Identity(certificate, key)

    def self_signed(self, name, key):
        """The cheapest certificate there is, with a key that exists already."""
        certificate = self._stem(name).with_suffix(".crt")
        openssl("req", "-x509", "-key", key, "-subj", f"/CN={name}", "-days", "30", "-out", certificate)
        return Identity(certificate, Path(key))

    def _self_signed(self, name):
        stem = self._stem("ca")
        key = make_key(stem.with_suffix(".key"), "ec")
        certificate = stem.with_suffix(".crt")
        # Some clients are strict: Python's own from 3.13 on.
        openssl("req", "-x509", "-key", key, "-subj", f"/CN={name}", "-days", "30",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", certificate)
        return Identity(certificate, key)

    def _intermediate_ca(self):
        if self._intermediate is None:
            stem = self._stem("intermediate")
            key = make_key(stem.with_suffix(".key"), "ec")
            extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n"
            certificate = self._sign(stem, key, "postern test intermediate", extensions, self._root, 30, None)
            self._intermediate = Identity(certificate, key)
        return self._intermediate

    def _sign(self, stem, key, name, extensions, signer, days, password):
        request, extension_file = stem.with_suffix(".csr"), stem.with_suffix(".ext")
        certificate = stem.with_suffix(".crt")
        extension_file.write_text(extensions)
        unlock = ["-passin", f"pass:{password}"] if password else []
        openssl("req", "-new", "-key", key, *unlock, "-subj", f"/CN={name}", "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", signer.certificate, "-CAkey", signer.key, "-days", days,
                "-extfile", extension_file, "-out", certificate)
        return certificate

    def _stem(self, name):
        with self._lock:
            self._count += 1
            return self.folder / f"{self._count}-{name.replace('*', 'any').replace('.', '-')}"


def make_key(path, kind="ec", password=None):
    lock = ["-aes256", "-pass", f"pass:{password}"] if password else []
    openssl("genpkey", *_key_options[kind], *lock, "-out", path)
    path.chmod(0o600)
    return path


def openssl(*arguments):
    """Its standard output; a failure shows what it said."""
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"openssl {arguments}: {done.stderr}"
    return done.stdout
