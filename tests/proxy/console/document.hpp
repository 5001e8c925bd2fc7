// What a daemon says on /status.
#pragma once

#include <string>

namespace postern::test {

inline const std::string document = R"({
"version": "0.1.0", "state": "serving", "started": "2026-11-29T08:00:00.000Z", "now": "2026-11-29T09:00:00.000Z",
"workers": 2,
"reloads": {"ok": 3, "failed": 1, "served_since": "2026-11-29T08:30:00.000Z"},
"tls": {"handshakes_in_flight": 4, "handshakes_waiting": 5,
        "tickets": {"issued": 1200, "accepted": 340, "rejected": 2}, "ticket_key_age_s": 2040},
"listeners": [
  {"address": "127.0.0.1:8443", "connections": {"active": 12, "accepted": 456789},
   "handshakes": {"full": 100, "resumed": 200, "failed": 30, "failures": {"not_tls": 7, "unknown_sni": 23},
                  "times": {"full": {"bounds_s": [0.001, 0.01, 0.1], "counts": [0, 100, 0, 0], "sum_s": 0.5},
                            "resumed": {"bounds_s": [0.001, 0.01, 0.1], "counts": [0, 100, 0, 100], "sum_s": 20}}},
   "requests": 1000,
   "request_times": {"bounds_s": [0.001, 0.01, 0.1], "counts": [1000, 0, 0, 0], "sum_s": 0.5},
   "endings": {"answered": 1000}, "bytes": {"in": 5000, "out": 70000}},
  {"address": "127.0.0.1:8080", "connections": {"active": 0, "accepted": 0},
   "handshakes": {"full": 0, "resumed": 0, "failed": 0, "failures": {}},
   "requests": 0, "endings": {}, "bytes": {"in": 0, "out": 0}}],
"upstreams": [
  {"name": "app", "peers": [
    {"address": "10.0.0.1:80", "up": true, "requests": 600, "connects": 6, "failures": {},
     "connect_times": {"bounds_s": [0.001], "counts": [6, 0], "sum_s": 0.001}},
    {"address": "10.0.0.2:80", "up": false, "requests": 0, "connects": 0, "failures": {"connect_refused": 9},
     "connect_times": {"bounds_s": [0.001], "counts": [0, 0], "sum_s": 0}}], "resolve_failed": 0},
  {"name": "db.example.org:5432", "peers": [
    {"address": "db.example.org:5432", "up": true, "requests": 0, "connects": 1, "failures": {}}],
   "resolve_failed": 8}],
"certificates": [
  {"name": "www.example.org", "serial": "01", "not_before": "2026-11-01T00:00:00.000Z",
   "not_after": "2027-01-27T00:00:00.000Z", "days_left": 59.6, "stapling": true,
   "stapled_until": "2026-12-01T00:00:00.000Z"},
  {"name": "old.example.org", "serial": "02", "not_before": "2026-01-01T00:00:00.000Z",
   "not_after": "2026-11-26T00:00:00.000Z", "days_left": -3.4, "stapling": true, "stapled_until": null},
  {"name": "soon.example.org", "serial": "03", "not_before": "2026-01-01T00:00:00.000Z",
   "not_after": "2026-12-08T00:00:00.000Z", "days_left": 9.0, "stapling": false, "stapled_until": null}],
"revocation_lists": [{"issuer": "CN=clients", "next_update": "2026-11-29T00:00:00.000Z"}]
})";

}  // namespace postern::test
