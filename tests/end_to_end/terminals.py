"""A program on a terminal of its own: what it draws, the keys it hears, the size it is told."""

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


class Terminal:
    """A postern command in a session of its own, whose controlling terminal this is."""

    def __init__(self, *arguments, width=80, height=24, **environment):
        self._master, slave = pty.openpty()
        self._resize(width, height)
        variables = {**os.environ, "TERM": "xterm", **environment}
        if "NO_COLOR" not in environment:
            variables.pop("NO_COLOR", None)

        def own_session():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self.process = subprocess.Popen([BINARY, *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave,
                                        env=variables, preexec_fn=own_session)
        os.close(slave)
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print(repr(self.text[-4000:]))
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
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
        code = self.process.wait(LONG)
        self._reader.join(LONG)
        return code

    def stops(self):
        """Waits until it is stopped, as a shell does."""
        until(lambda: os.waitpid(self.process.pid, os.WUNTRACED | os.WNOHANG) != (0, 0), "the program to stop")

    def goes_on(self):
        self.process.send_signal(signal.SIGCONT)

    def frames(self):
        """What has been drawn from the upper left corner on, each as raw lines; the last one may still be drawn."""
        return [frame.split("\r\n") for frame in self.text.split(HOME)[1:]]

    def frame(self, what, holds):
        """The first whole frame, of all that there were, of which this is true."""
        return until(lambda: next((f for f in self.frames()[:-1] if holds(plain("\n".join(f)))), None), what)
