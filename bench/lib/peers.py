"""The servers that are measured: each from its template in bench/peers/, in a folder and on a port of its own."""

import contextlib
import functools
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import kernel  # noqa: F401  (it makes the tests' modules importable)

from ports import free_port
from postern import BINARY
from waiting import until

TEMPLATES = Path(__file__).resolve().parents[1] / "peers"
SUITE, GROUP = "TLS_AES_128_GCM_SHA256", "X25519"  # of pinned rows

# By what each can be: a proxy of HTTP, of TCP, or both.
KINDS = {
    "http": ["postern", "nginx", "haproxy", "h2o"],
    "tcp": ["postern", "nginx", "haproxy", "hitch"],
}

_programs = {"postern": BINARY, "nginx": "/usr/sbin/nginx", "haproxy": "/usr/sbin/haproxy", "hitch": "/usr/sbin/hitch",
             "h2o": "/usr/bin/h2o"}

_arguments = {
    "postern": "serve -c {configuration}",
    "nginx": "-p {folder} -e {folder}/start.log -c {configuration}",
    "haproxy": "-db -f {configuration}",
    "hitch": "--config={configuration}",
    "h2o": "-c {configuration}",
}

_version = {"postern": "version", "nginx": "-v", "haproxy": "-v", "hitch": "-V", "h2o": "-v"}


@dataclass(frozen=True)
class Peer:
    """A program to measure. `name` is what tables call it, `kind` decides its configuration, and so does what the name has
    behind an @: it is a condition of the template."""

    name: str
    kind: str
    program: str

    def version(self):
        done = subprocess.run([self.program, _version[self.kind]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=True)
        return done.stdout.splitlines()[0]


def installed(*kinds):
    return [Peer(kind, kind, _programs[kind]) for kind in kinds]


def chosen(face, options):
    """The peers of a face ("http" or "tcp"), postern first, with the builds that the command line names instead."""
    programs = {**_programs, **({"postern": options.postern} if options.postern else {})}
    added = []
    for name, path in options.peer:
        kind = name.partition("@")[0]
        if name == kind:
            programs[name] = path
        else:
            added.append(Peer(name, kind, path or programs[kind]))
    if options.peers:
        wanted = options.peers.split(",")
    else:
        wanted = [kind for kind in KINDS[face] if programs[kind] != _programs[kind] or _is_installed(kind)]
    peers = [Peer(kind, kind, programs[kind]) for kind in KINDS[face] if kind in wanted or kind == "postern"]
    return peers + [peer for peer in added if peer.kind in KINDS[face]]


@functools.cache
def _is_installed(kind):
    """Not every Debian has every peer. Says so, once."""
    there = Path(_programs[kind]).exists()
    if not there:
        print(f"{kind} is not measured: there is no {_programs[kind]}", file=sys.stderr)
    return there


class Server:
    """A peer that runs while the with block lasts."""

    def __init__(self, peer, face, identity, backend, pinned=False, workers=1, cpus=None, urgent=False):
        """`urgent`: before the other work of the machine, where the kernel shares its CPUs out by session."""
        self.peer, self.cpus, self._urgent = peer, cpus, urgent
        self.port = free_port()
        self._temporary = tempfile.TemporaryDirectory(prefix="postern-bench-")
        self.folder = Path(self._temporary.name)
        self.folder.chmod(0o755)  # some become another user when we are root
        pem = self.folder / "both.pem"
        pem.write_text(identity.key.read_text() + identity.certificate.read_text())
        pem.chmod(0o600)
        values = {"port": self.port, "backend": backend, "certificate": identity.certificate, "key": identity.key,
                  "pem": pem, "folder": self.folder, "workers": workers, "suite": SUITE, "group": GROUP,
                  "modules": _stream_module(peer) if peer.kind == "nginx" else ""}
        conditions = {peer.name.partition("@")[2]} | ({"pinned"} if pinned else set())
        if os.geteuid() == 0:
            conditions.add("root")
        template = next(TEMPLATES.glob(f"{peer.kind}_{face}.*"))
        self._configuration = self.folder / template.name
        self._configuration.write_text(filled(template.read_text(), values, conditions))
        self._environment = dict(os.environ)
        if pinned and peer.kind != "postern":
            settings = self.folder / "openssl.cnf"
            settings.write_text(filled((TEMPLATES / "pinned.cnf").read_text(), values, conditions))
            self._environment["OPENSSL_CONF"] = str(settings)

    @property
    def pid(self):
        return self.process.pid

    def __enter__(self):
        # A session of its own: the kernel shares out CPUs by session (autogroup), and some peers make one themselves.
        arguments = _arguments[self.peer.kind].format(configuration=self._configuration, folder=self.folder)
        with open(self.folder / "output", "ab") as output:
            self.process = subprocess.Popen([self.peer.program, *arguments.split()], stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, env=self._environment,
                                            start_new_session=True, preexec_fn=self._prepare)
        try:
            until(self._is_up, f"{self.peer.name} to listen")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)  # some wait for connections that clients keep
        except subprocess.TimeoutExpired:
            kernel.end(self.process)
        self._temporary.cleanup()

    def story(self):
        files = [self.folder / name for name in ("output", "start.log", "error.log")]
        return "\n".join(file.read_text(errors="replace")[-3000:] for file in files if file.exists())

    def _prepare(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        if self.cpus:
            os.sched_setaffinity(0, self.cpus)
        if self._urgent:
            with contextlib.suppress(OSError):
                Path("/proc/self/autogroup").write_text("-15")

    def _is_up(self):
        assert self.process.poll() is None, f"{self.peer.name} ended: {self.story()}"
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        except ConnectionRefusedError:
            return False


def filled(template, values, conditions):
    """The template with a value for each @name@. A line that begins with ?word is there when that condition holds, one
    with ?!word when it does not."""
    lines = (re.match(r"(?:\?(!?)(\w+) )?(.*)", line, re.DOTALL) for line in template.splitlines(keepends=True))
    text = "".join(line[3] for line in lines if line[2] is None or (line[2] in conditions) != bool(line[1]))
    return re.sub(r"@(\w+)@", lambda found: str(values[found[1]]), text)


def _stream_module(peer):
    """Debian's nginx loads its stream proxy, other builds have it inside."""
    built = subprocess.run([peer.program, "-V"], capture_output=True, text=True, check=True).stderr
    if "--with-stream=dynamic" not in built:
        return ""
    folder = re.search(r"--modules-path=(\S+)", built)[1]
    return f"load_module {folder}/ngx_stream_module.so;"
