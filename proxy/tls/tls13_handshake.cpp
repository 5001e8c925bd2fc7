#include "proxy/tls/tls13_handshake.hpp"

#include "certs/ticket_state.hpp"
#include "proxy/tls/session_ticket.hpp"
#include "proxy/tls/tls13_flight.hpp"
#include "proxy/tls/x25519.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <new>

namespace postern::tls {
namespace {

using bytes = std::span<const std::uint8_t>;

// A client that sends more of them does not want to talk (the bound of record_layer).
constexpr std::uint8_t most_without_message = 32;
constexpr std::size_t finished_header = 4;
constexpr std::array<std::uint8_t, 6> change_cipher_spec{20, 3, 3, 0, 1, 1};

void append(std::vector<std::uint8_t>& to, bytes what) { to.insert(to.end(), what.begin(), what.end()); }

// As OpenSSL tells of them.
const char* words_for(std::uint8_t alert) {
    const char* const text = ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, SSL_AD_REASON_OFFSET + alert));
    return text != nullptr ? text : SSL_alert_desc_string_long(alert);
}

}  // namespace

tls13_handshake::tls13_handshake(const tls13_terms& terms, const tls13_choice& choice)
    : terms_(terms),
      suite_(*choice.suite),
      messages_(suite_.hash),
      keys_(suite_.hash),
      alpn_(choice.alpn),
      takes_tickets_(choice.takes_tickets) {}

std::unique_ptr<tls13_handshake> tls13_handshake::begin(SSL_CTX* context, std::string_view expected, buffers& with) {
    const auto* const terms = tls13_terms::of(context, expected);
    if (terms == nullptr) return nullptr;
    const auto read = read_client_hello(with.input);
    // One that comes in pieces is rare.
    if (read.status != hello_status::complete || read.joined || read.hello.server_name != expected) return nullptr;
    const auto choice = choose(read.hello, *terms);
    if (!choice) return nullptr;
    std::unique_ptr<tls13_handshake> made(new (std::nothrow) tls13_handshake(*terms, *choice));
    const bool can = made && (!choice->resumes || made->resume(read.hello, *choice->resumes)) &&
                     (made->resumed_ || made->keys_.begin({})) && made->answer(read.hello, *choice);
    if (!can) return nullptr;
    if (choice->resumes) certs::count_offered_ticket(context, made->resumed_);
    with.input = with.input.subspan(header_size + read.hello.message.size());
    return made;
}

// A ticket that is not ours, or may not go on, is passed over. One that is, with a binder that proves nothing, is an
// attack or a fault, which is libssl's to refuse.
bool tls13_handshake::resume(const client_hello& hello, const offered_key& with) {
    const auto& rules = *terms_.rules;
    if (!rules.tickets.keys) return true;
    const auto encoded = open_ticket(with.ticket, *rules.tickets.keys, rules.libctx);
    if (encoded.bytes().empty()) return true;
    const auto session = certs::decode_ticket_state(encoded.bytes());
    if (!session) return false;
    const auto* const suite = find_suite(session->cipher);
    const bool fits = suite != nullptr && suite->hash == suite_.hash && certs::may_go_on(rules, session->first) &&
                      rules.now() - session->time <= session->lifetime &&
                      std::ranges::equal(session->id_context, rules.id_context);
    if (!fits) return true;
    transcript to_binders(suite_.hash);
    to_binders.add(hello.message.first(with.bound));
    std::array<std::uint8_t, 48> right;
    const auto binder = std::span(right).first(size_of(suite_.hash));
    if (session->psk.empty() || !keys_.begin(session->psk) || !keys_.binder(to_binders.now(), binder)) return false;
    const bool proven =
        with.binder.size() == binder.size() && CRYPTO_memcmp(with.binder.data(), binder.data(), binder.size()) == 0;
    OPENSSL_cleanse(right.data(), right.size());
    if (!proven) return false;
    resumed_ = true;
    first_ = session->first;
    return true;
}

