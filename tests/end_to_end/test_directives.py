"""Directives of nginx's ssl modules, as the daemon serves them."""

import ssl

import pytest

from backends import Echo
from clients import TLS_1_2, TLS_1_3, Client, context, handshake_error, s_client
from postern import Postern, forwarder, run


@pytest.fixture(scope="module")
def backend():
    with Echo() as b:
        yield b


def shown(address, name, settings=None):
    """The certificate that a client of this name gets, after a word with the backend."""
    with Client(address, settings, name) as client:
        assert client.ask(b"hello") == b"hello"
        return client.tls.getpeercert(binary_form=True)


def combined(folder, name, identity):
    file = folder / name
    file.write_text(identity.certificate.read_text() + identity.key.read_text())
    file.chmod(0o600)
    return file


def without_keys(server, certificate):
    server["ssl"] = {"certificate": str(certificate)}
    return server


def test_a_combined_file_needs_no_certificate_key(site, backend, tmp_path):
    file = combined(tmp_path, "both.pem", site)
    with Postern(without_keys(forwarder(site, backend.destination), file)) as postern:
        assert shown(postern.address, "localhost") == site.der()


def test_a_folder_of_certificates_serves_each_name_its_own(authority, backend, tmp_path):
    folder = tmp_path / "certificates"
    folder.mkdir()
    a, b = authority.issue("a.example.org", "*.a.example.org"), authority.issue("b.example.org")
    b_rsa = authority.issue("b.example.org", kind="rsa")
    combined(folder, "a.pem", a)
    for identity, stem in [(b, "b"), (b_rsa, "c")]:
        (folder / f"{stem}.crt").write_text(identity.certificate.read_text())
        (folder / f"{stem}.key").write_text(identity.key.read_text())
        (folder / f"{stem}.key").chmod(0o600)
    server = without_keys(forwarder(a, backend.destination), folder)
    with Postern(server) as postern:
        for name, expected in [("a.example.org", a), ("WWW.a.example.org", a), ("b.example.org", b), ("c.org", a)]:
            for versions in (TLS_1_2, TLS_1_3):
                assert shown(postern.address, name, context(versions=versions)) == expected.der()
        rsa_only = context(versions=TLS_1_2, ciphers="ECDHE-RSA-AES128-GCM-SHA256")
        assert shown(postern.address, "b.example.org", rsa_only) == b_rsa.der()
        # What is put into it is served after a reload.
        combined(folder, "d.pem", authority.issue("d.example.org"))
        assert shown(postern.address, "d.example.org") == a.der()
        postern.reload_or_fail()
        assert shown(postern.address, "d.example.org") != a.der()


def test_a_folder_without_certificates_is_a_problem_of_the_configuration(site, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "readme.txt").touch()
    unstarted = Postern(without_keys(forwarder(site, "tcp://127.0.0.1:1"), tmp_path / "empty"))
    done = run("check", "-c", unstarted.config_file)
    assert done.returncode == 78
    assert "servers[0].ssl.certificate[0]: no *.pem and no *.crt in this folder" in done.stdout + done.stderr


def test_keys_beside_a_folder_are_a_problem_of_the_configuration(site, tmp_path):
    combined(tmp_path, "site.pem", site)
    unstarted = Postern(forwarder(site, "tcp://127.0.0.1:1", ssl={"certificate": str(tmp_path)}))
    done = run("check", "-c", unstarted.config_file)
    assert done.returncode == 78
    assert "leave out certificate_key" in done.stdout + done.stderr


