"""A daemon that watches its files, and files that change as renewals and editors change them."""

import os
import shutil

from postern import Postern, forwarder
from waiting import until

DEBOUNCE = "100ms"


class Watching(Postern):
    def write(self, *servers, **settings):
        settings = {"watch": {"debounce": DEBOUNCE}, "log": {"level": "debug"}, **settings}
        super().write(*servers, **settings)

    def write_text(self, text):
        """Another file in place of the one that was there, so that no half of it can be read."""
        replace(self.config_file, text, mode=0o644)

    def count(self, text):
        return self.stderr().count(text)

    def done(self, number):
        """So many reloads have gone well."""
        until(lambda: self.count("reload: done") >= number, f"{number} reloads")

    def refused(self, number=1):
        """So many reloads have been refused, and no more."""
        until(lambda: self.count("reload: refused") >= number, "a reload to be refused")
        assert self.count("reload: refused") == number

    def shows(self, identity):
        """The moment comes when it is shown to whoever connects."""
        until(lambda: shown(self) == identity.der(), "the certificate")


def shown(postern, name="localhost"):
    with postern.connect(name=name) as client:
        assert client.ask(b"hello") == b"hello"
        return client.tls.getpeercert(binary_form=True)


def replace(path, content, mode=0o600):
    """One rename, as editors and renewals do it."""
    fresh = path.with_name(f".{path.name}.fresh")
    fresh.write_bytes(content if isinstance(content, bytes) else content.encode())
    fresh.chmod(mode)
    fresh.rename(path)


def turn(link, target):
    fresh = link.with_name(f".{link.name}.fresh")
    os.symlink(target, fresh)
    fresh.rename(link)


class Place:
    """A certificate and its key in a folder."""

    def __init__(self, folder, identity):
        self.certificate, self.key = folder / "site.crt", folder / "site.key"
        self.renew(identity)

    def renew(self, identity):
        """Two renames, with a moment between them in which the pair does not match."""
        replace(self.certificate, identity.certificate.read_bytes())
        replace(self.key, identity.key.read_bytes())

    def write(self, identity):
        """In place, as cp does it."""
        shutil.copy(identity.certificate, self.certificate)
        shutil.copy(identity.key, self.key)

    def give_to(self, user):
        for path in (self.certificate, self.key):
            shutil.chown(path, user)

    def block(self, **more):
        return {"certificate": str(self.certificate), "certificate_key": str(self.key), **more}

    def server(self, backend):
        """A server that shows it."""
        return {**forwarder(None, backend.destination), "ssl": self.block()}
