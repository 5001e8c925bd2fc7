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

refused = {
    "an unknown key": "wrokers: 1",
    "an unknown key in a block": "log: {lvl: info}",
    "a prefix": "servers: [{ssl: {ssl_protocols: TLSv1.3}}]",
    "a word that is none": "log: {level: loud}",
    "a time without a unit": "shutdown_timeout: '30'",
    "a number for a time": "shutdown_timeout: 30",
    "a size that is none": "servers: [{ssl: {buffer_size: 16kb}}]",
    "a destination without a scheme": "servers: [{proxy_pass: '127.0.0.1:80'}]",
    "a port that is none": "servers: [{listen: 70000}]",
    "a list for a block": "limits: [1]",
    "a session cache that is none": "servers: [{ssl: {session_cache: 'on'}}]",
}
for what, text in refused.items():
    assert list(validator.iter_errors(yaml.safe_load(text))), what
    passed += 1
print(f"{passed} configurations judged rightly")
