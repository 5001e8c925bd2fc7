"""OCSP stapling against openssl's own responder, and against responders that fail in every way."""

import os
import signal
import time

import pytest

from backends import Echo
from certs import Authority
from ports import free_port
from postern import Postern, forwarder, run
from responders import Answering, Responder, Silent, Slow, http, response, serial_of, stapled
from waiting import until

VERSIONS = ["-tls1_2", "-tls1_3"]
# A minute is the shortest life that openssl gives to a response.
slow = pytest.mark.skipif(os.environ.get("FULL") != "1", reason="waits for a response to end; FULL=1 only")


@pytest.fixture(scope="module")
def backend():
    with Echo() as echo:
        yield echo


@pytest.fixture(scope="module")
def leaf(authority):
    """With its issuer in the chain; it names no responder."""
    return authority.issue("localhost", intermediate=True)


@pytest.fixture(scope="module")
def issuer(authority):
    return authority.issuer(intermediate=True)


@pytest.fixture(scope="module")
def responder(issuer, leaf):
    with Responder(issuer, leaf) as one:
        yield one


def server(identity, backend, url, **ssl):
    return forwarder(identity, backend.destination, ssl={"stapling": True, "stapling_responder": url, **ssl})


def staple(postern, *options, **more):
    return until(lambda: stapled(postern.address, *options, **more), "a staple")


def lines(postern, word):
    return [line for line in postern.stderr().splitlines() if word in line]


def works(postern):
    with postern.connect() as client:
        return client.ask(b"hello") == b"hello"


# Good

@pytest.mark.parametrize("version", VERSIONS)
def test_the_responder_that_the_certificate_names_is_asked_at_the_start(authority, issuer, backend, version):
    port = free_port()
    identity = authority.issue("localhost", intermediate=True,
                               more=f"authorityInfoAccess=OCSP;URI:http://localhost:{port}/ocsp\n")
    with Responder(issuer, identity, port=port):
        with Postern(forwarder(identity, backend.destination, ssl={"stapling": True})) as postern:
            postern.said("CN=localhost is good until")  # nobody has asked for it yet
            got = stapled(postern.address, version)
            assert (got.status, got.serial) == ("good", serial_of(identity))


def test_a_client_that_does_not_ask_gets_no_staple_and_is_served(leaf, backend, responder):
    with Postern(server(leaf, backend, responder.url)) as postern:
        staple(postern)
        assert works(postern)


def test_the_issuer_may_be_a_trusted_certificate_alone(authority, backend):
    identity, root = authority.issue("localhost"), authority.issuer()
    with Responder(root, identity) as responder:
        with Postern(server(identity, backend, responder.url)) as postern:
            postern.said("the issuer of CN=localhost is neither in the chain nor in trusted_certificate")
            assert works(postern)
            assert stapled(postern.address) is None
            postern.write(server(identity, backend, responder.url, trusted_certificate=str(root.certificate)))
            postern.reload_or_fail()
            assert until(lambda: any(stapled(a) for a in postern.addresses()), "a staple")


@pytest.mark.parametrize("version", VERSIONS)
def test_rsa_and_ecdsa_have_each_its_own_staple(authority, issuer, backend, version):
    ecdsa, rsa = (authority.issue("localhost", kind=kind, intermediate=True) for kind in ["ec", "rsa"])
    with Responder(issuer, ecdsa, rsa) as responder:
        both = server(ecdsa, backend, responder.url, certificate=[str(ecdsa.certificate), str(rsa.certificate)],
                      certificate_key=[str(ecdsa.key), str(rsa.key)])
        with Postern(both) as postern:
            for identity, algorithms in [(ecdsa, "ECDSA+SHA256"), (rsa, "rsa_pss_rsae_sha256")]:
                assert staple(postern, version, "-sigalgs", algorithms).serial == serial_of(identity)


def test_every_worker_and_every_server_staples(authority, issuer, backend):
    one, other = (authority.issue(name, intermediate=True) for name in ["a.example.org", "b.example.org"])
    port = free_port()
    with Responder(issuer, one, other) as responder:
        servers = [{**server(identity, backend, responder.url), "listen": f"127.0.0.1:{port}", "server_name": name}
                   for identity, name in [(one, "a.example.org"), (other, "b.example.org")]]
        with Postern(*servers, workers=4) as postern:
            for identity, name in [(one, "a.example.org"), (other, "b.example.org")]:
                staple(postern, name=name)
                # The kernel spreads connections over the workers.
                assert {stapled(postern.address, name=name).serial for _ in range(12)} == {serial_of(identity)}


