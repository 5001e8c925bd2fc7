"""systemd's own checker accepts the unit, and each of its settings has a reason above it."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

unit, binary = Path(sys.argv[1]), Path(sys.argv[2]).absolute()
text = unit.read_text()

with tempfile.TemporaryDirectory() as folder:
    # The checker wants the program to be where the unit says; a user that is not on this machine is no fault of the unit.
    copy = Path(folder) / unit.name
    copy.write_text(text.replace("/usr/bin/postern", str(binary)).replace("User=postern", "User=root")
                    .replace("Group=postern", "Group=root"))
    checked = subprocess.run(["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True)
    ours = [line for line in checked.stderr.splitlines() if unit.name in line or "Unknown" in line]
    assert checked.returncode == 0 and not ours, checked.stderr

# A comment covers the settings that follow it without a gap.
covered = False
for number, line in enumerate(text.splitlines(), 1):
    if line.startswith("#"):
        covered = True
    elif not line or line.startswith("["):
        covered = line.startswith("[Unit]") or line.startswith("[Install]")
    elif re.match(r"\w+=", line):
        assert covered, f"{unit.name}:{number}: no reason is given for {line}"

assert re.search(r"^CapabilityBoundingSet=CAP_NET_BIND_SERVICE$", text, re.M)
assert re.search(r"^NoNewPrivileges=yes$", text, re.M)
print("1 unit judged")
