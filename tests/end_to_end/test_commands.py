"""The verbs of the command line, as a person or a service manager uses them."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from backends import Echo, Listening
from certs import Identity
from clients import Client, context
from postern import BINARY, Postern, Sidecar, forwarder, run
from waiting import LONG, until

EXAMPLES = Path(__file__).parent.parent / "examples"
NAMES = ["http.yaml", "tcp.yaml", "vhosts.yaml", "full.yaml"]


@pytest.fixture
def beside_certificates(authority, tmp_path):
    """A folder with the examples, and the files that they name beside them."""
    for example in EXAMPLES.glob("*.yaml"):
        shutil.copy(example, tmp_path)
    for stem, kind in [("site", "ec"), ("a-ecdsa", "ec"), ("a-rsa", "rsa"), ("b", "ec")]:
        identity = authority.issue("localhost", "a.example.org", "*.a.example.org", "b.example.org", kind=kind)
        shutil.copy(identity.certificate, tmp_path / f"{stem}.crt")
        shutil.copy(identity.key, tmp_path / f"{stem}.key")
    shutil.copy(authority.certificate, tmp_path / "clients-ca.crt")
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_check_accepts_the_examples_as_they_stand(beside_certificates, name):
    done = run("check", "-c", beside_certificates / name)
    assert done.returncode == 0, done.stdout + done.stderr
    # A summary of what would be served.
    for server in yaml.safe_load((beside_certificates / name).read_text())["servers"]:
        listen = server["listen"]
        assert (listen if isinstance(listen, str) else listen[0]) in done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_check_can_leave_files_alone(name, tmp_path):
    shutil.copy(EXAMPLES / name, tmp_path)
    assert run("check", "-c", tmp_path / name).returncode == 78, "the certificates are missing"
    done = run("check", "--no-files", "-c", tmp_path / name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_check_lists_every_problem_with_its_place(site, tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text(f"""\
workers: many
shutdown_timeot: 5s
servers:
  - listen: 127.0.0.1:8443
    ssl:
      ssl_certificate: {site.certificate}
      certificate_key: {site.key}
      protocols: TLSv1.9
    proxy_timeout: 5 parsecs
    proxy_pass: tcp://nowhere
""")
    done = run("check", "-c", file)
    said = done.stdout + done.stderr
    assert done.returncode == 78
    for place, word in [("1:", "workers"), ("2:1", "shutdown_timeot"), ("6:7", "ssl_certificate"),
                        ("8:", "TLSv1.9"), ("9:", "5 parsecs"), ("10:", "nowhere")]:
        lines = [line for line in said.splitlines() if f"broken.yaml:{place}" in line]
        assert any(word in line for line in lines), f"{word} at {place}:\n{said}"
    assert "shutdown_timeout" in said, "the nearest right word"


@pytest.mark.parametrize("verb", ["check", "serve"])
def test_a_missing_file_is_one_line(verb, tmp_path):
    done = run(verb, "-c", tmp_path / "nothing.yaml")
    assert done.returncode == 78
    assert "nothing.yaml" in done.stderr + done.stdout


def test_serve_refuses_what_check_refuses(tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text("servers:\n  - listn: 443\n  - listen: 1.2.3.4.5:99999\n")
    done = run("serve", "-c", file)
    assert done.returncode == 78
    assert "broken.yaml:2:5" in done.stderr
    assert "broken.yaml:3:" in done.stderr


def test_an_address_that_is_taken_is_named(site):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        unstarted = Postern(forwarder(site, "tcp://127.0.0.1:1", port=taken.getsockname()[1]))
        done = run("serve", "-c", unstarted.config_file)
        assert done.returncode == 71
        assert "127.0.0.1:%d" % taken.getsockname()[1] in done.stderr


def bound(port):
    """The listening socket on this port, once nobody else has it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    def bind():
        with contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return True
    until(bind, f"port {port}, which an example names, to be free")
    listener.listen()
    return listener


