"""The JSON Schema accepts what the parser accepts and refuses what it refuses. Usage: schema_test.py PRINTER EXAMPLES"""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import yaml

printer, examples = sys.argv[1], Path(sys.argv[2])
schema = json.loads(subprocess.run([printer], capture_output=True, text=True, check=True).stdout)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)

accepted = sorted(examples.glob("*.yaml"))
assert accepted, "no examples"
passed = 0
for file in accepted:
    if file.name == "mtls.yaml":
        continue  # it has keys that come with mutual TLS
    errors = [e.message for e in validator.iter_errors(yaml.safe_load(file.read_text()))]
    assert not errors, (file.name, errors)
    passed += 1

right = {
    "a size as a number": "servers: [{ssl: {buffer_size: 4096}}]",
    "words and booleans": "servers: [{default_server: 'on', ssl: {session_tickets: false, verify_client: on}}]",
    "off where YAML 1.1 reads false": "{log: {access: off}, servers: [{ssl: {session_cache: off}}]}",
    "places for logs": "{log: {access: journal, file: 'syslog:tag=a,server=[::1]:514,nohostname'}}",
    "a port as a number": "servers: [{listen: 443}]",
    "every form of an address": "servers: [{listen: ['443', '*:443', '127.0.0.1:1', '[::1]:1', 'localhost:1']}]",
    "one value for a list": "servers: {listen: '443', server_name: a, locations: {path: /}}",
    "includes": "{include: conf.d/*.yaml, servers: [{include: [a.yaml, b.yaml]}]}",
    "several units": "shutdown_timeout: 1h30m",
    "units of a calendar": "servers: [{hsts: 1y6M2w}]",
    "networks": "trusted_proxies: [10.0.0.0/8, 127.0.0.1, '::1', 'fd00::/8', '::/0', '[::1]', '::ffff:10.0.0.0/104']",
    "a network for a list": "trusted_proxies: 10.0.0.0/8",
    "headers with variables": "servers: [{proxy_set_header: {X-A: 'a $host-${uri}b $scheme://', Y: ''}}]",
    "headers that YAML reads as something else": "servers: [{add_header: {X-A: 1, X-B: on, X-C: 1.5}}]",
    "no headers": "servers: {locations: {path: /, add_header: {}}}",
    "names of headers": "servers: [{add_header: {\"!#$%&'*+-.^_`|~09azAZ\": a}}]",
    "a code": "servers: [{return: 404}]",
    "a code as text": "servers: [{return: '404'}]",
    "a code and a text": "servers: [{return: 200 hello $host}]",
    "a code and a URL": "servers: [{return: 301 https://$host$request_uri}]",
    "a code and a path": "servers: [{return: 308 /a}]",
    "a URL that begins with a variable": "servers: [{return: '301 ${scheme}://a'}]",
    "a URL alone": "servers: [{return: https://a/}, {return: http://a/}, {return: $scheme://a/}]",
    "paths": "servers: {locations: [{path: = /a}, {path: =/a}, {path: /a}]}",
    "header buffers": "servers: [{large_client_header_buffers: 4 8k}]",
    "a body of any size": "servers: [{client_max_body_size: 0, locations: {path: /, client_max_body_size: 1m}}]",
    "no keepalive": "servers: [{keepalive_timeout: 0s}]",
}
for what, text in right.items():
    errors = [e.message for e in validator.iter_errors(yaml.safe_load(text))]
    assert not errors, (what, errors)
    passed += 1

