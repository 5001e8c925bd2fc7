// The conductor of one accepted connection: its opening, then HTTP or a tunnel, then its access line.
// A session is owned by its coroutine: everything it holds dies with that.
#pragma once

#include "proxy/net/socket.hpp"
#include "proxy/session/connection.hpp"
#include "proxy/session/opening.hpp"

#include <boost/intrusive/list.hpp>

#include <optional>

namespace postern::session {

using session_hook = boost::intrusive::list_base_hook<boost::intrusive::tag<struct session_tag>,
                                                      boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Where a connection came in: a part of its face's snapshot, and what is counted there.
struct entrance {
    const listen_address& address;
    ops::listener_counts& counts;
};

class session final : public session_hook {
public:
    // `id`: the connection's, in whatever is said of it.
    session(worker& w, face_ptr face, entrance at, net::accepted_fd accepted, std::uint64_t id);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    // All of it, the access line included.
    [[nodiscard]] static net::task<> run(std::unique_ptr<session> s);

    // Ends it from outside, soon and by its ordinary path.
    void stop(reason why);
    // Takes no more requests; a tunnel goes on.
    void drain();

private:
    // Without serving_ afterwards: the connection has ended in its opening.
    [[nodiscard]] net::task<> open();
    void serve(opened&& how);
    void enter(stage& next);
    // `begun`: the opening, when the connection has ended in it.
    void record(const failure& ending, opening* begun = nullptr);

    connection connection_;
    std::unique_ptr<service> serving_;
    stage* now_ = nullptr;
    std::optional<reason> stopped_;
};

using session_list = boost::intrusive::list<session, boost::intrusive::base_hook<session_hook>,
                                            boost::intrusive::constant_time_size<false>>;

}  // namespace postern::session