def test_the_tcp_example_serves_as_it_stands(beside_certificates, authority):
    daemon = subprocess.Popen([BINARY, "serve", "-c", beside_certificates / "tcp.yaml"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        with bound(9001) as backend, until(lambda: connected(8444, authority, daemon), "port 8444") as client:
            server, _ = backend.accept()
            with server:
                server.sendall(b"hello")
                assert client.receive_exactly(5) == b"hello"
    finally:
        daemon.send_signal(signal.SIGINT)
        said = daemon.communicate(timeout=LONG)[0]
    assert daemon.returncode == 0
    assert b"127.0.0.1:9001" in said, "the access line, as text"


def connected(port, authority, daemon):
    assert daemon.poll() is None, daemon.stdout.read()
    with contextlib.suppress(ConnectionRefusedError):
        return Client(("127.0.0.1", port), context(authority.certificate))


def test_a_sidecar_needs_no_file(site, authority):
    with Echo() as backend, Sidecar(site, backend.destination) as postern:
        with postern.connect(context(authority.certificate)) as client:
            assert client.ask(b"hello") == b"hello"


def test_a_sidecar_can_speak_to_a_unix_socket(site):
    with Listening(unix=True) as backend, Sidecar(site, backend.destination) as postern:
        with postern.connect() as client, backend.accept() as server:
            server.send(b"hello")
            assert client.receive_exactly(5) == b"hello"


def test_a_sidecar_reloads_its_certificate(authority, tmp_path):
    paths = [tmp_path / "site.crt", tmp_path / "site.key"]
    old, new = authority.issue("localhost"), authority.issue("localhost")

    def show(identity):
        for source, target in zip([identity.certificate, identity.key], paths):
            shutil.copy(source, target)
    show(old)
    with Echo() as backend, Sidecar(Identity(*paths), backend.destination) as postern:
        def shown():
            with postern.connect() as client:
                return client.tls.getpeercert(binary_form=True)
        assert shown() == old.der()
        show(new)
        postern.signal(signal.SIGHUP)
        until(lambda: shown() == new.der(), "the new certificate")


def test_a_sidecar_names_the_flag_that_is_wrong(site, tmp_path):
    done = run("serve", "--listen", "127.0.0.1:1", "--cert", tmp_path / "missing.crt", "--key", site.key,
               "--proxy-pass", "tcp://127.0.0.1:1")
    assert done.returncode == 78
    assert "--cert" in done.stderr
    assert "missing.crt" in done.stderr


def test_a_wrong_flag_is_explained():
    done = run("serve", "--lisen", "443")
    assert done.returncode == 64
    assert "--lisen" in done.stderr


def test_the_demo_prints_a_curl_line_that_works(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path), "HOME": str(tmp_path), "no_proxy": "*"}
    with open(tmp_path / "out", "wb") as out:
        demo = subprocess.Popen([BINARY, "demo"], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
                                stdout=out, stderr=subprocess.STDOUT)

    def line():
        text = (tmp_path / "out").read_text()
        assert demo.poll() is None, text
        return next((one.strip().lstrip("$ ") for one in text.splitlines() if one.strip().lstrip("$ ").startswith("curl ")),
                    None)
    try:
        command = until(line, "a curl line")
        done = subprocess.run(command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True,
                              timeout=LONG)
        assert done.returncode == 0, done.stderr
        assert "hello" in done.stdout.lower()
    finally:
        demo.send_signal(signal.SIGINT)
        assert demo.wait(LONG) == 0


def test_the_schema_accepts_the_examples_and_refuses_a_misspelling():
    done = run("reference", "--format", "schema")
    assert done.returncode == 0, done.stderr
    schema = json.loads(done.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for name in NAMES:
        assert list(validator.iter_errors(yaml.safe_load((EXAMPLES / name).read_text()))) == [], name
    assert list(validator.iter_errors({"servers": [{"listn": "443"}]})) != []


def test_the_default_file_is_a_configuration_of_defaults(tmp_path):
    done = run("reference", "--format", "yaml")
    assert done.returncode == 0
    assert "handshake_timeout" in done.stdout
    assert "proxy_timeout" in done.stdout


def test_the_manual_has_a_row_for_a_key():
    done = run("reference")
    assert done.returncode == 0
    assert "session_tickets" in done.stdout
    assert run("reference", "--format", "md").stdout == done.stdout


def test_version_names_what_it_is_made_of():
    done = run("version")
    assert done.returncode == 0
    assert "postern 0." in done.stdout
    assert "OpenSSL 3." in done.stdout
    assert "Boost 1." in done.stdout


@pytest.mark.parametrize("verb", ["serve", "check", "reload", "status", "demo", "reference", "version"])
def test_help_knows_each_verb(verb):
    assert verb in run("--help").stdout
    done = run(verb, "--help")
    assert done.returncode == 0
    assert verb in done.stdout


def test_an_unknown_verb_is_an_error():
    done = run("sevre")
    assert done.returncode == 64
    assert "sevre" in done.stderr
