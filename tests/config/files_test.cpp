// Which files a configuration names.
#include "config/document.hpp"
#include "config/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::config;
using testing::ElementsAre;

TEST(files, every_key_that_names_a_file_to_read_is_found_wherever_it_stands) {
    const auto doc = parse(R"(tls: {session_ticket_key: common.key}
servers:
  - listen: 127.0.0.1:8443
    ssl:
      certificate: [rsa.crt, folder]
      certificate_key: rsa.key
      password_file: passwords
      dhparam: dh.pem
      session_ticket_secret: own.secret
      client_certificate: ca.crt
      trusted_certificate: more.crt
      crl: list.crl
      stapling_file: site.ocsp
    proxy_pass: tcp://127.0.0.1:1
)",
                           "/etc/p.yaml");
    EXPECT_THAT(files_in(doc.settings), ElementsAre("/etc/common.key", "/etc/rsa.crt", "/etc/folder", "/etc/rsa.key",
                                                    "/etc/passwords", "/etc/dh.pem", "/etc/own.secret", "/etc/ca.crt",
                                                    "/etc/more.crt", "/etc/list.crl", "/etc/site.ocsp"));
}

TEST(files, what_is_written_is_not_among_them) {
    const auto doc = parse("state_directory: state\nlog: {file: a.log, access: b.log}\nservers: []\n", "/etc/p.yaml");
    EXPECT_EQ(doc.settings.state_directory, "/etc/state");
    EXPECT_THAT(files_in(doc.settings), ElementsAre());
}
