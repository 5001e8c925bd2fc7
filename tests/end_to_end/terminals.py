"""A program on a terminal of its own: what it draws, the keys it hears, the size it is told."""

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading

from postern import BINARY
from waiting import LONG, until

ENTER, LEAVE, HOME = "\x1b[?1049h", "\x1b[?1049l", "\x1b[H"
_commands = re.compile(r"\x1b\[[?0-9;]*[a-zA-Z]")


def plain(text):
    """Without colours and other commands to the terminal."""
    return _commands.sub("", text)


def _own_session():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _own_session_with_a_shell():
    """The caller goes on in a child, whose parent does what a shell does for a job: it could let it go on."""
    _own_session()
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        # Who is not in the foreground yet would be stopped for this.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        os.tcsetpgrp(0, os.getpid())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTTOU})
        return
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    code = os.waitstatus_to_exitcode(os.waitpid(job, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


class Terminal:
    """A postern command in a session of its own, whose controlling terminal this is. Without a shell the command is
    the first of the session, as with `ssh -t HOST COMMAND`: its process group is an orphaned one then."""

    def __init__(self, *arguments, width=80, height=24, shell=True, **environment):
        self._master, slave = pty.openpty()
        self._resize(width, height)
        variables = {**os.environ, "TERM": "xterm", **environment}
        if "NO_COLOR" not in environment:
            variables.pop("NO_COLOR", None)
        self._first = subprocess.Popen([BINARY, *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave,
                                       env=variables, preexec_fn=_own_session_with_a_shell if shell else _own_session)
        self._program = os.tcgetpgrp(self._master)  # in the foreground
        os.close(slave)
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print(repr(self.text[-4000:]))
        if self._first.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.send(signal.SIGKILL)
            self._first.wait()
        self._reader.join()
        os.close(self._master)

    def _read(self):
        while True:
            try:
                self.text += os.read(self._master, 65536).decode()
            except OSError:  # the last one who had it open has gone
                return

    def _resize(self, width, height):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def resize(self, width, height):
        """The kernel says it to the program by SIGWINCH."""
        self._resize(width, height)

    def press(self, key):
        os.write(self._master, key)

    def wait(self):
        """The exit code; everything it said is in `text` then."""
        code = self._first.wait(LONG)
        self._reader.join(LONG)
        return code

    def stops(self):
        """Waits until it is stopped."""
        until(lambda: self._state() == "T", "the program to stop")

    def goes_on(self):
        self.send(signal.SIGCONT)

    def _state(self):
        with open(f"/proc/{self._program}/stat") as stat:
            return stat.read().rpartition(") ")[2][0]

    def send(self, number):
        os.kill(self._program, number)

    def frames(self):
        """What has been drawn from the upper left corner on, each as raw lines; the last one may still be drawn."""
        return [frame.split("\r\n") for frame in self.text.split(HOME)[1:]]

    def frame(self, what, holds):
        """The first whole frame, of all that there were, of which this is true."""
        return until(lambda: next((f for f in self.frames()[:-1] if holds(plain("\n".join(f)))), None), what)
