"""What a daemon serves follows its files, whole or not at all, and nobody who is connected notices."""

import os
import resource
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from backends import Echo
from certs import make_key
from client_certs import ClientAuthority
from clients import TLS_1_3, context
from guarded import guarded, visit, with_identity
from http_backends import Site, answer
from load import Load
from postern import forwarder, sanitized
from responders import response, stapled
from waiting import until
from watched import Place, Watching, replace, shown, turn

ROTATIONS = 200 if os.environ.get("FULL") else 20


@pytest.fixture(scope="module")
def backend():
    with Echo() as b:
        yield b


@pytest.fixture(scope="module")
def identities(authority):
    return [authority.issue("localhost", kind=kind) for kind in ("ec", "rsa", "ec", "ed25519")]


@pytest.fixture
def place(tmp_path, identities):
    return Place(tmp_path, identities[0])


def test_rotations_under_load_lose_nobody_and_are_shown_to_everybody_after(place, backend, identities):
    with Watching(place.server(backend)) as postern, Load(postern.address) as load:
        for i in range(1, ROTATIONS + 1):
            identity, before = identities[i % len(identities)], postern.count("reload: done")
            (place.write if i % 3 == 0 else place.renew)(identity)
            postern.done(before + 1)
            postern.shows(identity)
            assert [shown(postern) for _ in range(5)] == [identity.der()] * 5
        load.end()
        assert load.lost == {}
        # The listeners were never closed.
        assert load.not_accepted == 0
        assert load.answered > ROTATIONS
        assert postern.count("reload: refused") == 0


def test_a_pair_that_arrives_in_two_steps_is_served_when_it_is_whole(place, backend, identities):
    old, new = identities[:2]
    with Watching(place.server(backend)) as postern:
        with postern.connect() as client:
            client.ask(b"hello")
            replace(place.certificate, new.certificate.read_bytes())
            postern.said("put off")
            assert shown(postern) == old.der()
            replace(place.key, new.key.read_bytes())
            postern.shows(new)
            assert postern.count("reload: refused") == 0
            assert client.ask(b"still here") == b"still here"


def cut(path):
    replace(path, path.read_bytes()[:100])


def empty(path):
    path.write_bytes(b"")


def delete(path):
    path.unlink()


def mismatch(path):
    make_key(path)


