"""The clients that people have, over both versions of TLS, with nginx behind."""

import hashlib
import http.client
import os
import ssl

import node
import pytest

from clients import TLS_1_2, TLS_1_3, USUAL_GROUP, curl, gnutls_cli, s_client
from nginx import Nginx
from postern import Postern, forwarder

REQUEST = "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
VERSIONS = pytest.mark.parametrize("version", ["1.2", "1.3"])
FILE_SIZE = 20_000_000


@pytest.fixture(scope="module")
def nginx():
    with Nginx() as n:
        (n.folder / "file").write_bytes(os.urandom(1_000_000) * (FILE_SIZE // 1_000_000))
        yield n


@pytest.fixture(scope="module")
def postern(site, nginx):
    with Postern(forwarder(site, nginx.destination)) as p:
        yield p


@VERSIONS
def test_openssl_s_client(postern, authority, version):
    said = s_client(postern.address, f"-tls{version.replace('.', '_')}", "-CAfile", authority.certificate,
                    "-verify_return_error", "-verify_hostname", "localhost", "-ign_eof", send=REQUEST)
    assert "Verify return code: 0 (ok)" in said
    assert f"New, TLSv{version}" in said
    assert "hello from nginx" in said
    assert "unexpected eof" not in said


@VERSIONS
def test_gnutls_cli(postern, authority, version):
    priority = f"NORMAL:-VERS-ALL:+VERS-TLS{version}"
    code, said = gnutls_cli(postern.address, authority.certificate, priority, REQUEST)
    assert code == 0, said
    assert f"(TLS{version}-" in said
    assert "hello from nginx" in said


@VERSIONS
def test_curl(postern, authority, version):
    code, said = curl("https://localhost:%d/hello" % postern.address[1], authority.certificate,
                      f"--tlsv{version}", "--tls-max", version)
    assert (code, said) == (0, "hello from nginx\n")


def test_curl_keeps_a_connection_for_several_requests(postern, authority):
    url = "https://localhost:%d/hello" % postern.address[1]
    code, said = curl(url, authority.certificate, url, url, "--write-out", "%{num_connects}\n")
    assert code == 0
    assert said == "hello from nginx\n1\n" + "hello from nginx\n0\n" * 2


@VERSIONS
def test_curl_gets_a_large_file_whole(postern, authority, nginx, tmp_path, version):
    target = tmp_path / "file"
    code, said = curl("https://localhost:%d/file" % postern.address[1], authority.certificate,
                      f"--tlsv{version}", "--tls-max", version, "--output", target)
    assert code == 0, said
    assert sha256(target) == sha256(nginx.folder / "file")


@pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3], ids=["1.2", "1.3"])
def test_pythons_http_client(postern, authority, versions):
    settings = ssl.create_default_context(cafile=authority.certificate)
    settings.minimum_version, settings.maximum_version = versions
    client = http.client.HTTPSConnection("localhost", postern.address[1], context=settings)
    for _ in range(3):
        client.request("GET", "/hello")
        response = client.getresponse()
        assert (response.status, response.read()) == (200, b"hello from nginx\n")
    assert client.sock.version() == versions[0].name.replace("_", ".")
    client.close()


# Two visits, the second with the first one's session.
_node_client = """
const tls = require('tls'), [port, version] = process.argv.slice(1);
const options = { host: '127.0.0.1', port, servername: 'localhost', minVersion: version, maxVersion: version };
function visit(session, then) {
  const socket = tls.connect({ ...options, session }, () =>
    socket.write('GET /hello HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n'));
  let text = '', newest;
  socket.on('session', s => newest = s);
  socket.on('data', part => text += part);
  socket.on('end', () => {
    console.log(socket.getProtocol(), socket.isSessionReused(), socket.authorized, text.trim().split('\\n').pop());
    then(newest);
  });
}
visit(undefined, session => visit(session, () => process.exit()));
"""


@VERSIONS
def test_node_comes_back_with_its_session(postern, authority, version):
    said = node.run(_node_client, authority, postern.address[1], f"TLSv{version}")
    assert said.splitlines() == [f"TLSv{version} false true hello from nginx", f"TLSv{version} true true hello from nginx"]


@VERSIONS
def test_gnutls_cli_resumes(postern, authority, version):
    # It connects twice with --resume, the second time with the session of the first; without a word to be answered the
    # ticket comes by itself, a little later.
    priority = f"NORMAL:-VERS-ALL:+VERS-TLS{version}"
    code, said = gnutls_cli(postern.address, authority.certificate, priority, REQUEST,
                            more=["--resume", "--waitresumption"])
    assert code == 0, said
    assert "This is a resumed session" in said
    assert "hello from nginx" in said


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                                    "ECDHE-ECDSA-CHACHA20-POLY1305"])
def test_each_cipher_of_tls_1_2(postern, cipher):
    said = s_client(postern.address, "-tls1_2", "-cipher", cipher, "-ign_eof", send=REQUEST)
    assert f"Cipher is {cipher}" in said
    assert "hello from nginx" in said


@pytest.mark.parametrize("suite", ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])
def test_each_suite_of_tls_1_3(postern, suite):
    said = s_client(postern.address, "-tls1_3", "-ciphersuites", suite, "-ign_eof", send=REQUEST)
    assert f"Cipher is {suite}" in said
    assert "hello from nginx" in said


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384"])
def test_each_usual_group(postern, group):
    said = s_client(postern.address, "-tls1_3", "-groups", group, "-ign_eof", send=REQUEST)
    assert "hello from nginx" in said


def test_a_hello_retry_request_completes(site, nginx):
    with Postern(forwarder(site, nginx.destination, ssl={"ecdh_curve": "secp384r1"})) as postern:
        said = s_client(postern.address, "-tls1_3", "-groups", "X25519:P-384", "-msg", "-ign_eof", send=REQUEST)
        assert said.count("ClientHello") == 2
        assert "hello from nginx" in said


def test_the_server_prefers_its_own_order_of_ciphers(postern):
    said = s_client(postern.address, "-tls1_2", "-cipher",
                    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256")
    assert "Cipher is ECDHE-ECDSA-AES128-GCM-SHA256" in said


def test_compression_is_never_agreed_on(postern):
    assert "Compression: NONE" in s_client(postern.address, "-tls1_2", "-comp")


def test_the_log_knows_what_was_agreed_on(postern):
    with postern.connect() as client:
        client.send(REQUEST.encode())
        client.receive_all()
        version, cipher = client.tls.version(), client.tls.cipher()[0]
        client.finish()
        entry = postern.entry(client)
    assert entry["tls"]["version"] == version
    assert entry["tls"]["cipher"] == cipher
    assert entry["tls"]["group"] == USUAL_GROUP
    assert entry["tls"]["handshake_ms"] >= 0
    assert entry["upstream"]["peer"] == postern.settings["servers"][0]["proxy_pass"].removeprefix("tcp://")


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()
