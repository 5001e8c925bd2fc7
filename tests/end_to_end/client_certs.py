"""An authority of clients, as `openssl ca` is one: certificates with any dates and names, and lists of what it revoked."""

import datetime
import itertools
from pathlib import Path

from certs import Identity, make_key, openssl

_settings = """\
[ca]
default_ca = here
[here]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
unique_subject = no
email_in_dn = no
policy = any
[any]
organizationName = optional
organizationalUnitName = optional
commonName = supplied
"""

_of_an_authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n"


def _at(hours):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return when.strftime("%Y%m%d%H%M%SZ")


class ClientAuthority:
    """`certificate` is what servers trust; `chain` what stands behind its clients' certificates, for one below another."""

    def __init__(self, folder, name="clients of the test", parent=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self._count = itertools.count(1)
        self._config = self.folder / "ca.cnf"
        self._config.write_text(_settings.format(folder=self.folder))
        (self.folder / "index.txt").write_text("")
        (self.folder / "serial").write_text("1000\n")
        key = make_key(self.folder / "ca.key")
        self.certificate = self.folder / "ca.crt"
        if parent:
            parent.sign(key, f"/CN={name}", _of_an_authority, self.certificate)
        else:
            openssl("req", "-x509", "-key", key, "-subj", f"/CN={name}", "-days", "30", "-out", self.certificate)
        self._key = key
        self._chain = [self.certificate, *parent._chain] if parent else []

    def issue(self, name, alternatives=None, usage="clientAuth", begins=-1, ends=24, unit=None):
        """An identity with what stands behind it. begins, ends: hours from now."""
        stem = self.folder / f"{next(self._count)}-{name}"
        key = make_key(stem.with_suffix(".key"))
        extensions = f"basicConstraints=CA:FALSE\nextendedKeyUsage={usage}\n"
        if alternatives:
            extensions += f"subjectAltName={alternatives}\n"
        subject = f"/O=Example{f'/OU={unit}' if unit else ''}/CN={name}"
        certificate = self.sign(key, subject, extensions, stem.with_suffix(".crt"), begins, ends)
        certificate.write_text(certificate.read_text() + "".join(c.read_text() for c in self._chain))
        return Identity(certificate, key)

    def sign(self, key, subject, extensions, certificate, begins=-1, ends=24):
        request, extension_file = certificate.with_suffix(".csr"), certificate.with_suffix(".ext")
        extension_file.write_text(extensions)
        openssl("req", "-new", "-key", key, "-subj", subject, "-out", request)
        self._ca("-in", request, "-out", certificate, "-notext", "-startdate", _at(begins), "-enddate", _at(ends),
                 "-extfile", extension_file)
        return certificate

    def revoke(self, identity):
        self._ca("-revoke", identity.certificate)

    def crl(self, begins=-1, ends=24):
        """A new file with the list of what is revoked by now."""
        file = self.folder / f"{next(self._count)}.crl"
        self._ca("-gencrl", "-crl_lastupdate", _at(begins), "-crl_nextupdate", _at(ends), "-out", file)
        return file

    def _ca(self, *arguments):
        openssl("ca", "-batch", "-config", self._config, "-cert", self.certificate, "-keyfile", self._key, *arguments)


def self_signed(folder, name):
    """Vouched for by nobody."""
    key = make_key(Path(folder) / f"{name}.key")
    certificate = Path(folder) / f"{name}.crt"
    openssl("req", "-x509", "-key", key, "-subj", f"/CN={name}", "-days", "1", "-out", certificate)
    return Identity(certificate, key)


def facts(identity, *options):
    """What `openssl x509` says of it: the lines, without the words before `=`."""
    lines = openssl("x509", "-in", identity.certificate, "-noout", *options).splitlines()
    return [line.partition("=")[2] for line in lines]
