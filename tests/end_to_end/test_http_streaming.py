"""Server-sent events, with the clients that people have: each event must arrive before the next one is sent."""

import http.client
import json
import subprocess

import node
import pytest
from clients import context
from http_backends import Backend
from postern import Postern, forwarder
from waiting import LONG

EVENTS = 200

# Sends an event whenever /seen names the one before it.
_server = """
const http = require('http'), streams = new Map();
function event(id, n) { streams.get(id).write(`id: ${n}\\ndata: event ${n}\\n\\n`); }
const server = http.createServer((request, response) => {
  const [, what, id, n] = request.url.split('/');
  if (what === 'events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    streams.set(id, response);
    return event(id, 0);
  }
  response.end();
  if (Number(n) + 1 < %d) event(id, Number(n) + 1);
  else streams.get(id).end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
""" % EVENTS

# Reads events and says to the server which it has seen.
_reader = """
(async () => {
  const [url, id] = process.argv.slice(1);
  const answer = await fetch(`${url}/events/${id}`), decoder = new TextDecoder();
  let text = '', seen = 0;
  for await (const part of answer.body) {
    text += decoder.decode(part, { stream: true });
    for (let end; (end = text.indexOf('\\n\\n')) >= 0; text = text.slice(end + 2)) {
      if (text.slice(0, end) !== `id: ${seen}\\ndata: event ${seen}`) throw new Error(`${text} came as number ${seen}`);
      await (await fetch(`${url}/seen/${id}/${seen++}`, { method: 'POST' })).text();
    }
  }
  console.log(seen, JSON.stringify(text));
})();
"""


@pytest.fixture(scope="module")
def backend(authority):
    with node.Server(_server, authority) as server:
        yield server


@pytest.fixture
def postern(site, backend):
    # Whoever holds an event back waits for ever here: the next one comes only after it.
    with Postern(forwarder(site, backend.destination)) as postern:
        yield postern


def test_a_script_answers_each_event_before_the_next_is_sent(postern, authority):
    url = "https://localhost:%d" % postern.address[1]
    assert node.run(_reader, authority, url, "one") == f'{EVENTS} ""'


def test_streams_side_by_side_do_not_wait_for_each_other(postern, authority):
    """Each stream is stepped in turn, so that none can hide behind the bytes of another."""
    def ask(method, path):
        connection = http.client.HTTPSConnection("localhost", postern.address[1],
                                                 context=context(authority.certificate), timeout=LONG)
        connection.request(method, path)
        return connection.getresponse()
    streams = {f"stream{at}": ask("GET", f"/events/stream{at}") for at in range(8)}
    for n in range(10):
        for name, stream in streams.items():
            assert [stream.readline() for _ in range(3)] == [b"id: %d\n" % n, b"data: event %d\n" % n, b"\n"]
            assert ask("POST", f"/seen/{name}/{n}").status == 200
    for stream in streams.values():
        stream.close()


@pytest.mark.parametrize("framing", ["chunked", "up to the end"])
def test_curl_prints_each_event_before_the_next_is_sent(site, authority, framing):
    chunked = framing == "chunked"
    with Backend() as backend, Postern(forwarder(site, backend.destination)) as postern:
        curl = subprocess.Popen(["curl", "--silent", "--show-error", "--no-buffer", "--fail", "--noproxy", "*",
                                 "--max-time", str(2 * LONG), "--cacert", authority.certificate,
                                 "https://localhost:%d/events" % postern.address[1]], stdout=subprocess.PIPE)
        with curl, backend.accept() as server:
            server.request()
            framed = "Transfer-Encoding: chunked" if chunked else "Connection: close"
            server.send(f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{framed}\r\n\r\n".encode())
            for n in range(20):
                event = b"data: %s\n\n" % json.dumps({"number": n}).encode()
                server.send(b"%x\r\n%s\r\n" % (len(event), event) if chunked else event)
                assert curl.stdout.readline() + curl.stdout.readline() == event
            if chunked:
                server.send(b"0\r\n\r\n")
            server.fin()
            assert curl.stdout.read() == b""
        assert curl.returncode == 0
