"""What testssl.sh finds in what is served by default. With FULL=1 only: it makes a thousand connections."""

import json
import os
import subprocess

import pytest
from postern import Postern, forwarder
from waiting import LONG

# From the least to the worst.
SEVERITIES = ["OK", "INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL", "WARN", "FATAL"]
HARMLESS = {"OK", "INFO", "LOW"}
OF_THE_TOOL = {"engine_problem"}  # its openssl speaks no GOST


def findings(port, authority, folder):
    """[(what, severity, words)] of one run. Its exit code counts findings and says nothing else."""
    file = folder / "findings.json"
    done = subprocess.run(
        ["/usr/bin/testssl", "--quiet", "--warnings=off", "--color=0", "--openssl=/usr/bin/openssl", "--ip=127.0.0.1",
         f"--add-ca={authority.certificate}", f"--jsonfile={file}", f"localhost:{port}"],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20 * LONG)
    assert file.exists(), done.stdout + done.stderr
    found = [(each["id"], each["severity"], each["finding"]) for each in json.loads(file.read_text())]
    assert {severity for _, severity, _ in found} <= set(SEVERITIES)
    return found


@pytest.mark.skipif(os.environ.get("FULL") != "1", reason="FULL=1 only")
@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_nothing_above_low_is_found_but_in_the_certificate(authority, tmp_path, kind):
    identity = authority.issue("localhost", kind=kind)
    # The header is what any site has: without one of its kind, that is a finding.
    site = {"return": "200 hello", "add_header": {"X-Content-Type-Options": "nosniff"}}
    with Postern(forwarder(identity, None, **site)) as postern:
        found = findings(postern.address[1], authority, tmp_path)
    # Ours is of an authority that nobody knows, names no responder and ends soon.
    serious = [each for each in found
               if each[1] not in HARMLESS and not each[0].startswith("cert") and each[0] not in OF_THE_TOOL]
    assert serious == []
    seen = {what: words for what, _, words in found}
    # It has looked, and at us.
    assert "offered" in seen["TLS1_3"] and "not offered" in seen["TLS1_1"], seen
    assert {"heartbleed", "ROBOT", "secure_renego", "SWEET32", "RC4", "PFS"} <= seen.keys()