bool tls13_handshake::answer(const client_hello& hello, const tls13_choice& choice) {
    auto* const library = terms_.rules->libctx;
    std::array<std::uint8_t, 32> random;
    x25519_value share;
    x25519_value secret;
    if (RAND_bytes_ex(library, random.data(), random.size(), 0) != 1 ||
        !x25519_exchange(library, choice.share, share, secret))
        return false;
    messages_.add(hello.message);
    // Larger than nearly all; what is larger costs an allocation more.
    flight_.reserve(choice.signer->certificate.size() + 768);
    append(flight_, std::array<std::uint8_t, header_size>{static_cast<std::uint8_t>(content::handshake), 3, 3});
    add_server_hello(flight_, {random, hello.session_id, suite_.id, share, resumed_});
    const auto first = bytes(flight_).subspan(header_size);
    flight_[3] = static_cast<std::uint8_t>(first.size() >> 8);
    flight_[4] = static_cast<std::uint8_t>(first.size());
    messages_.add(first);
    const bool exchanged = keys_.add_exchange(secret, messages_.now());
    OPENSSL_cleanse(secret.data(), secret.size());
    if (!exchanged) return false;
    open_.emplace(record_key::use::open, suite_, library, keys_.client_handshake(), 0);
    if (!*open_) return false;
    // For middle boxes, where the client pretends to speak TLS 1.2 (appendix D.4).
    if (!hello.session_id.empty()) append(flight_, change_cipher_spec);

    std::vector<std::uint8_t> rest;
    rest.reserve(choice.signer->certificate.size() + sizeof(tls13_signer::signature) + 128);
    add_encrypted_extensions(rest, alpn_);
    messages_.add(rest);
    if (!resumed_ && !show_certificate(choice, rest)) return false;
    std::array<std::uint8_t, 48> proof;
    const auto verify_data = std::span(proof).first(size_of(suite_.hash));
    if (!keys_.verify_data(true, messages_.now(), verify_data)) return false;
    const std::size_t before = rest.size();
    add_finished(rest, verify_data);
    messages_.add(bytes(rest).subspan(before));
    const auto to_finished = messages_.now();
    return seal(rest) && keys_.add_flight(to_finished) &&
           keys_.verify_data(false, to_finished, std::span(expected_).first(size_of(suite_.hash)));
}

bool tls13_handshake::show_certificate(const tls13_choice& choice, std::vector<std::uint8_t>& to) {
    const auto& signer = *choice.signer;
    std::size_t before = to.size();
    const bool may_staple = choice.wants_staple && signer.staple != nullptr;
    if (const auto* staple = may_staple ? certs::staple_in(*signer.staple, terms_.rules->now()) : nullptr)
        add_stapled_certificate(to, signer.certificate, staple->response);
    else
        append(to, signer.certificate);
    messages_.add(bytes(to).subspan(before));
    tls13_signer::signature room;
    const auto signature = signer.sign(content_to_sign(messages_.now()), room);
    if (signature.empty()) return false;
    before = to.size();
    add_certificate_verify(to, signer.scheme, signature);
    messages_.add(bytes(to).subspan(before));
    return true;
}

bool tls13_handshake::seal(bytes messages) {
    record_key key(record_key::use::seal, suite_, terms_.rules->libctx, keys_.server_handshake(), 0);
    if (!key) return false;
    const std::size_t most = std::min(terms_.rules->record_size, largest_content);
    while (!messages.empty()) {
        const auto next = messages.first(std::min(messages.size(), most));
        const std::size_t at = flight_.size();
        flight_.resize(at + next.size() + record_overhead);
        if (!key.seal(content::handshake, next, flight_.data() + at)) return false;
        messages = messages.subspan(next.size());
    }
    return true;
}

step tls13_handshake::go_on(buffers& with) {
    if (now_ == state::saying) say(with);
    if (now_ == state::saying) return step::want_output;
    if (now_ == state::listening) hear(with);
    switch (now_) {
        case state::done: return step::done;
        case state::failed: return step::failed;
        default: return step::want_input;
    }
}

void tls13_handshake::say(buffers& with) {
    const auto next = bytes(flight_).subspan(said_, std::min(flight_.size() - said_, with.room.size()));
    std::ranges::copy(next, with.room.begin());
    with.add(next.size());
    said_ += next.size();
    if (said_ < flight_.size()) return;
    std::vector<std::uint8_t>().swap(flight_);
    now_ = state::listening;
}

void tls13_handshake::hear(buffers& with) {
    while (now_ == state::listening && with.input.size() >= header_size) {
        const auto type = content{with.input[0]};
        const bool in_the_clear = type == content::change_cipher_spec || type == content::alert;
        if (!in_the_clear && judge_header(with.input) == header_verdict::no_application_data)
            return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::bad_record, "unexpected record", with);
        if (payload_of(with.input) > largest_payload)
            return fail(SSL_AD_RECORD_OVERFLOW, reason::bad_record, "record too long", with);
        const std::size_t size = whole_record(with.input);
        if (size == 0) return;
        const auto record = with.input.first(size);
        // It is consumed also where it is refused.
        with.input = with.input.subspan(size);
        if (in_the_clear)
            hear_in_the_clear(record, with);
        else
            hear_record(record, with);
    }
}

// Until its Finished a client may pretend to change its cipher (section 5), and one that could not make out our keys has
// no other way to say so.
void tls13_handshake::hear_in_the_clear(bytes record, buffers& with) {
    if (++without_message_ > most_without_message)
        return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "too many records without a message", with);
    if (!heard_.empty())
        return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "a message that does not go on", with);
    if (content{record[0]} == content::alert) return alerted(record.subspan(header_size), with);
    if (record.size() != change_cipher_spec.size() || record.back() != change_cipher_spec.back())
        fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "a wrong change of cipher", with);
}

