// The one error value of every path that traffic can reach: who caused it, in which phase, and why.
// Every ending of a connection has exactly one `reason` of this closed list; logs and metrics print its word.
#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

enum class party : std::uint8_t {
    client,    // who connected to us
    upstream,  // whom we forward to
    postern,   // we ourselves, our operator included
};

enum class phase : std::uint8_t {
    hello,      // waiting for or reading the ClientHello
    handshake,  // from the ClientHello to Finished
    connect,    // choosing, resolving and connecting a peer
    relay,      // bytes both ways
    request,    // HTTP: waiting for a request, or reading it
    exchange,   // HTTP: a request and its response are under way
};

enum class reason : std::uint8_t {
    closed,       // both directions were finished in order
    answered,     // HTTP: the request has its whole response
    client_gone,  // the client closed before it sent a byte (a health probe, a scanner)

    // the handshake
    not_tls,           // the first bytes are no TLS record
    plain_http,        // ... but an HTTP request
    bad_client_hello,  // malformed: lengths that lie, duplicate extensions, zero-length fragments
    sslv2_hello,       // a ClientHello in SSLv2 format
    hello_too_large,   // more than 64 KiB of it
    no_common_protocol,
    no_common_cipher,
    no_common_group,
    no_common_signature,
    no_alpn,       // the client offered ALPN and nothing of ours
    unknown_sni,   // no server for that name, or one that rejects
    sni_mismatch,  // OpenSSL read another name than the one that chose the context
    client_cert_missing,
    client_cert_expired,
    client_cert_revoked,
    client_cert_untrusted,
    client_cert_denied,
    peer_alert,      // the client ended the handshake with an alert
    peer_closed,     // the client closed in mid-handshake
    bad_record,      // a record that does not decrypt or is out of order
    protocol_error,  // any other violation by the client
    handshake_timeout,
    // refused by a limit before it could cost anything
    handshake_rate,  // limits.handshake_rate
    address_rate,    // limits.handshake_rate_per_address
    shed,            // it would have to wait, and its hello is too long for that; stays the last of them

    // connecting
    resolve_failed,
    connect_refused,
    connect_timeout,
    connect_failed,  // any other way a connect can fail

    // the relay
    client_reset,
    client_truncated,  // the client's TCP ended without close_notify
    client_error,      // any other socket or TLS failure on the client's side
    upstream_reset,
    upstream_error,
    idle_timeout,

    // HTTP
    bad_request,      // refused as it was read; the status says which rule
    misdirected,      // Host means a server that this connection may not reach (421)
    request_timeout,  // the head did not come in time (408)
    body_timeout,     // the request's body stood still
    body_too_large,   // client_max_body_size
    client_closed,    // the client left before it had its response (499)
    send_timeout,     // the client did not take its response
    upstream_closed,  // the backend closed before its response was whole
    bad_response,     // refused as it was read
    read_timeout,     // the backend was silent for too long (504)
    write_timeout,    // the backend did not take the request

    drain_timeout,  // shutdown_timeout ran out
    stopped,        // SIGINT

    internal,  // a fault of ours: a bug or no memory; stays the last
};

inline constexpr std::size_t reason_count = static_cast<std::size_t>(reason::internal) + 1;

// The stable words in logs and metrics: "no_common_protocol", "client", "relay".
[[nodiscard]] std::string_view to_string(reason r);
[[nodiscard]] std::string_view to_string(party p);
[[nodiscard]] std::string_view to_string(phase p);

// Of the reasons for which a connection ends before its handshake is done: whether the handshake has failed by it. Not by
// what clients and networks do with TLS in good order (client_gone, client_reset, client_error), nor when we are ended
// (drain_timeout, stopped).
[[nodiscard]] bool fails_handshake(reason r);

struct failure {
    party by = party::postern;
    phase during = phase::relay;
    reason why = reason::internal;
    std::string detail = {};  // for a person: OpenSSL's or the system's words; may be empty, never a secret
};

template <class T>
using result = boost::system::result<T, failure>;

// boost::system::result calls this only when value() is called on a failure, which is a bug of the caller.
[[noreturn]] void throw_exception_from_error(const failure& f, const boost::source_location& where);

}  // namespace postern
