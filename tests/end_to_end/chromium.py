"""Debian's Chromium without a window, which a test commands by the DevTools protocol: JSON, each with a NUL, over two
pipes (--remote-debugging-pipe)."""

import base64
import json
import os
import select
import subprocess
import time

from waiting import LONG, until

# It reads from descriptor 3 and writes to 4.
_with_pipes = 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null'


class Chromium:
    """Runs while the with block lasts. `home`: a folder for what it keeps."""

    def __init__(self, home):
        self._home = home
        self._sent = 0
        self._waiting = b""
        self.events = []  # of all pages, in order

    def __enter__(self):
        command = ["/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
                   f"--user-data-dir={self._home}", "--remote-debugging-pipe", "about:blank"]
        self._said = open(self._home / "stderr", "wb")
        self._process = subprocess.Popen(["/bin/sh", "-c", _with_pipes, "sh", *command], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=self._said, start_new_session=True)
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        for each in (self._process.stdin, self._process.stdout, self._said):
            each.close()

    def page(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session)

    def call(self, method, session=None, **parameters):
        """What the method returns. Events that come meanwhile are kept."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._process.stdin.write(json.dumps(message).encode() + b"\0")
        self._process.stdin.flush()
        give_up = time.monotonic() + LONG
        while True:
            answer = self._receive(give_up)
            if answer.get("id") == self._sent:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def _receive(self, give_up):
        while b"\0" not in self._waiting:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0, give_up - time.monotonic()))
            assert ready, "Chromium does not answer"
            more = os.read(self._process.stdout.fileno(), 1 << 20)
            assert more, f"Chromium has ended: {(self._home / 'stderr').read_text(errors='replace')[-2000:]}"
            self._waiting += more
        message, _, self._waiting = self._waiting.partition(b"\0")
        return json.loads(message)


class Page:
    """One tab."""

    def __init__(self, browser, session):
        self._browser = browser
        self._session = session
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def go(self, url):
        answer = self.call("Page.navigate", url=url)
        assert "errorText" not in answer, answer
        until(lambda: self.value("document.readyState") == "complete", f"{url} to be loaded")

    def value(self, expression):
        """Of an expression of JavaScript, as JSON has it."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, f"{expression}: {answer['exceptionDetails']}"
        return answer["result"].get("value")

    def text(self, selector):
        """What a person sees there."""
        return self.value(f"document.querySelector({json.dumps(selector)}).innerText")

    def shows(self, text, selector="body"):
        until(lambda: text in self.text(selector), f"{text!r} in {selector}, where there is {self.text(selector)!r}")

    def rows(self, table):
        """The texts of a table's body, row by row."""
        return self.value(f"[...document.querySelectorAll('#{table} > tbody > tr')]"
                          ".map((row) => [...row.cells].map((cell) => cell.innerText))")

    def size(self, width, height=900, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                  mobile=width < 600)

    def scheme(self, name):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def picture(self, file):
        """Of the whole page, as PNG."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        file.write_bytes(base64.b64decode(data))

    def requests(self):
        """The addresses of everything that it asked for."""
        return [e["params"]["request"]["url"] for e in self._of("Network.requestWillBeSent")]

    def complaints(self):
        """What the console shows as an error or a warning, and what nobody caught."""
        self.value("0")  # what has come so far
        logged = [e["params"]["entry"] for e in self._of("Log.entryAdded")]
        said = [e["params"] for e in self._of("Runtime.consoleAPICalled")]
        return [e["text"] for e in logged if e["level"] in ("error", "warning")] + \
            [str(e["args"]) for e in said if e["type"] in ("error", "warning", "assert")] + \
            [str(e["params"]["exceptionDetails"]) for e in self._of("Runtime.exceptionThrown")]

    def accessible(self):
        """[(role, name)] of what a screen reader is told, in order."""
        nodes = {n["nodeId"]: n for n in self.call("Accessibility.getFullAXTree")["nodes"]}

        def told(node):
            if not node["ignored"]:
                yield node["role"]["value"], node.get("name", {}).get("value", "")
            for child in node["childIds"]:
                yield from told(nodes[child])
        return list(told(next(n for n in nodes.values() if "parentId" not in n)))

    def _of(self, method):
        return [e for e in self._browser.events if e.get("sessionId") == self._session and e["method"] == method]
