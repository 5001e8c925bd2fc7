"""The dashboard and the alerts that are shipped, against what a daemon really says. promtool judges with FULL=1 only."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from backends import refusing
from clients import TLS_1_2, Client, context, handshake_error
from closed_list import all_reasons, handshake_reasons
from guarded import guarded, visit, with_identity
from http_backends import Site
from metrics import Metrics, becomes
from ports import free_port
from postern import Postern, forwarder
from responders import response

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
DASHBOARD = DEPLOY / "grafana" / "postern.json"
RULES = DEPLOY / "prometheus" / "postern.rules.yml"
full = pytest.mark.skipif(os.environ.get("FULL") != "1", reason="FULL=1 only")

GIVEN_BY_PROMETHEUS = {"instance", "job", "le"}


@pytest.fixture(scope="module")
def metrics(authority, clients_of_the_test, people, crl, tmp_path_factory):
    """A scrape of a daemon to which everything has happened."""
    leaf = authority.issue("localhost", intermediate=True)
    staple = tmp_path_factory.mktemp("staples") / "site.ocsp"
    staple.write_bytes(response(authority.issuer(intermediate=True), leaf))
    more = {"stapling": True, "stapling_file": str(staple), "session_cache": "shared:1m"}
    with Site() as backend:
        with Postern(guarded(leaf, backend.destination, clients_of_the_test, "on", crl, more),
                     forwarder(leaf, f"tcp://{refusing()}"), admin={"listen": f"127.0.0.1:{free_port()}"}) as postern:
            settings = with_identity(people["alice"])
            _, _, session = visit(postern, settings)
            assert visit(postern, settings, session)[1]
            *_, second = postern.addresses()
            with Client(second) as client:
                client.receive_all()
            handshake_error(second, context(versions=TLS_1_2, ciphers="ECDHE-RSA-AES128-GCM-SHA256"))
            becomes(postern, 1, "postern_endings_total", reason="connect_refused")
            yield becomes(postern, 1, "postern_tls_handshakes_total", result="failed")


def dashboard_expressions():
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def alert_expressions():
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def uses(expression):
    """[(metric, the labels that are asked of it)]."""
    for name, _, labels in re.findall(r"\b((?:postern|process)_[a-z_]+)\b(\{([^}]*)\})?", expression):
        yield name, set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", labels))


@pytest.mark.parametrize("where", [dashboard_expressions, alert_expressions])
def test_every_metric_and_label_that_is_asked_for_exists(metrics, where):
    asked = 0
    for title, expression in where():
        grouped = {label.strip() for by in re.findall(r"by \(([^)]*)\)", expression) for label in by.split(",")}
        names = list(uses(expression))
        assert names or expression.startswith("up{"), title
        known = set()
        for name, labels in names:
            assert name in metrics.names(), f"{title}: {name}"
            has = {label for (n, all) in metrics.series if n == name for label, _ in all} | GIVEN_BY_PROMETHEUS
            assert labels <= has, f"{title}: {name} has no {labels - has}"
            known |= has
            asked += 1
        assert grouped <= known | GIVEN_BY_PROMETHEUS, f"{title}: nothing to group by {grouped - known}"
    assert asked > 5


def test_the_reasons_that_are_asked_for_exist():
    asked = 0
    for title, expression in [*dashboard_expressions(), *alert_expressions()]:
        for metric, words in re.findall(r'(postern_[a-z_]+)\{[^}]*\breason(?:=~|!~|!=|=)"([^"]+)"', expression):
            known = handshake_reasons() if metric == "postern_tls_handshake_failures_total" else all_reasons()
            assert set(words.split("|")) <= set(known), title
            asked += 1
    assert asked > 1


def test_every_alert_says_what_is_wrong_and_how_bad_it_is():
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["summary"] and rule["labels"]["severity"] in ("warning", "critical"), rule


def test_the_dashboard_shows_each_of_our_metrics(metrics):
    shown = {name for _, expression in dashboard_expressions() for name, _ in uses(expression)}
    for name in metrics.types:
        if name.startswith("postern_"):
            assert name in shown or f"{name}_bucket" in shown or name == "postern_certificate_not_before_seconds" \
                or name == "postern_tls_session_cache_sessions", f"{name} is in no panel"


def test_panels_do_not_overlap_and_have_ids_of_their_own():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells


@full
def test_promtool_finds_nothing_in_the_metrics(metrics):
    done = subprocess.run(["promtool", "check", "metrics"], input=metrics.text, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@full
def test_promtool_takes_the_alerts():
    done = subprocess.run(["promtool", "check", "rules", str(RULES)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
