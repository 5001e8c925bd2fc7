"""Chromium shows a client certificate. With FULL=1 only: a browser is much to install."""

import json
import os
import subprocess

import pytest

from certs import openssl
from guarded import guarded
from http_backends import Site, answer
from postern import Postern
from waiting import LONG, until

# Chromium asks its user which certificate to show, unless a policy of the machine's says so. The policy is this run's
# alone: the mount is seen by nothing else.
_with_policy = 'mount --bind "$1" /etc/chromium && shift && exec "$@"'


def profile(folder, identity):
    """A home with the identity in its NSS database, and the policy to show it."""
    database = folder / ".pki" / "nssdb"
    database.mkdir(parents=True)
    subprocess.run(["certutil", "-N", "-d", f"sql:{database}", "--empty-password"], check=True)
    bundle = folder / "client.p12"
    openssl("pkcs12", "-export", "-in", identity.certificate, "-inkey", identity.key, "-name", "client", "-out", bundle,
            "-passout", "pass:")
    subprocess.run(["pk12util", "-i", bundle, "-d", f"sql:{database}", "-W", ""], check=True, capture_output=True)
    policies = folder / "chromium" / "policies" / "managed"
    policies.mkdir(parents=True)
    every = json.dumps({"pattern": "*", "filter": {}})
    (policies / "postern.json").write_text(json.dumps({"AutoSelectCertificateForUrls": [every]}))
    return folder / "chromium"


def page(home, policies, url):
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", _with_policy, "sh", policies, "/usr/bin/chromium", "--headless", "--no-sandbox",
         "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--ignore-certificate-errors",
         f"--user-data-dir={home}/data", "--virtual-time-budget=20000", "--dump-dom", url],
        env={**os.environ, "HOME": str(home)}, capture_output=True, text=True, timeout=4 * LONG)
    return done.stdout + done.stderr[-2000:]


@pytest.mark.skipif(os.environ.get("FULL") != "1", reason="FULL=1 only")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_chromium_shows_its_certificate(site, clients_of_the_test, people, tmp_path):
    with Site(lambda request: answer((request.get("X-Verify") or "-").encode())) as backend, \
            Postern(guarded(site, backend.destination, clients_of_the_test)) as postern:
        url = "https://localhost:%d/" % postern.address[1]
        home = tmp_path / "alice"
        assert "SUCCESS" in page(home, profile(home, people["alice"]), url)
        nobody = tmp_path / "nobody"
        (nobody / "chromium").mkdir(parents=True)
        assert "No required SSL certificate was sent" in page(nobody, nobody / "chromium", url)

        # Lines are written a moment after their answers.
        def are_told():
            subjects = [(e.get("client_cert") or {}).get("subject") for e in postern.entries() if "request" in e]
            return None in subjects and any(s and s.startswith("CN=alice,") for s in subjects)
        until(are_told, "both visits in the log")
