"""HTTP/1.1 messages, read strictly: one at a time, with the exact bytes that they were made of."""

import re

from clients import Truncated


class Incomplete(Exception):
    """The connection ended inside a message. `seen`: its bytes; `how`: "end" (in order), "eof" (TCP alone), "reset"."""

    def __init__(self, how, seen):
        super().__init__(f"{how} after {seen[-200:]!r}")
        self.how, self.seen = how, seen


class Message:
    """A request or a response. `raw` is all of it as it came, `body` is without framing."""

    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        assert lines[-2:] == ["", ""], f"not ended by an empty line: {head!r}"
        self.head = head
        self.parts = [head]
        self.start = lines[0]
        self.headers = [_header(line) for line in lines[1:-2]]
        self.body = b""
        self.trailers = []

    @property
    def raw(self):
        return b"".join(self.parts)

    @property
    def status(self):
        match = re.fullmatch(r"HTTP/1\.1 (\d{3}) [^\r\n]*", self.start)
        assert match, f"not a status line: {self.start!r}"
        return int(match[1])

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def get(self, name):
        """The value of the only header of this name; None when there is none."""
        values = self.all(name)
        assert len(values) <= 1, f"{len(values)} {name} headers"
        return values[0] if values else None

    def names(self):
        return {n.lower() for n, _ in self.headers}


def _header(line):
    match = re.fullmatch(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*", line)
    assert match and not re.search(r"[\r\n\0]", line), f"not a header: {line!r}"
    return match[1], match[2]


class Reader:
    """Messages out of `receive`, which returns b"" at the end."""

    def __init__(self, receive):
        self._receive = receive
        self.waiting = b""  # has come, and belongs to no message yet

    def request(self):
        return self._message(lambda m: False, or_until_end=False)

    def response(self, method="GET"):
        """The answer to such a request; a 1xx is one, too."""
        def bodiless(message):
            return method == "HEAD" or message.status < 200 or message.status in (204, 304)
        return self._message(bodiless, or_until_end=True)

    def chunked_body(self):
        """A body in chunks, behind a head that was taken: piece by piece, without the framing."""
        while size := int(self.up_to(b"\r\n"), 16):
            while size > 0:
                if not self.waiting:
                    self._need_more([])
                part = self.take(size)
                size -= len(part)
                yield part
            assert self.up_to(b"\r\n") == b"\r\n"
        assert self.up_to(b"\r\n") == b"\r\n"

    def rest(self):
        """Everything up to the end, which must be one in order."""
        while self._more([self.waiting]):
            pass
        return self.take(len(self.waiting))

    def up_to(self, mark, before=()):
        """Bytes up to this one and with it."""
        while mark not in self.waiting:
            self._need_more([*before, self.waiting])
        return self.take(self.waiting.index(mark) + len(mark))

    def take(self, count):
        data, self.waiting = self.waiting[:count], self.waiting[count:]
        return data

    def _message(self, bodiless, or_until_end):
        message = Message(self.up_to(b"\r\n\r\n"))
        if bodiless(message):
            return message
        coding, length = message.get("Transfer-Encoding"), message.get("Content-Length")
        assert coding is None or length is None, "both Transfer-Encoding and Content-Length"
        if coding is not None:
            assert coding == "chunked", f"not chunked: {coding!r}"
            self._chunks(message)
        elif length is not None:
            message.body = self._exactly(int(length), message)
        elif or_until_end:
            message.body = self._up_to_the_end(message)
        return message

    def _chunks(self, message):
        body = []
        while True:
            line = self.up_to(b"\r\n", message.parts)
            message.parts.append(line)
            assert re.fullmatch(rb"[0-9A-Fa-f]+\r\n", line), f"not a chunk's line: {line!r}"
            size = int(line, 16)
            if size == 0:
                break
            body.append(self._exactly(size, message))
            assert self._exactly(2, message) == b"\r\n"
        while (line := self.up_to(b"\r\n", message.parts)) != b"\r\n":
            message.parts.append(line)
            message.trailers.append(_header(line[:-2].decode("latin-1")))
        message.parts.append(line)
        message.body = b"".join(body)

    def _exactly(self, count, message):
        first = len(message.parts)
        missing = count
        while missing > 0:
            if not self.waiting:
                self._need_more(message.parts)
            message.parts.append(self.take(missing))
            missing -= len(message.parts[-1])
        return b"".join(message.parts[first:])

    def _up_to_the_end(self, message):
        first = len(message.parts)
        while self.waiting or self._more(message.parts):
            message.parts.append(self.take(len(self.waiting)))
        return b"".join(message.parts[first:])

    def _need_more(self, before):
        if not self._more(before):
            raise Incomplete("end", b"".join(before))

    def _more(self, before):
        try:
            part = self._receive()
        except Truncated:
            raise Incomplete("eof", b"".join(before)) from None
        except ConnectionResetError:
            raise Incomplete("reset", b"".join(before)) from None
        self.waiting += part
        return bool(part)
