"""The house rules that a program can check, over every file of the project; and each rule over a made-up breach."""

import os
from pathlib import Path

import pytest

import source_rules

ROOT = Path(__file__).resolve().parents[2]
# Folders that hold nothing of ours, or what a build has made.
_skipped = {".git", ".cache", "build", "__pycache__", ".pytest_cache"}
_bytes_not_text = {"corpus"}


def files(*endings):
    """Path from the root and text of every file, or of those with these endings."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(set(folders) - _skipped - _bytes_not_text)
        for each in sorted(names):
            if each.endswith(endings or ("",)) and not each.endswith(".pyc"):
                path = Path(folder, each)
                yield path.relative_to(ROOT).as_posix(), path.read_text(errors="replace")


def sources():
    return files(".cpp", ".hpp")


def report(breaches):
    assert not breaches, "\n" + "\n".join(breaches)


def test_there_are_sources_in_every_room_that_the_table_begins_with():
    seen = {path.split("/")[0] for path, _ in sources()}
    assert {"config", "certs", "proxy", "tests"} <= seen


def test_rooms_include_only_what_the_table_allows():
    report([b for path, text in sources() for b in source_rules.includes(path, text)])


def test_no_source_is_too_long_to_hold_in_mind():
    report([b for path, text in files(".cpp", ".hpp", ".py") for b in source_rules.length(path, text)])


def test_names_of_files_and_folders_are_snake_case():
    report([b for path, _ in files() for b in source_rules.name(path)])


def test_nothing_names_the_machine_it_was_written_on():
    report([b for path, text in files() for b in source_rules.machine(path, text)])


def test_coroutines_keep_the_rules_that_a_text_shows():
    report([b for path, text in sources() for b in source_rules.coroutines(path, text)])


@pytest.mark.parametrize("path, line", [
    ("config/units.cpp", "#include <openssl/ssl.h>"),
    ("config/units.cpp", "#include <sys/socket.h>"),
    ("config/units.cpp", "#include <spdlog/spdlog.h>"),
    ("config/tree.hpp", "#include <yaml-cpp/yaml.h>"),
    ("config/units.cpp", '#include "certs/store.hpp"'),
    ("certs/store.cpp", '#include "proxy/failure.hpp"'),
    ("certs/store.cpp", "#include <boost/asio/io_context.hpp>"),
    ("proxy/failure.hpp", '#include "proxy/tls/engine.hpp"'),
    ("proxy/wire/http1.hpp", "#include <boost/beast/http/basic_parser.hpp>"),
    ("proxy/wire/http1.cpp", "#include <boost/beast/core/flat_buffer.hpp>"),
    ("proxy/wire/http1.cpp", "#include <openssl/evp.h>"),
    ("proxy/tls/engine.cpp", "#include <boost/asio/buffer.hpp>"),
    ("proxy/tls/engine.cpp", "#include <unistd.h>"),
    ("proxy/net/relay.cpp", '#include "proxy/session/session.hpp"'),
    ("proxy/upstream/connect.cpp", "#include <boost/asio/connect.hpp>"),
    ("proxy/session/session.cpp", "#  include <boost/asio/write.hpp>"),
    ("proxy/session/session.cpp", '#include "proxy/cli/cli.hpp"'),
    ("proxy/ops/record.cpp", "#include <boost/asio/write.hpp>"),
    ("proxy/main.cpp", '#include "proxy/session/worker.hpp"'),
    ("proxy/session/session.cpp", '#include "session.hpp"'),
    ("proxy/session/session.cpp", "#include <unheard/of.hpp>"),
    ("certs/store.cpp", "#include <unheard_of.h>"),
])
def test_a_forbidden_include_is_caught(path, line):
    assert len(source_rules.includes(path, f"#pragma once\n\n{line}\n#include <vector>\n")) == 1


@pytest.mark.parametrize("path, line", [
    ("config/tree.cpp", "#include <yaml-cpp/parser.h>"),
    ("certs/store.cpp", '#include "config/settings.hpp"'),
    ("proxy/wire/http1.cpp", "#include <boost/beast/http/basic_parser.hpp>"),
    ("proxy/net/socket.cpp", "#include <boost/asio/ip/tcp.hpp>"),
    ("proxy/session/session.cpp", '#include "proxy/net/net.hpp"'),
    ("proxy/ops/control.cpp", "#include <boost/asio/write.hpp>"),
    ("tests/config/units_test.cpp", "#include <gtest/gtest.h>"),
])
def test_an_allowed_include_is_not_caught(path, line):
    assert source_rules.includes(path, line) == []


def test_a_long_file_is_caught():
    assert source_rules.length("config/long.cpp", "\n" * 501)
    assert not source_rules.length("config/long.cpp", "\n" * 500)


@pytest.mark.parametrize("path", ["config/CamelCase.cpp", "Config/units.cpp", "tests/config/units-Test.cpp"])
def test_a_name_in_capitals_is_caught(path):
    assert len(source_rules.name(path)) == 1


def test_a_folder_of_one_machine_is_caught():
    assert source_rules.machine("dev", "cd /" + "work/main\n")
    assert source_rules.machine("dev", "cp /" + "lead/dev .\n")
    assert not source_rules.machine("dev", "tests/" + "work/main and /usr/lib/ and $HOME/" + "work/x\n")


@pytest.mark.parametrize("code", [
    "auto f = [this]() -> net::task<> { co_return; };",
    "spawn(context, [&x](std::pair<int, int> (*p)(int)) mutable -> asio::awaitable<void> { co_return; });",
    "co_await each(list, [&](int i) { use(i); });",
    "auto [error, socket] = co_await acceptor.async_accept(as_result);",
    "EXPECT_EQ(co_await f(), 3);",
    "auto x = ready ? 1 : co_await f();",
    "auto x = ready ? co_await f() : 1;",
])
def test_a_breach_of_the_coroutine_rules_is_caught(code):
    assert len(source_rules.coroutines("proxy/session/session.cpp", code)) == 1


@pytest.mark.parametrize("code", [
    "net::task<> serve(int fd);",
    "spawn(context, []() -> net::task<> { co_return; });",
    "auto done = [&](int i) { use(i); }; co_await each(list, done);",
    "auto r = co_await acceptor.async_accept(as_result); auto& [error, socket] = r;",
    "auto got = co_await f(); EXPECT_EQ(got, 3);",
    "co_await list[i].f(); // [&] -> task",
    "x = a ? b : c; co_await f(std::get<0>(x)); net::clock::now();",
])
def test_code_that_keeps_the_coroutine_rules_is_not_caught(code):
    assert source_rules.coroutines("proxy/session/session.cpp", code) == []
