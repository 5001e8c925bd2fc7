"""What /metrics says, read strictly."""

import http.client
import re

from ports import free_port
from postern import Postern
from waiting import LONG, until

_sample = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)+)\})? (\S+)')
_label = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\.)*)"')


def watched(*servers, **settings):
    """A postern with an admin listener."""
    return Postern(*servers, admin={"listen": f"127.0.0.1:{free_port()}"}, **settings)


def page(postern, path):
    """(status, headers, text) of a page of the admin listener."""
    host, port = postern.settings["admin"]["listen"].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=LONG)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


class Metrics:
    """One scrape. `series`: {(name, ((label, value), ...)): number}."""

    def __init__(self, postern):
        status, headers, self.text = page(postern, "/metrics")
        assert status == 200
        assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        self.series, self.types = {}, {}
        for line in self.text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, self.types[name] = line.split(" ")
                continue
            if line.startswith("# HELP "):
                continue
            match = _sample.fullmatch(line)
            assert match, line
            key = match[1], tuple(_label.findall(match[2] or ""))
            assert key not in self.series, f"twice: {line}"
            self.series[key] = float(match[3])

    def __getitem__(self, name):
        """The only value of this name."""
        values = [value for (n, _), value in self.series.items() if n == name]
        assert len(values) == 1, f"{name}: {values}"
        return values[0]

    def sum(self, name, **labels):
        """Of the series of this name with these labels."""
        return sum(value for (n, has), value in self.series.items() if n == name and labels.items() <= dict(has).items())

    def labels(self, name, label):
        """All values of a label."""
        return {dict(has)[label] for (n, has) in self.series if n == name and label in dict(has)}

    def names(self):
        return {name for name, _ in self.series}


def becomes(postern, number, name, **labels):
    """Waits until the sum of these series is `number`; returns the scrape that says so."""
    def look():
        now = Metrics(postern)
        return now if now.sum(name, **labels) == number else None
    return until(look, f"{name} {labels} to be {number}")
