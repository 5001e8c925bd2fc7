"""The clients that people have, in front of a Node backend: curl, wget, Python, Node's fetch and its WebSockets."""

import http.client
import json
import subprocess
import urllib.request

import node
import pytest
from clients import context
from postern import Postern, forwarder
from waiting import LONG

MESSAGES = 10_000

# Says what it was asked; echoes bodies and WebSocket messages.
_server = """
const http = require('http'), { WebSocketServer } = require('ws');
const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', part => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    if (request.url === '/echo') return response.end(body);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers,
                                  length: body.length, port: request.socket.remotePort }));
  });
});
new WebSocketServer({ server }).on('connection', socket => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""


@pytest.fixture(scope="module")
def backend(authority):
    with node.Server(_server, authority) as server:
        yield server


@pytest.fixture
def postern(site, backend):
    with Postern(forwarder(site, backend.destination), workers=1) as postern:
        yield postern


@pytest.fixture
def url(postern):
    return "https://localhost:%d" % postern.address[1]


def curl(authority, *arguments, data=None):
    done = subprocess.run(["curl", "--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time", str(2 * LONG),
                           "--cacert", authority.certificate, *arguments], input=data, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl_asks_twice_over_one_connection(postern, url, authority):
    said = curl(authority, "--write-out", "%{num_connects}\n", url + "/a", url + "/b").decode()
    first, second = [line for line in said.replace("}1", "}\n1").replace("}0", "}\n0").splitlines() if line[0] == "{"]
    assert (json.loads(first)["url"], json.loads(second)["url"]) == ("/a", "/b")
    assert said.rstrip().endswith("0"), "the second request has made no connection"
    assert len({e["client"]["port"] for e in postern.requests(count=2)}) == 1


def test_curl_uploads_with_and_without_a_length(url, authority):
    data = bytes(range(256)) * 8192
    assert curl(authority, "--data-binary", "@-", url + "/echo", data=data) == data
    chunked = curl(authority, "-H", "Transfer-Encoding: chunked", "--data-binary", "@-", url + "/echo", data=data)
    assert chunked == data


def test_curl_waits_for_a_100(url, authority):
    said = curl(authority, "--include", "-H", "Expect: 100-continue", "--expect100-timeout", str(LONG), "--data-binary",
                "@-", url + "/echo", data=b"x" * 100_000)
    assert said.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert said.endswith(b"x" * 100_000)


def test_curl_asks_for_a_head(url, authority):
    assert curl(authority, "--head", url).startswith(b"HTTP/1.1 200 OK\r\n")


def test_wget_fetches(url, authority):
    done = subprocess.run(["wget", "--quiet", "--no-config", "--no-proxy", f"--ca-certificate={authority.certificate}",
                           "-O", "-", url + "/wget"], capture_output=True, check=True, timeout=2 * LONG)
    assert json.loads(done.stdout)["url"] == "/wget"


def test_python_keeps_a_connection(postern, authority):
    connection = http.client.HTTPSConnection("localhost", postern.address[1], context=context(authority.certificate),
                                             timeout=LONG)
    for at in range(3):
        connection.request("POST", f"/{at}", body=b"abc")
        answer = json.load(connection.getresponse())
        assert (answer["url"], answer["length"]) == (f"/{at}", 3)
    connection.close()
    assert len({e["client"]["port"] for e in postern.requests(count=3)}) == 1


def test_urllib_fetches(url, authority):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                         urllib.request.HTTPSHandler(context=context(authority.certificate)))
    with opener.open(url + "/urllib?a=b", timeout=LONG) as answer:
        assert (answer.status, json.load(answer)["url"]) == (200, "/urllib?a=b")


def test_nodes_fetch_asks_many_things_at_once(url, authority):
    script = """
    (async () => {
      const all = [...Array(50).keys()].map(async n => {
        const answer = await fetch(process.argv[1] + '/echo', { method: 'POST', body: 'body ' + n });
        return await answer.text() === 'body ' + n;
      });
      console.log((await Promise.all(all)).every(Boolean));
    })();
    """
    assert node.run(script, authority, url) == "true"


def test_a_websocket_echoes_ten_thousand_messages(postern, url, authority):
    script = """
    const { WebSocket } = require('ws');
    const socket = new WebSocket(process.argv[1].replace('https', 'wss')), total = Number(process.argv[2]);
    let seen = 0;
    socket.on('open', () => { for (let n = 0; n < total; n++) socket.send('message ' + n); });
    socket.on('message', data => {
      if (data.toString() !== 'message ' + seen) throw new Error(`${data} came as number ${seen}`);
      if (++seen === total) socket.close(1000);
    });
    socket.on('close', code => console.log(seen, code));
    """
    assert node.run(script, authority, url, MESSAGES) == f"{MESSAGES} 1000"
    line, = postern.requests(count=1)
    assert (line["status"], line["request"]["target"]) == (101, "/")
    assert line["bytes"]["in"] > MESSAGES * len("message 0")
