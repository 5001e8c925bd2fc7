#include "proxy/ops/traffic_metrics.hpp"

namespace postern::ops {
namespace {

double number(std::uint64_t n) { return static_cast<double>(n); }

void add_reasons(metric_sheet::family& to, const std::string& listener, const by_reason& counts) {
    for (std::size_t i = 0; i < counts.size(); ++i)
        if (counts[i] != 0)
            to.add({{"listener", listener}, {"reason", to_string(static_cast<reason>(i))}}, number(counts[i]));
}

void add_connections(metric_sheet& to, const totals& of) {
    auto accepted = to.counter("postern_connections_accepted_total", "Client connections that were accepted.");
    auto active = to.gauge("postern_connections_active", "Client connections that have not ended.");
    auto endings = to.counter("postern_endings_total",
                              "Connections and HTTP requests that have ended, by the reason in their access lines.");
    auto bytes = to.counter("postern_bytes_total",
                            "Plain bytes from clients (in) and to them (out); of HTTP when a request has ended.");
    for (const auto& [name, l] : of.listeners) {
        accepted.add({{"listener", name}}, number(l.accepted));
        active.add({{"listener", name}}, number(l.active()));
        add_reasons(endings, name, l.endings);
        bytes.add({{"listener", name}, {"direction", "in"}}, number(l.bytes_in));
        bytes.add({{"listener", name}, {"direction", "out"}}, number(l.bytes_out));
    }
}

void add_handshakes(metric_sheet& to, const totals& of) {
    auto all = to.counter("postern_tls_handshakes_total",
                          "TLS handshakes that have ended; those that failed count as not resumed.");
    auto failures =
        to.counter("postern_tls_handshake_failures_total", "TLS handshakes that failed or were not let in, by reason.");
    auto times = to.histogram("postern_tls_handshake_duration_seconds",
                              "From the beginning of a TLS handshake to its end, of those that did not fail.");
    for (const auto& [name, l] : of.listeners) {
        all.add({{"listener", name}, {"result", "ok"}, {"resumed", "false"}}, number(l.full.count()));
        all.add({{"listener", name}, {"result", "ok"}, {"resumed", "true"}}, number(l.resumed.count()));
        all.add({{"listener", name}, {"result", "failed"}, {"resumed", "false"}}, number(l.failed()));
        add_reasons(failures, name, l.handshake_failures);
        times.add({{"listener", name}, {"resumed", "false"}}, l.full);
        times.add({{"listener", name}, {"resumed", "true"}}, l.resumed);
    }
    to.gauge("postern_tls_inflight_handshakes", "TLS handshakes that have begun and not ended.")
        .add({}, number(of.handshakes_in_flight));
    to.gauge("postern_tls_waiting_handshakes", "ClientHellos that wait for their turn.")
        .add({}, number(of.handshakes_waiting));
}

void add_tls(metric_sheet& to, const totals& of) {
    auto connections =
        to.counter("postern_tls_connections_total",
                   "TLS connections by what their handshakes agreed on; group: none where none was used.");
    for (std::size_t v = 0; v < tls_versions.size(); ++v)
        for (std::size_t c = 0; c < tls_ciphers.size(); ++c)
            for (std::size_t g = 0; g < tls_groups.size(); ++g)
                if (const auto n = of.tls_connections[v][c][g]; n != 0)
                    connections.add(
                        {{"version", tls_versions[v]}, {"cipher", tls_ciphers[c]}, {"group", tls_groups[g]}},
                        number(n));
    to.counter("postern_tls_ticket_issued_total", "Session tickets that were made.").add({}, number(of.tickets_issued));
    to.counter("postern_tls_ticket_accepted_total",
               "TLS handshakes that went on from a session ticket of the client's.")
        .add({}, number(of.tickets_accepted));
    to.counter("postern_tls_ticket_rejected_total",
               "TLS handshakes that were full although the client had offered a session ticket: by an unknown key, "
               "damaged, too old or another server's.")
        .add({}, number(of.tickets_rejected));
}

void add_requests(metric_sheet& to, const totals& of) {
    auto requests = to.counter("postern_http_requests_total", "HTTP requests that have ended.");
    auto times = to.histogram("postern_http_request_duration_seconds",
                              "From the first byte of an HTTP request to the end of its response.");
    for (const auto& [name, l] : of.listeners) {
        for (std::size_t m = 0; m < http_methods.size(); ++m)
            for (std::size_t s = 0; s < status_classes.size(); ++s)
                if (const auto n = l.requests[m][s]; n != 0)
                    requests.add({{"listener", name}, {"method", http_methods[m]}, {"code", status_classes[s]}},
                                 number(n));
        times.add({{"listener", name}}, l.request_times);
    }
}

void add_upstreams(metric_sheet& to, const totals& of) {
    auto up = to.gauge("postern_upstream_up", "1: the last connect to the peer came about, or none has been tried.");
    auto requests =
        to.counter("postern_upstream_requests_total", "HTTP requests, or TCP connections, that a peer was given.");
    auto times = to.histogram("postern_upstream_connect_duration_seconds", "Connects to peers that came about.");
    auto failures = to.counter("postern_upstream_connect_failures_total",
                               "Connects to peers that failed; without a peer where no name had an address.");
    for (const auto& [name, p] : of.peers) {
        const auto& [upstream, peer] = name;
        up.add({{"upstream", upstream}, {"peer", peer}}, p.up() ? 1 : 0);
        requests.add({{"upstream", upstream}, {"peer", peer}}, number(p.requests));
        times.add({{"upstream", upstream}, {"peer", peer}}, p.connects);
        for (std::size_t i = 0; i < p.failures.size(); ++i)
            failures.add({{"upstream", upstream}, {"peer", peer}, {"reason", to_string(upstream::connect_reasons[i])}},
                         number(p.failures[i]));
    }
    for (const auto& [name, count] : of.unresolved)
        failures.add({{"upstream", name}, {"reason", to_string(reason::resolve_failed)}}, number(count));
}

}  // namespace

void add_traffic(metric_sheet& to, const totals& of) {
    add_connections(to, of);
    add_handshakes(to, of);
    add_tls(to, of);
    add_requests(to, of);
    add_upstreams(to, of);
    to.gauge("postern_workers", "Worker threads.").add({}, static_cast<double>(of.workers));
}

}  // namespace postern::ops
