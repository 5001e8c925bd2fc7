"""The reasons of proxy/failure.hpp."""

import re
from pathlib import Path

_header = Path(__file__).resolve().parents[2] / "proxy" / "failure.hpp"


def _named_in(text):
    return re.findall(r"^ +([a-z0-9_]+),", text, re.MULTILINE)


def all_reasons():
    return _named_in(_header.read_text().partition("enum class reason")[2].partition("};")[0])


def handshake_reasons():
    """Those by which a handshake fails, but for faults of ours."""
    return _named_in(_header.read_text().partition("// the handshake\n")[2].partition("// connecting\n")[0])
