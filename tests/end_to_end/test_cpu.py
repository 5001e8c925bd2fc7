"""CPU time for much data, beside nginx's stream proxy on the same machine at the same time."""

import os

import pytest

from backends import Echo
from clients import TLS_1_2, Client, context, exchange
from nginx import Nginx
from postern import Postern, forwarder, sanitized
from test_bulk import BLOCK

FULL = os.environ.get("FULL") == "1"
TOTAL = (256 << 20) if FULL else (32 << 20)
ROUNDS = 4

_stream = """
stream {{
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {identity.certificate};
        ssl_certificate_key {identity.key};
        proxy_pass {backend};
    }}
}}
"""


@pytest.mark.skipif(sanitized(), reason="a sanitizer's time is not ours")
def test_relaying_costs_no_more_cpu_than_nginx(site):
    # One cipher for both, whose defaults differ.
    settings = context(versions=TLS_1_2, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256")
    module = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;"
    with Echo() as backend, Postern(forwarder(site, backend.destination), workers=1) as postern, \
            Nginx(_stream, module, identity=site, backend=backend.address) as nginx:
        ours, theirs = [], []
        for _ in range(ROUNDS):
            for proxy, address, spent in [(postern, postern.address, ours),
                                          (nginx, ("127.0.0.1", nginx.port), theirs)]:
                before = proxy.cpu_seconds()
                with Client(address, settings) as client:
                    assert exchange(client, BLOCK, TOTAL)[0] == TOTAL
                spent.append(proxy.cpu_seconds() - before)
        gib = TOTAL / (1 << 30)
        print(f"CPU seconds for 1 GiB each way: postern {min(ours) / gib:.2f}, nginx {min(theirs) / gib:.2f}")
        # Only the long run is exact enough to judge by.
        assert not FULL or min(ours) <= min(theirs) * 1.1