@pytest.mark.parametrize("key, value, words", [
    ("ecdh_curve", "X25519:P-257", "a group that this build does not know (found: P-257); allowed: auto, or of "),
    ("ciphers", "ECDHE-RSA-AES128-GMC-SHA256", "a cipher that this build does not know"),
    ("ciphersuites", "TLS_AES_512", "a TLS 1.3 suite that this build does not know"),
    ("dhparam", "missing.pem", "No such file or directory"),
    ("conf_command", ["CipherString ALL"], "a command that has a key of its own: ciphers"),
    ("early_data", True, "nginx's ssl_early_data is not served: early data can be replayed"),
    ("ssl_ocsp", True, "nginx's ssl_ocsp is not served: clients' certificates are looked up in `crl`"),
])
def test_what_this_build_cannot_do_is_told_with_its_place(site, key, value, words):
    unstarted = Postern(forwarder(site, "tcp://127.0.0.1:1", ssl={key: value}))
    for verb in ["check", "serve"]:
        done = run(verb, "-c", unstarted.config_file)
        assert done.returncode == 78
        line = next(line for line in (done.stdout + done.stderr).splitlines() if f"servers[0].ssl.{key}" in line)
        assert "postern.yaml:" in line and words in line


def test_old_protocols_are_warned_of_once_and_no_client_of_tls_1_3_notices_them(site, backend):
    every = {"protocols": ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"], "ciphers": "ECDHE-ECDSA-AES128-SHA:HIGH"}
    few = {"protocols": ["TLSv1.2", "TLSv1.3"], "ciphers": "ECDHE-ECDSA-AES128-SHA:HIGH"}
    with Postern(forwarder(site, backend.destination, ssl=every), workers=1) as old, \
            Postern(forwarder(site, backend.destination, ssl=few), workers=1) as new:
        for version in ("-tls1", "-tls1_1"):
            said = s_client(old.address, version, "-cipher", "ALL:@SECLEVEL=0")
            assert "Cipher is ECDHE-ECDSA-AES128-SHA" in said
            assert "alert protocol version" in s_client(new.address, version, "-cipher", "ALL:@SECLEVEL=0")
        for options in [[], ["-groups", "P-384"], ["-sigalgs", "ECDSA+SHA1"], ["-ciphersuites", "TLS_AES_256_GCM_SHA384"]]:
            assert what_was_agreed(old.address, *options) == what_was_agreed(new.address, *options)
        warnings = [line for line in old.stderr().splitlines() if "RFC 8996" in line]
        assert len(warnings) == 1 and "warning" in warnings[0]


def what_was_agreed(address, *options):
    said = s_client(address, "-tls1_3", *options)
    words = ("Cipher is", "Temp Key", "TLS1.3 group", "Peer sign", "alert", "Requested", "Shared", "Verify")
    return [line.split(":error:")[-1] for line in said.splitlines() if any(word in line for word in words)]


def test_a_server_that_rejects_handshakes_needs_no_certificate(backend):
    server = forwarder(None, backend.destination)
    server["ssl"] = {"reject_handshake": True}
    with Postern(server) as postern:
        for versions in (TLS_1_2, TLS_1_3):
            assert handshake_error(postern.address, context(versions=versions)) == "TLSV1_UNRECOGNIZED_NAME"


@pytest.mark.parametrize("size", [512, 4096])
def test_no_record_is_larger_than_buffer_size(site, backend, size):
    with Postern(forwarder(site, backend.destination, ssl={"buffer_size": size})) as postern:
        with postern.connect(context(versions=(ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3))) as client:
            lengths = record_lengths(client, b"x" * 20_000)
    assert max(lengths) <= size + 17, "its content, the content's type and the tag"
    assert len(lengths) >= 20_000 // size


def record_lengths(client, data):
    """Of the records that bring an echo of `data`."""
    client.send(data)
    seen, decrypted = b"", b""
    while len(decrypted) < len(data):
        part = client.socket.recv(65536)
        seen += part
        client._in.write(part)
        try:
            while more := client.tls.read(65536):
                decrypted += more
        except ssl.SSLWantReadError:
            pass
    lengths = []
    while seen:
        length = int.from_bytes(seen[3:5], "big")
        lengths.append(length)
        seen = seen[5 + length:]
    return lengths
