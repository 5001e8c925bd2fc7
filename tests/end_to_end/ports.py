"""Free TCP ports of this machine, for listeners that somebody else will bind."""

import random
import socket

# Below Linux's range for outgoing connections, so that none of ours is on the port by chance.
_range = range(10240, 32000)
_reserved = []


def free_port():
    """A port that nobody listens on, and that no other test process is given while this one lives."""
    while True:
        port = random.choice(_range)
        # postern's listeners may share a port (SO_REUSEPORT), so two tests at once could get each other's connections.
        # The kernel frees an abstract name with its process.
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0postern-test-port-{port}")
        except OSError:
            claim.close()
            continue
        if not _is_free(port):
            claim.close()
            continue
        _reserved.append(claim)
        return port


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
