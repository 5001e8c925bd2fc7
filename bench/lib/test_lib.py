"""What is pure in the tools: statistics, templates, tables and the plot."""

import os
import xml.etree.ElementTree

import kernel
import peers
import plot
import pytest
import report
import rounds


def test_rounds_are_interleaved():
    order = []
    figures = rounds.interleaved(["a", "b"], 2, lambda name: order.append(name) or len(order))
    assert order == ["a", "b", "a", "b"]
    assert figures == {"a": [1, 3], "b": [2, 4]}


def test_a_ratio_is_of_two_runs_of_the_same_round():
    comparison = rounds.compared({"postern": [10, 20, 90], "nginx": [10, 40, 100], "hitch": [5, 10, 200]})
    assert comparison["postern"] == {"value": {"median": 20, "min": 10, "max": 90}}
    assert comparison["nginx"]["ratio"] == {"median": 0.9, "min": 0.5, "max": 1}
    assert rounds.best(comparison) == "hitch"


def test_a_template_has_its_values_and_the_lines_whose_condition_holds():
    template = "a: @one@\n?pinned   b: $host @one@\n?root c\n"
    assert peers.filled(template, {"one": 1}, set()) == "a: 1\n"
    assert peers.filled(template, {"one": 1}, {"pinned"}) == "a: 1\n  b: $host 1\n"
    assert peers.filled("?!root a\n?root b\n", {}, set()) == "a\n"
    assert peers.filled("?!root a\n?root b\n", {}, {"root"}) == "b\n"


def test_a_peer_may_be_named_again_as_another_build_or_with_another_configuration():
    options = report.parser("it", "", 1).parse_args(
        ["--postern", "/ours", "--peers", "hitch", "--peer", "postern@before=/old", "--peer", "postern@quiet"])
    assert [(peer.name, peer.kind, peer.program) for peer in peers.chosen("tcp", options)] == [
        ("postern", "postern", "/ours"), ("hitch", "hitch", "/usr/sbin/hitch"),
        ("postern@before", "postern", "/old"), ("postern@quiet", "postern", "/ours")]


@pytest.mark.parametrize("text", ["nginx", "=/path", "nginx=", "@quiet", "nginx@"])
def test_what_names_no_peer_is_refused(text, capsys):
    with pytest.raises(SystemExit):
        report.parser("it", "", 1).parse_args(["--peer", text])
    assert f"{text} is neither" in capsys.readouterr().err


def test_a_peer_that_is_not_installed_is_left_out_unless_it_is_named(monkeypatch, capfd):
    monkeypatch.setitem(peers._programs, "h2o", "/no/such/h2o")
    peers._is_installed.cache_clear()

    def names(options):
        return [peer.name for peer in peers.chosen("http", report.parser("a", "b", 1).parse_args(options))]

    assert "h2o" not in names([])
    assert "h2o is not measured: there is no /no/such/h2o" in capfd.readouterr().err
    assert "h2o" in names(["--peers", "h2o"])
    assert "h2o" in names(["--peer", "h2o=/another/h2o"])
    peers._is_installed.cache_clear()


def test_a_table_leaves_what_was_not_measured_empty():
    rows = {"http": rounds.compared({"postern": [1.0], "h2o": [2.0]}), "tcp": rounds.compared({"postern": [3.0]})}
    assert report.table(rows, "s", 1).splitlines() == [
        "| s | postern | h2o |",
        "|---|---|---|",
        "| http | 1.0 | 2.0 (**0.50**, 0.50 to 0.50) |",
        "| tcp | 3.0 |  |",
    ]


def test_a_plot_has_a_dot_for_each_ratio():
    rows = {"a <b>": rounds.compared({"postern": [1.0], "nginx": [2.0], "h2o": [0.5]})}
    image = xml.etree.ElementTree.fromstring(plot.ratios_plot("title", rows))
    assert len([each for each in image if each.tag.endswith("circle")]) == 2


def test_a_process_has_a_clock_that_goes_on():
    before = kernel.process_clock(os.getpid())
    sum(range(100_000))
    assert kernel.process_clock(os.getpid()) > before
