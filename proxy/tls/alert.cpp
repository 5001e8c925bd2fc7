#include "proxy/tls/alert.hpp"

#include <algorithm>
#include <array>

namespace postern::tls {
namespace {

struct row {
    std::uint8_t number;
    std::string_view name;
};

// RFC 8446 section 6, and of earlier versions what clients still send (RFC 5246 section 7.2, RFC 7507).
constexpr std::array rows{
    row{0, "close_notify"},
    row{10, "unexpected_message"},
    row{20, "bad_record_mac"},
    row{21, "decryption_failed"},
    row{22, "record_overflow"},
    row{30, "decompression_failure"},
    row{40, "handshake_failure"},
    row{41, "no_certificate"},
    row{42, "bad_certificate"},
    row{43, "unsupported_certificate"},
    row{44, "certificate_revoked"},
    row{45, "certificate_expired"},
    row{46, "certificate_unknown"},
    row{47, "illegal_parameter"},
    row{48, "unknown_ca"},
    row{49, "access_denied"},
    row{alert_decode_error, "decode_error"},
    row{51, "decrypt_error"},
    row{60, "export_restriction"},
    row{70, "protocol_version"},
    row{71, "insufficient_security"},
    row{80, "internal_error"},
    row{86, "inappropriate_fallback"},
    row{90, "user_canceled"},
    row{100, "no_renegotiation"},
    row{109, "missing_extension"},
    row{110, "unsupported_extension"},
    row{111, "certificate_unobtainable"},
    row{alert_unrecognized_name, "unrecognized_name"},
    row{113, "bad_certificate_status_response"},
    row{114, "bad_certificate_hash_value"},
    row{115, "unknown_psk_identity"},
    row{116, "certificate_required"},
    row{120, "no_application_protocol"},
};

}  // namespace

std::string_view alert_name(std::uint8_t number) {
    const auto found = std::find_if(rows.begin(), rows.end(), [=](const row& r) { return r.number == number; });
    return found != rows.end() ? found->name : "unknown";
}

}  // namespace postern::tls