@pytest.mark.parametrize("damage, which, said", [
    (cut, "certificate", "site.crt"),
    (cut, "key", "site.key"),
    (empty, "certificate", "site.crt"),
    (empty, "key", "site.key"),
    (delete, "certificate", "No such file"),
    (delete, "key", "No such file"),
    (mismatch, "key", "does not match"),
], ids=lambda v: v if isinstance(v, str) and " " not in v else getattr(v, "__name__", None))
def test_damage_is_told_once_and_the_old_serves_until_it_is_mended(place, backend, identities, damage, which, said):
    old, new = identities[:2]
    with Watching(place.server(backend)) as postern:
        damage(getattr(place, which))
        postern.refused()
        assert said in postern.stderr()
        assert shown(postern) == old.der()
        # Nothing new, so nothing is said again.
        (place.certificate if which == "key" else place.key).touch()
        place.renew(new)
        postern.shows(new)
        postern.refused(1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_file_that_may_not_be_read_is_told_and_served_once_it_may(backend, identities):
    old, new = identities[:2]
    postern = Watching(forwarder(None, backend.destination), user="nobody")
    place = Place(postern.folder, old)
    place.give_to("nobody")
    postern.write(place.server(backend), user="nobody")
    with postern:
        place.renew(new)
        postern.refused()
        assert "Permission denied" in postern.stderr()
        assert shown(postern) == old.der()
        place.give_to("nobody")
        postern.shows(new)


def test_kubernetes_turns_its_data_link(backend, identities, tmp_path):
    def version(number):
        folder = tmp_path / f"..v{number}"
        folder.mkdir()
        identity = identities[number]
        replace(folder / "tls.crt", identity.certificate.read_bytes())
        replace(folder / "tls.key", identity.key.read_bytes())
        return folder

    turn(tmp_path / "..data", version(0).name)
    for name in ("tls.crt", "tls.key"):
        turn(tmp_path / name, f"..data/{name}")
    server = forwarder(None, backend.destination)
    server["ssl"] = {"certificate": str(tmp_path / "tls.crt"), "certificate_key": str(tmp_path / "tls.key")}
    with Watching(server) as postern:
        for number in (1, 2):
            before = tmp_path / os.readlink(tmp_path / "..data")
            turn(tmp_path / "..data", version(number).name)
            for file in before.iterdir():
                file.unlink()
            before.rmdir()
            postern.shows(identities[number])
        assert postern.count("reload: refused") == 0


def test_certbot_turns_each_link_into_its_archive(backend, identities, tmp_path):
    live, archive = tmp_path / "live/localhost", tmp_path / "archive/localhost"
    live.mkdir(parents=True)
    archive.mkdir(parents=True)

    def renew(number):
        identity = identities[number]
        for stem, source in [("privkey", identity.key), ("fullchain", identity.certificate)]:
            replace(archive / f"{stem}{number}.pem", source.read_bytes())
            link = live / f"{stem}.pem"
            link.unlink(missing_ok=True)
            link.symlink_to(f"../../archive/localhost/{stem}{number}.pem")

    renew(0)
    server = forwarder(None, backend.destination)
    server["ssl"] = {"certificate": str(live / "fullchain.pem"), "certificate_key": str(live / "privkey.pem")}
    with Watching(server) as postern:
        for number in (1, 2):
            renew(number)
            postern.shows(identities[number])
        assert postern.count("reload: refused") == 0


def test_a_folder_that_is_replaced_whole_is_seen(backend, identities, tmp_path):
    (tmp_path / "tls").mkdir()
    (tmp_path / "new").mkdir()
    place = Place(tmp_path / "tls", identities[0])
    Place(tmp_path / "new", identities[1])
    with Watching(place.server(backend)) as postern:
        (tmp_path / "tls").rename(tmp_path / "old")
        (tmp_path / "new").rename(tmp_path / "tls")
        postern.shows(identities[1])


def test_of_a_thousand_certificates_in_a_folder_one_changes(authority, backend, tmp_path):
    folder = tmp_path / "sites"
    folder.mkdir()
    # Keys cost time to make and none to share.
    key = make_key(tmp_path / "site.key")

    def put(number):
        identity = authority.self_signed(f"site-{number}.example.org", key)
        replace(folder / f"{number}.pem", identity.certificate.read_bytes() + key.read_bytes())
        return identity

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(put, range(1000)))
    server = forwarder(None, backend.destination)
    server["ssl"] = {"certificate": str(folder)}
    with Watching(server) as postern:
        assert shown(postern, "site-500.example.org") == made[500].der()
        renewed = put(500)
        until(lambda: shown(postern, "site-500.example.org") == renewed.der(), "the renewed certificate")
        assert f"reload: changed: {folder}/500.pem\"" in postern.stderr()
        assert shown(postern, "site-999.example.org") == made[999].der()
        # One more, and one less.
        more = put(1000)
        (folder / "999.pem").unlink()
        until(lambda: shown(postern, "site-1000.example.org") == more.der(), "the certificate that came")
        until(lambda: shown(postern, "site-999.example.org") != made[999].der(), "the other one to go")


def test_an_editor_may_move_the_old_file_away_before_it_writes_the_new_one(place, backend, identities):
    with Watching(place.server(backend)) as postern:
        for path in (place.certificate, place.key):
            path.rename(path.with_name(f"{path.name}~"))
        postern.said("put off")
        place.write(identities[1])
        postern.shows(identities[1])
        assert postern.count("reload: refused") == 0


def test_a_certificate_that_is_no_longer_for_a_name_of_its_server_is_served_with_a_warning(authority, backend, tmp_path):
    both, one = authority.issue("localhost", "www.example.org"), authority.issue("localhost")
    place = Place(tmp_path, both)
    with Watching({**place.server(backend), "server_name": ["localhost", "www.example.org"]}) as postern:
        place.renew(one)
        postern.shows(one)
        postern.done(1)
        lost = [line for line in postern.stderr().splitlines() if "a name that none is for now" in line]
        assert len(lost) == 1 and '"warning"' in lost[0] and "(found: www.example.org)" in lost[0]


