"""The HTTP examples, served as they stand: on their own ports, with small sites where they expect their backends."""

import contextlib
import http.server
import shutil
import signal
import socketserver
import subprocess
import threading

from backends import Echo
from client_certs import ClientAuthority, facts
from clients import Client, context, how_it_ended, s_client, signature_type
from http_backends import Site, answer
from postern import BINARY
from test_commands import beside_certificates  # noqa: F401  (a fixture)
from waiting import LONG, until


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"{self.server.name} {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "a unix socket has no address"

    def log_message(self, *_):
        pass


class OverUnix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextlib.contextmanager
def site(name, where):
    """Answers each request by this name and the path."""
    if isinstance(where, int):
        http.server.ThreadingHTTPServer.allow_reuse_address = True
        server = until(lambda: _bound(where), f"port {where}, which an example names, to be free")
    else:
        server = OverUnix(str(where), Page)
    server.name = name
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _bound(port):
    with contextlib.suppress(OSError):
        return http.server.ThreadingHTTPServer(("127.0.0.1", port), Page)


@contextlib.contextmanager
def serving(file):
    daemon = subprocess.Popen([BINARY, "serve", "-c", file], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
    try:
        yield daemon
    finally:
        daemon.send_signal(signal.SIGINT)
        said = daemon.communicate(timeout=LONG)[1]
    assert daemon.returncode == 0, said


def curl(authority, *arguments):
    return subprocess.run(["curl", "--silent", "--noproxy", "*", "--max-time", str(LONG), "--cacert",
                           authority.certificate, *arguments], capture_output=True, text=True).stdout


def test_the_http_example(beside_certificates, authority):  # noqa: F811
    with site("nine", 9001), serving(beside_certificates / "http.yaml") as daemon:
        def answered():
            assert daemon.poll() is None, daemon.stderr.read()
            return curl(authority, "https://localhost:8443/a?b")
        assert until(answered, "port 8443") == "nine /a?b"


def test_the_mtls_example(beside_certificates, authority, tmp_path):  # noqa: F811
    """As it stands but for proxy_protocol, which is not there yet: its HTTP server."""
    people = ClientAuthority(tmp_path / "people")
    stranger = ClientAuthority(tmp_path / "others").issue("alice")
    names = [people.issue("alice"), people.issue("carol", "DNS:c.clients.example.org"),
             people.issue("dave", "URI:spiffe://example.org/web/d"), people.issue("bob")]
    shutil.copy(people.certificate, beside_certificates / "clients-ca.crt")
    shutil.copy(people.crl(), beside_certificates / "clients.crl")
    example = beside_certificates / "mtls.yaml"
    whole = example.read_text()
    served = "".join(line for line in whole.splitlines(keepends=True) if "proxy_protocol:" not in line)
    example.write_text(served)
    heard = []

    def remember(request):
        heard.append([request.get(f"X-Client-{name}") for name in ("Verify", "DN", "Fingerprint")])
        return answer()
    with Site(remember, port=9001), Echo(port=9002), serving(example) as daemon:
        def status(who, port=8445):
            assert daemon.poll() is None, daemon.stderr.read()
            identity = ["--cert", str(who.certificate), "--key", str(who.key)] if who else []
            return curl(authority, *identity, "--output", "/dev/null", "--write-out", "%{http_code}",
                        f"https://localhost:{port}/")
        until(lambda: status(None) == "400", "port 8445")
        assert [status(who) for who in names] == ["200", "200", "200", "403"]
        assert status(stranger) == "400"
        assert heard[0] == ["SUCCESS", "CN=alice,O=Example",
                            facts(names[0], "-fingerprint", "-sha256")[0].replace(":", "").lower()]
        settings = context(authority.certificate)
        with Client(("127.0.0.1", 8446), settings) as client:
            assert client.ask(b"no certificate") == b"no certificate"
        settings.load_cert_chain(stranger.certificate, stranger.key)
        with Client(("127.0.0.1", 8446), settings) as client:
            assert how_it_ended(client) == ("close_notify", b"")


def test_the_vhosts_example(beside_certificates, authority, tmp_path):  # noqa: F811
    people = ClientAuthority(tmp_path / "people")
    alice = people.issue("alice")
    shutil.copy(people.certificate, beside_certificates / "clients-ca.crt")
    shown = ["--cert", str(alice.certificate), "--key", str(alice.key)]
    with site("one", 9001), site("two", 9002), serving(beside_certificates / "vhosts.yaml") as daemon:
        def answered(name, *options):
            assert daemon.poll() is None, daemon.stderr.read()
            return curl(authority, "--resolve", f"{name}:8447:127.0.0.1", *options, f"https://{name}:8447/")
        until(lambda: answered("a.example.org") == "one /", "port 8447")
        assert answered("x.a.example.org") == "one /"
        for algorithm, kind in [("ECDSA+SHA256", "ECDSA"), ("rsa_pss_rsae_sha256", "RSA-PSS")]:
            said = s_client(("127.0.0.1", 8447), "-servername", "a.example.org", "-sigalgs", algorithm)
            assert signature_type(said) == kind
        assert "No required SSL certificate was sent" in answered("b.example.org")
        assert answered("b.example.org", *shown) == "two /"
        assert answered("b.example.org", *shown, "--tls-max", "1.2") == "", "TLSv1.3 alone"
        assert answered("c.example.org", *shown) == ""
        # A connection to one of them is none to the other.
        assert "421 Misdirected Request" in answered("a.example.org", *shown, "--header", "Host: b.example.org")


def test_the_full_example(beside_certificates, authority):  # noqa: F811
    with site("one", 9001), site("two", 9002), site("app", beside_certificates / "app.sock"), \
            serving(beside_certificates / "full.yaml") as daemon:
        def ready():
            assert daemon.poll() is None, daemon.stderr.read()
            return curl(authority, "http://127.0.0.1:9901/readyz") == "ready\n"
        until(ready, "port 9901")
        assert curl(authority, "https://localhost:8448/app/x") == "app /app/x"
        assert {curl(authority, "https://localhost:8448/") for _ in range(8)} == {"one /", "two /"}
        where = curl(authority, "--output", "/dev/null", "--write-out", "%{http_code} %{redirect_url}",
                     "http://localhost:8080/there?x=1")
        assert where == "301 https://localhost:8448/there?x=1"
        lines = (beside_certificates / "access.log")
        until(lambda: lines.exists() and lines.read_text().count('"status":') >= 10, "ten access lines")