refused = {
    "an unknown key": "wrokers: 1",
    "an unknown key in a block": "log: {lvl: info}",
    "a prefix": "servers: [{ssl: {ssl_protocols: TLSv1.3}}]",
    "syslog without a server": "log: {access: 'syslog:tag=a'}",
    "a word that is none": "log: {level: loud}",
    "a time without a unit": "shutdown_timeout: '30'",
    "a number for a time": "shutdown_timeout: 30",
    "a size that is none": "servers: [{ssl: {buffer_size: 16kb}}]",
    "a destination without a scheme": "servers: [{proxy_pass: '127.0.0.1:80'}]",
    "a port that is none": "servers: [{listen: 70000}]",
    "a list for a block": "limits: [1]",
    "an address that is none": "servers: [{listen: localhost}]",
    "an address in a list that is none": "servers: [{listen: ['443', '::1']}]",
    "a number below its bound": "limits: {connections: 0}",
    "a number above its bound": "workers: 1025",
    "a size above its bound": "servers: [{ssl: {buffer_size: 16385}}]",
    "a redirect that is none": "servers: [{redirect: http}]",
    "an include in a block": "log: {include: a.yaml}",
    "a name of a group that no destination can have": "upstreams: {'a b': {servers: ['127.0.0.1:1']}}",
    "yes for on": "servers: [{default_server: 'yes'}]",
    "nothing": "user: ~",
    "a session cache that is none": "servers: [{ssl: {session_cache: 'on'}}]",
    "a network that is none": "trusted_proxies: proxy.example.org",
    "a network with a mask": "trusted_proxies: 10.0.0.0/255.0.0.0",
    "a list for headers": "servers: [{add_header: [X-A, b]}]",
    "a list for a header": "servers: [{add_header: {X-A: [b]}}]",
    "a name that no header has": "servers: [{add_header: {'a b': c}}]",
    "an unknown variable": "servers: [{add_header: {X-A: $hots}}]",
    "a variable with more letters": "servers: [{add_header: {X-A: $hostname1}}]",
    "a dollar alone": "servers: [{add_header: {X-A: 5$}}]",
    "braces that do not close": "servers: [{add_header: {X-A: '${host'}}]",
    "a line break in a header": "servers: [{add_header: {X-A: \"a\\nb\"}}]",
    "a code that is none": "servers: [{return: 600}]",
    "a code that is none as text": "servers: [{return: '99'}]",
    "a redirect without a URL": "servers: [{return: 301}]",
    "a redirect without a URL as text": "servers: [{return: '301'}]",
    "a redirect to what is no URL": "servers: [{return: 301 example.org}]",
    "a text without a code": "servers: [{return: hello}]",
    "an unknown variable in an answer": "servers: [{return: 200 $hots}]",
    "a pattern for a path": "servers: {locations: {path: '~ /a'}}",
    "a path without its slash": "servers: {locations: {path: a}}",
    "header buffers without a number": "servers: [{large_client_header_buffers: 8k}]",
    "a word for plain HTTP that is none": "servers: [{plain_http: allow}]",
    "a time in seconds for hsts": "servers: [{hsts: 31536000}]",
}
for what, text in refused.items():
    assert list(validator.iter_errors(yaml.safe_load(text))), what
    passed += 1
server = schema["properties"]["servers"]["anyOf"][0]["properties"]
ssl = server["ssl"]["properties"]
for where, default in [(schema["properties"]["limits"]["properties"]["connections"], 20000),
                       (schema["properties"]["workers"], "auto"), (server["proxy_timeout"], "10m"),
                       (server["default_server"], False), (ssl["session_tickets"], True), (ssl["buffer_size"], "16k"),
                       (ssl["protocols"], ["TLSv1.2", "TLSv1.3"]), (server["keepalive_timeout"], "75s"),
                       (server["large_client_header_buffers"], "4 8k"), (server["plain_http"], "reject"),
                       (server["client_max_body_size"], 0), (server["forwarded"], False)]:
    assert where["default"] == default, (where, default)
    assert not list(validator.evolve(schema=where).iter_errors(default)), where
    passed += 1


def keys_without_a_description(block):
    for key, value in block.get("properties", {}).items():
        if not value.get("description"):
            yield key
        for inner in [value, value.get("additionalProperties"), *value.get("anyOf", [])]:
            if isinstance(inner, dict):
                yield from keys_without_a_description(inner)


assert not list(keys_without_a_description(schema))
print(f"{passed} configurations judged rightly")
