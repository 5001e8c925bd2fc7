"""systemd must take the unit as it stands: usage: unit_file_test.py FOLDER (of the unit and its sysusers file)."""

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FOLDER = Path(sys.argv.pop())
UNIT = FOLDER / "postern.service"
# systemd-analyze's figure for a service with no protection at all is 96 of 100.
MOST_EXPOSURE = 20


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


class Systemd(unittest.TestCase):
    """In a copy of its world, since neither the program nor the user needs to be installed here."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="postern-unit-")
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        for folder in ("etc/systemd/system", "usr/bin", "usr/lib/systemd"):
            (self.root / folder).mkdir(parents=True)
        shutil.copytree("/usr/lib/systemd/system", self.root / "usr/lib/systemd/system", symlinks=True)
        shutil.copy("/bin/true", self.root / "usr/bin/postern")
        (self.root / "lib").symlink_to("usr/lib")
        shutil.copy(UNIT, self.root / "etc/systemd/system")

    def verify(self):
        return run("systemd-analyze", f"--root={self.root}", "verify", "postern.service")

    def complaints(self):
        code, said = self.verify()
        return code, [line for line in said.splitlines() if "postern" in line]

    def test_the_unit_is_accepted_without_a_word(self):
        self.assertEqual(self.complaints(), (0, []))

    def test_the_check_sees_a_mistake(self):
        unit = self.root / "etc/systemd/system/postern.service"
        unit.write_text(unit.read_text().replace("ProtectClock=", "ProtectClok="))
        code, said = self.complaints()
        self.assertTrue(any("ProtectClok" in line for line in said), (code, said))

    def test_little_is_left_open(self):
        code, said = run("systemd-analyze", "security", "--offline=yes", f"--threshold={MOST_EXPOSURE}",
                         f"--root={self.root}", "postern.service")
        self.assertEqual(code, 0, said)

    def test_the_user_can_be_made(self):
        for folder in ("etc", "usr/lib/sysusers.d"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(FOLDER / "postern.sysusers", self.root / "usr/lib/sysusers.d/postern.conf")
        code, said = run("systemd-sysusers", f"--root={self.root}")
        self.assertEqual(code, 0, said)
        self.assertIn("postern:", (self.root / "etc/passwd").read_text())
        self.assertIn("postern:", (self.root / "etc/group").read_text())


class Reasons(unittest.TestCase):
    """What the unit promises to a reader."""

    def lines(self):
        return UNIT.read_text().splitlines()

    def test_every_setting_of_the_service_has_its_reason_above_it(self):
        above = section = ""
        for line in self.lines():
            if line.startswith("["):
                section = line
            elif "=" in line and not line.startswith(("#", "ExecStart=")) and section == "[Service]":
                self.assertRegex(above, r"^# [^-]", f"no reason above: {line}")
            above = line

    def test_stopping_waits_longer_than_the_default_shutdown_timeout(self):
        seconds = re.search(r"^TimeoutStopSec=(\d+)s?$", UNIT.read_text(), re.MULTILINE)
        self.assertGreater(int(seconds.group(1)), 30)

    def test_one_capability_is_left(self):
        found = dict(re.findall(r"^(\w*Capabilit\w*)=(.*)$", UNIT.read_text(), re.MULTILINE))
        self.assertEqual(found, {"AmbientCapabilities": "CAP_NET_BIND_SERVICE",
                                 "CapabilityBoundingSet": "CAP_NET_BIND_SERVICE"})


if __name__ == "__main__":
    unittest.main()
