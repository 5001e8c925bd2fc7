#include "proxy/tls/buffers_bio.hpp"

#include <openssl/bio.h>

#include <algorithm>
#include <cstring>

namespace postern::tls {
namespace {

buffers& of(BIO* bio) { return *static_cast<buffers*>(BIO_get_data(bio)); }

int read(BIO* bio, char* into, std::size_t length, std::size_t* done) {
    auto& with = of(bio);
    BIO_clear_retry_flags(bio);
    if (with.input.empty()) {
        BIO_set_retry_read(bio);
        return 0;
    }
    *done = std::min(length, with.input.size());
    std::memcpy(into, with.input.data(), *done);
    with.input = with.input.subspan(*done);
    return 1;
}

int write(BIO* bio, const char* from, std::size_t length, std::size_t* done) {
    auto& with = of(bio);
    BIO_clear_retry_flags(bio);
    if (with.room.empty()) {
        BIO_set_retry_write(bio);
        return 0;
    }
    *done = std::min(length, with.room.size());
    std::memcpy(with.room.data(), from, *done);
    with.add(*done);
    return 1;
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
        BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "postern engine");
        if (m != nullptr) {
            BIO_meth_set_read_ex(m, read);
            BIO_meth_set_write_ex(m, write);
            BIO_meth_set_ctrl(m, control);
        }
        return m;
    }();
    return made;
}

}  // namespace

BIO* make_bio(buffers& over) {
    BIO* bio = method() != nullptr ? BIO_new(method()) : nullptr;
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, &over);
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace postern::tls