@pytest.mark.skipif(sanitized(), reason="the sanitizer needs descriptors itself")
def test_a_reading_that_had_no_descriptors_left_loses_sight_of_nothing(place, backend, identities, tmp_path):
    tickets = tmp_path / "tickets.key"
    replace(tickets, os.urandom(80))
    postern = Watching({**place.server(backend), "ssl": place.block(session_ticket_key=str(tickets))})
    # So old that they need not be opened to be known.
    for path in (postern.config_file, place.certificate, place.key):
        os.utime(path, (1e9, 1e9))
    with postern:
        # Files are watched by now.
        replace(tickets, os.urandom(80))
        postern.done(1)
        before = resource.prlimit(postern.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(postern.process.pid, resource.RLIMIT_NOFILE, (3, before[1]))
        postern.signal(signal.SIGHUP)
        postern.refused()
        assert "Too many open files" in postern.stderr()
        resource.prlimit(postern.process.pid, resource.RLIMIT_NOFILE, before)
        place.renew(identities[1])
        postern.shows(identities[1])


def test_what_is_touched_is_not_loaded(place, backend, identities, tmp_path):
    tickets = tmp_path / "tickets.key"
    replace(tickets, os.urandom(80))
    server = place.server(backend)
    server["ssl"]["session_ticket_key"] = str(tickets)
    with Watching(server) as postern:
        place.certificate.touch()
        place.key.chmod(0o400)
        place.renew(identities[0])
        replace(tickets, os.urandom(80))
        postern.done(1)
        changed = [line for line in postern.stderr().splitlines() if "reload: changed" in line]
        assert len(changed) == 1 and str(tickets) in changed[0] and "site." not in changed[0]


def test_a_revocation_list_and_an_authority_are_replaced(site, tmp_path):
    ours, others = ClientAuthority(tmp_path / "ours"), ClientAuthority(tmp_path / "others", "others")
    alice, bob = ours.issue("alice"), others.issue("bob")
    crl, ca = tmp_path / "clients.crl", tmp_path / "clients.crt"
    replace(crl, ours.crl().read_bytes())
    replace(ca, ours.certificate.read_bytes())
    with Site(lambda request: answer()) as web:
        server = guarded(site, web.destination, ours, crl=crl)
        server["ssl"]["client_certificate"] = str(ca)
        with Watching(server) as postern:
            assert visit(postern, with_identity(alice))[0] == 200
            ours.revoke(alice)
            replace(crl, ours.crl().read_bytes())
            postern.done(1)
            assert visit(postern, with_identity(alice))[0] == 400
            assert visit(postern, with_identity(bob))[0] == 400
            replace(crl, ours.crl().read_bytes() + others.crl().read_bytes())
            replace(ca, ours.certificate.read_bytes() + others.certificate.read_bytes())
            until(lambda: visit(postern, with_identity(bob))[0] == 200, "the new authority's client to be let in")
            assert visit(postern, with_identity(alice))[0] == 400


def test_a_stapling_file_is_replaced(authority, backend, tmp_path):
    leaf, file = authority.issue("localhost", intermediate=True), tmp_path / "site.ocsp"
    issuer = authority.issuer(intermediate=True)
    replace(file, response(issuer, leaf))
    with Watching(forwarder(leaf, backend.destination, ssl={"stapling": True, "stapling_file": str(file)})) as postern:
        first = stapled(postern.address)
        time.sleep(1.1)  # its times are whole seconds
        replace(file, response(issuer, leaf))
        until(lambda: stapled(postern.address).updated != first.updated, "the new response")


def test_ticket_keys_are_replaced(place, backend, tmp_path):
    settings = context(versions=TLS_1_3)

    def visit_again(session=None):
        with postern.connect(settings, session=session) as client:
            assert client.ask(b"hello") == b"hello"
            return client.tls.session_reused, client.tls.session

    tickets = tmp_path / "tickets.key"
    replace(tickets, os.urandom(80))
    server = place.server(backend)
    server["ssl"]["session_ticket_key"] = str(tickets)
    with Watching(server) as postern:
        _, session = visit_again()
        assert visit_again(session)[0] is True
        replace(tickets, os.urandom(80))
        postern.done(1)
        assert visit_again(session)[0] is False
