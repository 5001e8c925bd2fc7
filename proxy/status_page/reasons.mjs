// The words of proxy/failure.hpp for why a handshake or a connect failed, as a person would say it;
// docs/when-a-handshake-fails.md says what to do about each.

const meanings = {
  not_tls: "the first bytes are no TLS",
  plain_http: "HTTP without TLS came to a TLS port",
  bad_client_hello: "the ClientHello is malformed",
  sslv2_hello: "a ClientHello in the format of SSL 2",
  hello_too_large: "a ClientHello of more than 64 KiB",
  no_common_protocol: "no version of TLS that both speak",
  no_common_cipher: "no cipher suite that both have",
  no_common_group: "no group for the key exchange that both have",
  no_common_signature: "no signature that the client takes and our key can make",
  no_alpn: "the client offered protocols, none of them ours",
  unknown_sni: "no server for the name that was asked for",
  sni_mismatch: "the name was another one later in the handshake",
  client_cert_missing: "a client certificate is required and none was shown",
  client_cert_expired: "the client's certificate is over, or has not begun",
  client_cert_revoked: "the client's certificate is revoked",
  client_cert_untrusted: "the client's certificate leads to no trusted authority",
  client_cert_denied: "no rule of allow names the client",
  peer_alert: "the client broke off with an alert",
  peer_closed: "the client went away in the middle",
  bad_record: "a record that does not decrypt",
  protocol_error: "another breach of the protocol",
  handshake_timeout: "it took longer than handshake_timeout",
  handshake_rate: "more than limits.handshake_rate a second",
  address_rate: "more than limits.handshake_rate_per_address a second",
  shed: "overload: it would have had to wait",
  client_reset: "the client reset the connection",
  client_error: "the client's connection broke",
  drain_timeout: "postern was ended, after shutdown_timeout",
  stopped: "postern was ended",
  internal: "a fault of postern's: a bug, or no memory",
  resolve_failed: "the name has no address",
  connect_refused: "refused",
  connect_timeout: "no answer in time",
  connect_failed: "failed another way",
};

export function reason_words(reason) {
  return Object.hasOwn(meanings, reason) ? meanings[reason] : reason.replaceAll("_", " ");
}

// "refused: 3, no answer in time: 1"; nothing when there are none.
export function reasons_words(counts) {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason_words(reason)}: ${count.toLocaleString("en")}`)
    .join(", ");
}
