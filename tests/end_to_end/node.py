"""Debian's Node: a client or a server in a few lines of JavaScript."""

import os
import subprocess

from waiting import LONG

NODE = "/usr/bin/node"


def environment(authority):
    return {**os.environ, "NODE_EXTRA_CA_CERTS": str(authority.certificate), "NODE_PATH": "/usr/share/nodejs"}


def command(script, *arguments):
    return [NODE, "--dns-result-order=ipv4first", "-e", script, *map(str, arguments)]


def run(script, authority, *arguments):
    """What the script prints; it fails by an exception."""
    done = subprocess.run(command(script, *arguments), env=environment(authority), capture_output=True, text=True,
                          timeout=2 * LONG)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Server:
    """A script that prints the port it listens on; it runs while the with block lasts."""

    def __init__(self, script, authority, *arguments):
        self._command = command(script, *arguments)
        self._environment = environment(authority)

    def __enter__(self):
        self.process = subprocess.Popen(self._command, env=self._environment, stdout=subprocess.PIPE, text=True)
        self.destination = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