void tls13_handshake::hear_record(std::span<std::uint8_t> record, buffers& with) {
    auto* const to = record.data() + header_size;
    const auto what = open_->open(record, to);
    if (!what) return fail(SSL_AD_BAD_RECORD_MAC, reason::bad_record, "a record that does not decrypt", with);
    if (what->size > largest_content) return fail(SSL_AD_RECORD_OVERFLOW, reason::bad_record, "record too long", with);
    if (what->type == content::handshake) return hear_finished({to, what->size}, with);
    if (what->type == content::alert && heard_.empty()) {
        if (++without_message_ <= most_without_message) return alerted({to, what->size}, with);
    }
    fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "something else than Finished", with);
}

void tls13_handshake::hear_finished(bytes part, buffers& with) {
    const std::size_t whole = finished_header + size_of(suite_.hash);
    if (part.empty()) return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "an empty message", with);
    append(heard_, part);
    const std::array<std::uint8_t, finished_header> begin{SSL3_MT_FINISHED, 0, 0,
                                                          static_cast<std::uint8_t>(size_of(suite_.hash))};
    const auto seen = static_cast<std::ptrdiff_t>(std::min(heard_.size(), begin.size()));
    if (heard_.front() != begin.front())
        return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "something else than Finished", with);
    if (!std::equal(begin.begin(), begin.begin() + seen, heard_.begin()))
        return fail(SSL_AD_DECODE_ERROR, reason::protocol_error, "a Finished of another length", with);
    // Behind it the key is another one (section 5.1).
    if (heard_.size() > whole)
        return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "more after Finished", with);
    if (heard_.size() < whole) return;
    if (CRYPTO_memcmp(heard_.data() + finished_header, expected_.data(), size_of(suite_.hash)) != 0)
        return fail(SSL_AD_DECRYPT_ERROR, reason::protocol_error, "a wrong Finished", with);
    messages_.add(heard_);
    now_ = state::done;
}

void tls13_handshake::alerted(bytes alert, buffers& with) {
    if (alert.empty()) return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "an empty alert", with);
    if (alert.size() != 2) return fail(SSL_AD_DECODE_ERROR, reason::protocol_error, "an alert of another size", with);
    alert_ = tls::alert{true, alert[1]};
    if (alert[1] == SSL_AD_USER_CANCELLED) return;
    now_ = state::failed;
    error_ = {party::client, phase::handshake, reason::peer_alert, words_for(alert[1])};
    if (alert[1] == SSL_AD_CLOSE_NOTIFY) error_.why = reason::peer_closed;
}

std::unique_ptr<record_layer> tls13_handshake::take_records(buffers& with) {
    traffic_secrets secrets;
    if (!keys_.end(messages_.now())) return nullptr;
    secrets.set(keys_.client(), keys_.server(), keys_.resumption(), terms_.rules->libctx);
    auto made = record_layer::make(suite_, secrets, {0, 0, terms_.rules->record_size});
    if (made) give_ticket(*made, secrets, with);
    return made;
}

// For want of memory or room a client goes without.
void tls13_handshake::give_ticket(record_layer& by, const traffic_secrets& secrets, buffers& with) const {
    const auto& keys = terms_.rules->tickets.keys;
    std::array<std::uint8_t, 48> psk;
    const auto secret = std::span(psk).first(size_of(suite_.hash));
    if (!takes_tickets_ || !keys || !derive_ticket_psk(suite_.hash, secrets.resumption(), secret)) return;
    const auto times = certs::times_of_ticket(*terms_.rules, first_);
    const auto encoded =
        certs::encode({suite_.id, secret, terms_.rules->id_context, terms_.rules->now(), times.left, times.first});
    OPENSSL_cleanse(psk.data(), psk.size());
    const auto message = new_session_ticket(encoded.bytes(), static_cast<std::uint32_t>(times.left), keys->sealing(),
                                            terms_.rules->libctx);
    if (message.empty() || !by.tell(with, message)) return;
    if (auto* const counts = terms_.rules->counts; counts != nullptr) counts->issued.add();
}

facts tls13_handshake::agreed() const {
    facts made;
    made.version = "TLSv1.3";
    made.cipher = suite_.name;
    made.group = "X25519";
    made.alpn = alpn_;
    made.resumed = resumed_;
    return made;
}

// Under the key of application data, for our Finished is said. The alert is lost where there is no room for it: bytes that
// the client does not take are before it.
void tls13_handshake::fail(std::uint8_t alert, reason why, const char* detail, buffers& with) {
    const std::array<std::uint8_t, 2> last{2, alert};
    record_key key(record_key::use::seal, suite_, terms_.rules->libctx, keys_.server(), 0);
    if (key && with.room.size() >= last.size() + record_overhead && key.seal(content::alert, last, with.room.data())) {
        with.add(last.size() + record_overhead);
        alert_ = tls::alert{false, alert};
    }
    now_ = state::failed;
    error_ = {party::client, phase::handshake, why, detail};
}

}  // namespace postern::tls
