"""Chromium loads a page with 100 resources through postern. With FULL=1 only: a browser is much to install."""

import os
import re
import subprocess

import node
import pytest
from postern import Postern, forwarder
from waiting import LONG, until

RESOURCES = 100

_server = """
const server = require('http').createServer((request, response) => {
  if (request.url === '/') {
    response.setHeader('Content-Type', 'text/html');
    const tags = [...Array(%d).keys()].map(n => `<script src="/resource/${n}" onload="done()"></script>`);
    return response.end(`<!DOCTYPE html><p id="count">0</p>
      <script>function done() { const p = document.getElementById('count'); p.textContent = Number(p.textContent) + 1; }
      </script>${tags.join('')}`);
  }
  response.setHeader('Content-Type', 'text/javascript');
  response.end('// ' + 'x'.repeat(1000));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
""" % RESOURCES


@pytest.mark.skipif(os.environ.get("FULL") != "1", reason="FULL=1 only")
def test_a_page_with_a_hundred_resources_loads_whole(site, authority, tmp_path):
    with node.Server(_server, authority) as backend, Postern(forwarder(site, backend.destination)) as postern:
        done = subprocess.run(
            ["/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--ignore-certificate-errors", f"--user-data-dir={tmp_path}", "--virtual-time-budget=60000", "--dump-dom",
             "https://localhost:%d/" % postern.address[1]], capture_output=True, text=True, timeout=4 * LONG)
        assert re.search(f'<p id="count">{RESOURCES}</p>', done.stdout), done.stdout[:500] + done.stderr[-2000:]
        wanted = {"/", *(f"/resource/{n}" for n in range(RESOURCES))}

        def came():
            seen = [e["request"]["target"] for e in postern.entries() if "request" in e]
            return sorted(target for target in seen if target != "/favicon.ico") == sorted(wanted)
        until(came, "an access line for each resource")
