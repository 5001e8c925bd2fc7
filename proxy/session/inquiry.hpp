// One question to an OCSP responder and its answer: a POST over plain HTTP (RFC 6960 appendix A).
#pragma once

#include "certs/identity.hpp"
#include "config/url.hpp"
#include "proxy/net/readiness.hpp"
#include "proxy/upstream/connect.hpp"
#include "proxy/wire/head.hpp"

#include <boost/intrusive/list.hpp>

#include <optional>
#include <string>

namespace postern::session {

// Lives in the frame of whoever awaits run(). On the thread of `where.loop` alone.
class inquiry final
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>,
      private net::deadline {
public:
    // `patience`: for all of it, from the name to the last byte.
    inquiry(config::http_url responder, upstream::site where, net::clock::duration patience);

    // The body of the answer, which nobody has looked at; it has come with 200, as an OCSP response and within 64 KiB.
    [[nodiscard]] net::task<result<certs::der>> run(certs::der request);
    // run() ends soon.
    void stop() { end(reason::stopped); }

private:
    [[nodiscard]] net::task<result<certs::der>> converse(net::stream& with, const std::string& request);
    [[nodiscard]] net::task<result<std::size_t>> read_head(net::stream& from, wire::body_length& body);
    [[nodiscard]] net::task<result<void>> read_more(net::stream& from);
    [[nodiscard]] failure broken(net::io_status how, const std::string& detail) const;
    void expired() override;
    void end(reason why);

    config::http_url responder_;
    upstream::site where_;
    net::clock::duration patience_;
    net::readiness waiting_;
    upstream::connector* connecting_ = nullptr;
    certs::der received_;
    std::optional<reason> ended_;
};

using inquiry_list = boost::intrusive::list<inquiry, boost::intrusive::constant_time_size<false>>;

}  // namespace postern::session