@slow
def test_a_staple_is_renewed_before_it_ends(leaf, issuer, backend):
    with Responder(issuer, leaf, minutes=1) as responder, Postern(server(leaf, backend, responder.url)) as postern:
        first = staple(postern).updated
        begun = time.monotonic()
        until(lambda: stapled(postern.address).updated != first, "a newer staple, and no moment without one")
        assert time.monotonic() - begun < 59


# Revoked

def test_a_revoked_certificate_is_an_error_in_the_log_and_is_not_stapled(leaf, issuer, backend):
    with Responder(issuer, revoked=[leaf]) as responder, Postern(server(leaf, backend, responder.url)) as postern:
        postern.said("CN=localhost is REVOKED")
        assert '"error"' in lines(postern, "REVOKED")[0]
        assert stapled(postern.address) is None
        assert works(postern)


def test_a_good_staple_is_taken_back_when_the_certificate_is_revoked(leaf, issuer, backend, responder, tmp_path):
    with Responder(issuer, revoked=[leaf]) as stricter:
        with Postern(server(leaf, backend, responder.url), state_directory=str(tmp_path)) as postern:
            staple(postern)
            until(lambda: list(tmp_path.glob("*.ocsp")), "the kept response")
            changed = {**postern.settings["servers"][0]}
            changed["ssl"] = {**changed["ssl"], "stapling_responder": stricter.url}
            postern.write(changed, state_directory=str(tmp_path))
            postern.reload_or_fail()
            until(lambda: stapled(postern.address) is None, "no staple")
            postern.said("CN=localhost is REVOKED")
            until(lambda: not list(tmp_path.iterdir()), "the kept response to go")


# Slow, silent, dead

def test_a_slow_responder_holds_up_nobody(leaf, backend, responder):
    with Slow(responder, 3) as slow, Postern(server(leaf, backend, slow.url)) as postern:
        assert works(postern)
        assert stapled(postern.address) is None
        assert staple(postern).status == "good"


def test_a_silent_responder_holds_up_neither_the_start_nor_the_end(leaf, backend):
    with Silent() as silent, Postern(server(leaf, backend, silent.url)) as postern:
        assert silent.asked.wait(60)
        assert works(postern)
        begun = time.monotonic()
        postern.signal(signal.SIGTERM)
        assert postern.wait() == 0
        assert time.monotonic() - begun < 10  # it would be waited for longer


def test_a_dead_responder_is_told_once_and_asked_again(leaf, issuer, backend):
    port = free_port()
    with Postern(server(leaf, backend, f"http://127.0.0.1:{port}/")) as postern:
        postern.said("no response for CN=localhost")
        assert "connect_refused" in lines(postern, "no response for")[0]
        assert works(postern)
        assert stapled(postern.address) is None
        time.sleep(6)  # until it has been asked again
        with Responder(issuer, leaf, port=port):
            assert staple(postern).status == "good"
        assert len(lines(postern, "no response for")) == 1


def test_a_responder_without_an_address_is_told(leaf, backend):
    with Postern(server(leaf, backend, "http://nowhere.invalid/")) as postern:
        postern.said("no response for CN=localhost")
        assert works(postern)


# Answers that are none

def test_a_response_by_another_authority_is_refused(leaf, issuer, backend, tmp_path):
    other = Authority(tmp_path, "another CA")
    with Responder(issuer, leaf, signer=other.issuer()) as responder:
        with Postern(server(leaf, backend, responder.url)) as postern:
            postern.said("its signature does not count")
            assert stapled(postern.address) is None
            assert works(postern)


def test_a_response_about_another_certificate_is_refused(authority, leaf, issuer, backend):
    other = response(issuer, authority.issue("localhost", intermediate=True))
    with Answering(http(other)) as responder, Postern(server(leaf, backend, responder.url)) as postern:
        postern.said("about another certificate")
        assert stapled(postern.address) is None


def test_a_certificate_that_the_responder_does_not_know_is_not_stapled(leaf, issuer, backend):
    with Responder(issuer) as responder, Postern(server(leaf, backend, responder.url)) as postern:
        postern.said("the responder does not know the certificate")
        assert stapled(postern.address) is None


