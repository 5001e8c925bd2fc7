"""The daemon under test: a configuration in, a running process with its logs and signals out."""

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import clients
import processes
from ports import free_port
from waiting import LONG, until

BINARY = os.environ.get("POSTERN", "build/release/postern")

running = set()  # every Postern that is inside its with block

_sanitizer_words = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", "runtime error:")


def sanitized():
    """Whether the binary has a sanitizer in it, whose memory and time are not ours to judge."""
    data = Path(BINARY).read_bytes()
    return b"__asan_init" in data or b"__tsan_init" in data


def run(*arguments, **options):
    """A postern command that ends by itself."""
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=2 * LONG, **options)


def forwarder(identity, destination, ssl=None, port=None, host="127.0.0.1", **keys):
    """A server of the configuration, on a port of its own. Without an identity it speaks no TLS."""
    server = {"listen": f"{host}:{port or free_port()}", **keys}
    if identity:
        server["ssl"] = identity.block(**(ssl or {}))
    if destination:
        server["proxy_pass"] = destination
    return server


class Postern:
    """`postern serve` while the with block lasts. Leaving it ends the process, and looks for what it must never say."""

    def __init__(self, *servers, environment=None, open_files=None, cpus=None, **settings):
        self._temporary = tempfile.TemporaryDirectory(prefix="postern-test-")
        self.folder = Path(self._temporary.name)
        self.folder.chmod(0o755)  # a daemon that gives up root reads the configuration again
        self.config_file = self.folder / "postern.yaml"
        self._environment = {**os.environ, **(environment or {})}
        self._open_files = open_files
        self._cpus = cpus
        self.write(*servers, **settings)

    def write(self, *servers, **settings):
        """A new configuration, in force after the next reload. JSON is YAML too.

        Files are not watched unless a test says so: the others say when to reload."""
        log = {"format": "json", **settings.pop("log", {})}
        settings = {"workers": 2, "watch": {"enabled": False}, **settings}
        self.settings = {**settings, "log": log, "servers": list(servers)}
        self.write_text(json.dumps(self.settings, indent=2))

    def write_text(self, text):
        self.config_file.write_text(text)

    def command(self):
        return [BINARY, "serve", "-c", str(self.config_file)]

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            print(self.story())
            self.kill()
            raise
        running.add(self)
        return self

    def __exit__(self, kind, *_):
        running.discard(self)
        failed = kind is not None
        try:
            if not failed:
                failed = True
                self.stop()
                self.check_logs()
                failed = False
        finally:
            if failed:
                print(self.story())
            self.kill()
            self._temporary.cleanup()

    def start(self):
        """Returns when the daemon says that it serves, as it does to systemd: it listens earlier, while it still starts."""
        where = self.folder / "notify"
        where.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(where))
            where.chmod(0o666)  # for a daemon that has given up root
            manager.settimeout(0.1)
            with open(self.folder / "stdout", "ab") as out, open(self.folder / "stderr", "ab") as err:
                self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                                env={**self._environment, "NOTIFY_SOCKET": str(where)},
                                                preexec_fn=self._limit)
            until(lambda: self._is_ready(manager), "postern to say that it is ready")

    def stop(self):
        """Ends it at once, if it runs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        assert self.wait() == 0, f"exit code {self.process.returncode}"

    def wait(self):
        """The exit code."""
        try:
            return self.process.wait(LONG)
        except subprocess.TimeoutExpired:
            raise AssertionError("postern does not end") from None

    def kill(self):
        with contextlib.suppress(AttributeError, ProcessLookupError):
            self.process.kill()
            self.process.wait()

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self):
        """`postern reload`: a finished process, when the verdict is there."""
        return run("reload", "-c", self.config_file)

    def reload_or_fail(self):
        done = self.reload()
        assert done.returncode == 0, done.stdout + done.stderr

    # Where it listens

    def addresses(self):
        for server in self.settings["servers"]:
            listen = server["listen"]
            for one in [listen] if isinstance(listen, str) else listen:
                host, _, port = one.rpartition(":")
                yield host.strip("[]"), int(port)

    @property
    def address(self):
        """The first server's."""
        return next(self.addresses())

    def connect(self, settings=None, name="localhost", **more):
        return clients.Client(self.address, settings, name, **more)

    def _is_ready(self, manager):
        assert self.process.poll() is None, f"postern ended with exit code {self.process.returncode}"
        try:
            return b"READY=1" in manager.recv(4096).split(b"\n")
        except TimeoutError:
            return False

    # What it said

    def stdout(self):
        return (self.folder / "stdout").read_text()

    def stderr(self):
        return (self.folder / "stderr").read_text()

    def said(self, text):
        until(lambda: text in self.stderr(), f"{text!r} on stderr")

    def drains(self):
        """Its worker has heard of the drain, which its log may tell before: it has closed the listener."""
        def refuses():
            try:
                socket.create_connection(self.address, LONG).close()
            except ConnectionError as e:
                # One that comes in the moment of the closing is reset.
                return isinstance(e, ConnectionRefusedError)
            return False
        until(refuses, "new connections to be refused")

    def entries(self):
        """The access log, when it is JSON."""
        if self.settings["log"]["format"] != "json":
            return []
        access = self.settings["log"].get("access", "stdout")
        if access == "stdout":
            text = self.stdout()
        else:
            # A path is relative to the configuration.
            file = self.folder / access
            text = file.read_text() if file.exists() else ""
        lines = [line for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return list(map(json.loads, lines))

    def entry(self, client):
        """The access line of this client (a Client, a socket or its port)."""
        port = client if isinstance(client, int) else \
            client.port if hasattr(client, "port") else client.getsockname()[1]
        mine = until(lambda: [e for e in self.entries() if e["client"]["port"] == port],
                     f"the access line of port {port}")
        assert len(mine) == 1, mine
        return mine[0]

    def requests(self, client=None, count=1):
        """The access lines of this client's HTTP requests, or of everybody's."""
        def mine():
            lines = [e for e in self.entries()
                     if "request" in e and (client is None or e["client"]["port"] == client.port)]
            return lines if len(lines) >= count else None
        lines = until(mine, f"{count} access lines")
        assert len(lines) == count, lines
        return lines

    def ending(self, client):
        """(by, phase, reason) of this client's access line."""
        close = self.entry(client)["close"]
        return close["by"], close["phase"], close["reason"]

    def story(self):
        """For the reader of a failed test."""
        parts = []
        for name in ["postern.yaml", "stderr", "stdout"]:
            file = self.folder / name
            if file.exists():
                text = file.read_text(errors="replace")
                parts.append(f"--- {name}\n{text if len(text) < 6000 else text[:2000] + ' [...] ' + text[-4000:]}")
        return "\n".join(parts)

    def check_logs(self):
        said = self.stderr()
        for word in _sanitizer_words:
            assert word not in said, "a sanitizer's report"
        assert "which is a bug" not in said
        assert [e for e in self.entries() if e["close"]["reason"] == "internal"] == []

    # What it costs

    def memory(self, field="VmRSS"):
        return processes.memory(self.process.pid, field)

    def cpu_seconds(self):
        return processes.cpu_seconds(self.process.pid)

    def open_files(self):
        return processes.open_files(self.process.pid)

    def _limit(self):
        if self._open_files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self._open_files, self._open_files))
        if self._cpus:
            os.sched_setaffinity(0, self._cpus)


class Sidecar(Postern):
    """`postern serve` with flags and no file."""

    def __init__(self, identity, destination, *flags):
        super().__init__(forwarder(identity, destination))
        self.config_file.unlink()
        self._flags = [*flags]
        host, port = self.address
        self._flags += ["--listen", f"{host}:{port}", "--cert", identity.certificate, "--key", identity.key,
                        "--proxy-pass", destination]

    def command(self):
        return [BINARY, "serve", *map(str, self._flags)]

    def entries(self):
        return []  # lines are text here
