// What it takes to staple one of our certificates, found out when a configuration is loaded.
#pragma once

#include "certs/staple.hpp"
#include "config/settings.hpp"
#include "config/url.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::certs {

// Immutable and shared by all threads.
struct staple_order {
    std::string id;           // equal for equal certificates with equal settings, also after a reload
    std::string fingerprint;  // of the certificate: see kept_staples.hpp
    std::string subject;      // for logs
    staple_subject about;
    std::optional<config::http_url> responder;  // nothing: `first` is of stapling_file, and nobody is asked
    staple_ptr first;                           // what is stapled until a responder has answered; null: nothing
};
using staple_order_ptr = std::shared_ptr<const staple_order>;

// An order for each identity of a server, null where nothing will be stapled, of which a warning in `found` tells unless
// stapling is off. Reads the files that the ssl block names, and what is kept in `state_directory` (empty: there is
// none), and judges both at `now`. A stapling_file that is no good response for any of the identities is an error; one
// that is out of time is a warning, as with certificates. Keys are relative to the ssl block.
[[nodiscard]] std::vector<staple_order_ptr>
make_staple_orders(const config::ssl& settings, const std::vector<std::shared_ptr<const identity>>& identities,
                   const std::string& state_directory, time_point now, config::problems& found);

}  // namespace postern::certs