BAD_ANSWERS = {
    "404": (lambda good: http(good, "HTTP/1.1 404 Not Found"), "status 404"),
    "a redirect": (lambda good: http(good, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/"), "status 302"),
    "a page": (lambda good: http(b"<html>", content_type="text/html"), "Content-Type text/html"),
    "no type": (lambda good: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "an answer without Content-Type"),
    "no HTTP": (lambda good: b"SSH-2.0-x\r\n\r\n", "bad_response"),
    "no DER": (lambda good: http(b"0" * 1000), "not an OCSP response in DER"),
    "an empty body": (lambda good: http(b""), "not an OCSP response in DER"),
    "half": (lambda good: http(good)[:-100], "upstream_closed"),
    "a cut response": (lambda good: http(good[:-100]), "not an OCSP response in DER"),
    "too much": (lambda good: http(good + bytes(70_000)), "more than 64k"),
    "try later": (lambda good: http(bytes.fromhex("30030a0103")), "trylater"),
}


@pytest.mark.parametrize("what", BAD_ANSWERS)
def test_what_is_no_good_answer_is_refused_with_its_reason(leaf, issuer, backend, what):
    answer, reason = BAD_ANSWERS[what]
    with Answering(answer(response(issuer, leaf))) as responder:
        with Postern(server(leaf, backend, responder.url)) as postern:
            postern.said(reason)
            assert stapled(postern.address) is None
            assert works(postern)


def test_a_good_answer_may_come_in_chunks_behind_an_interim_one(leaf, issuer, backend):
    good = response(issuer, leaf)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [good[:1], good[1:100], good[100:]])
    answer = (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: Application/OCSP-Response; x=y\r\n"
              b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    with Answering(answer) as responder, Postern(server(leaf, backend, responder.url)) as postern:
        assert staple(postern).status == "good"
        question = responder.questions[0]
        assert question.startswith(b"POST / HTTP/1.1\r\nHost: 127.0.0.1:")
        assert b"\r\nContent-Type: application/ocsp-request\r\n" in question


# stapling_verify

def test_a_verified_response_leads_to_a_trusted_certificate(authority, leaf, backend, responder, tmp_path):
    stranger = Authority(tmp_path, "another CA")
    with Postern(server(leaf, backend, responder.url, stapling_verify=True,
                        trusted_certificate=str(authority.certificate))) as postern:
        assert staple(postern).status == "good"
    with Postern(server(leaf, backend, responder.url, stapling_verify=True,
                        trusted_certificate=str(stranger.certificate))) as postern:
        postern.said("its signature does not count")
        assert stapled(postern.address) is None


def test_verification_without_a_trusted_certificate_is_refused(leaf, backend, responder):
    unstarted = Postern(server(leaf, backend, responder.url, stapling_verify=True))
    done = run("check", "-c", unstarted.config_file)
    assert done.returncode == 78
    assert "servers[0].ssl.stapling_verify" in done.stderr


# stapling_file

def test_a_file_is_stapled_without_asking_anybody(leaf, issuer, backend, tmp_path):
    file = tmp_path / "site.ocsp"
    file.write_bytes(response(issuer, leaf))
    with Postern(forwarder(leaf, backend.destination, ssl={"stapling": True, "stapling_file": str(file)})) as postern:
        first = stapled(postern.address)
        assert (first.status, first.serial) == ("good", serial_of(leaf))
        time.sleep(1.1)  # its times are whole seconds
        file.write_bytes(response(issuer, leaf))
        postern.reload_or_fail()
        assert stapled(postern.address).updated != first.updated


@pytest.mark.parametrize("content, problem", [
    (lambda leaf, other, issuer: b"nonsense", "not an OCSP response in DER"),
    (lambda leaf, other, issuer: response(issuer, other), "about another certificate"),
    (lambda leaf, other, issuer: response(issuer, leaf, revoked=True), "it says that the certificate is revoked"),
], ids=["nonsense", "another certificate", "revoked"])
def test_a_bad_file_is_a_problem_of_the_configuration(authority, leaf, issuer, backend, tmp_path, content, problem):
    file = tmp_path / "site.ocsp"
    file.write_bytes(content(leaf, authority.issue("localhost", intermediate=True), issuer))
    unstarted = Postern(forwarder(leaf, backend.destination, ssl={"stapling": True, "stapling_file": str(file)}))
    text = unstarted.config_file.read_text().splitlines()
    line = next(i for i, each in enumerate(text, 1) if "stapling_file" in each)
    column = text[line - 1].index('"stapling_file"') + 1
    for verb in ["check", "serve"]:
        done = run(verb, "-c", unstarted.config_file)
        assert done.returncode == 78
        assert f"postern.yaml:{line}:{column}: servers[0].ssl.stapling_file: {problem}" in done.stderr


# state_directory

def test_a_kept_response_is_stapled_after_a_restart_though_the_responder_is_dead(leaf, issuer, backend, tmp_path):
    with Responder(issuer, leaf) as responder:
        settings = server(leaf, backend, responder.url)
        with Postern(settings, state_directory=str(tmp_path)) as postern:
            before = staple(postern)
            until(lambda: list(tmp_path.glob("*.ocsp")), "the kept response")
    with Postern(settings, state_directory=str(tmp_path)) as postern:
        for version in VERSIONS:
            after = stapled(postern.address, version)
            assert (after.status, after.updated) == ("good", before.updated)
        postern.said("the one before is stapled until")
    with Postern(settings) as postern:
        assert stapled(postern.address) is None


def test_a_damaged_kept_response_is_passed_over_with_a_line_in_the_log(leaf, backend, responder, tmp_path):
    with Postern(server(leaf, backend, responder.url), state_directory=str(tmp_path)) as postern:
        staple(postern)
        kept = until(lambda: list(tmp_path.glob("*.ocsp")), "the kept response")[0]
    kept.write_bytes(kept.read_bytes()[:100])
    with Postern(server(leaf, backend, responder.url), state_directory=str(tmp_path)) as postern:
        assert "a kept response is passed over: not an OCSP response in DER" in postern.stderr()
        assert staple(postern).status == "good"


def test_a_state_directory_that_is_none_is_a_problem_of_the_configuration(leaf, backend, responder, tmp_path):
    unstarted = Postern(server(leaf, backend, responder.url), state_directory=str(tmp_path / "gone"))
    done = run("check", "-c", unstarted.config_file)
    assert done.returncode == 78
    assert "state_directory: " in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_state_directory_that_cannot_be_written_is_told_once(leaf, backend, responder, tmp_path):
    tmp_path.chmod(0o755)  # root's own
    with Postern(server(leaf, backend, responder.url), user="nobody", state_directory=str(tmp_path)) as postern:
        assert staple(postern).status == "good"
        postern.said("Permission denied")
        assert list(tmp_path.iterdir()) == []


# Reload

def test_a_reload_keeps_staples_though_the_responder_is_dead(leaf, issuer, backend):
    with Responder(issuer, leaf) as responder:
        settings = server(leaf, backend, responder.url)
        postern = Postern(settings)
        with postern:
            before = staple(postern).updated
            responder.kill()
            settings["ssl"]["session_tickets"] = False
            postern.write(settings)
            postern.reload_or_fail()
            assert stapled(postern.address).updated == before
            # Another responder, which is to be asked at once, and is as dead.
            settings["ssl"]["stapling_responder"] = f"http://127.0.0.1:{free_port()}/"
            postern.write(settings)
            postern.reload_or_fail()
            assert staple(postern).updated == before
            postern.said("the one before is stapled until")
            settings["ssl"]["stapling"] = False
            postern.write(settings)
            postern.reload_or_fail()
            assert stapled(postern.address) is None


def test_a_reload_asks_for_new_certificates_at_once(authority, leaf, issuer, backend):
    renewed = authority.issue("localhost", intermediate=True)
    with Responder(issuer, leaf, renewed) as responder:
        with Postern(server(leaf, backend, responder.url)) as postern:
            staple(postern)
            listen = postern.settings["servers"][0]["listen"]
            postern.write({**server(renewed, backend, responder.url), "listen": listen})
            postern.reload_or_fail()
            assert staple(postern).serial == serial_of(renewed)


def test_check_tells_what_is_stapled(leaf, backend, responder):
    unstarted = Postern(server(leaf, backend, responder.url))
    assert "stapling 1 server" in run("check", "-c", unstarted.config_file).stdout


# Expired

@slow
def test_what_has_expired_is_never_stapled_wherever_it_comes_from(leaf, issuer, backend, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    file = tmp_path / "site.ocsp"
    file.write_bytes(response(issuer, leaf, minutes=1))
    with Answering(http(file.read_bytes())) as responder:
        asking = server(leaf, backend, responder.url)
        with Postern(asking, state_directory=str(kept)) as postern:
            assert staple(postern).status == "good"
            until(lambda: list(kept.glob("*.ocsp")), "the kept response")
        static = forwarder(leaf, backend.destination, ssl={"stapling": True, "stapling_file": str(file)})
        with Postern(static) as postern:
            assert stapled(postern.address).status == "good"
            until(lambda: stapled(postern.address) is None, "the end of the minute")
            postern.said("the response for CN=localhost has expired")
            assert works(postern)
            done = postern.reload()
            assert done.returncode == 0
            assert "servers[0].ssl.stapling_file: expired on" in done.stdout + done.stderr
            assert stapled(postern.address) is None
        with Postern(asking, state_directory=str(kept)) as postern:
            assert stapled(postern.address) is None
            postern.said("expired on")
            assert stapled(postern.address) is None
            assert works(postern)
