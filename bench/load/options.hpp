// What the load client is asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace postern::load {

enum class protocol {
    http,  // GET, and an answer of 200
    line,  // a line to the backend, and a line back
    bare,  // a handshake and nothing else
};

enum class closing {
    server,  // we wait until the server closes
    clean,   // we send close_notify when we have our answer
    reset,   // we let the kernel send RST
};

struct options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::string server_name = "localhost";
    std::string authority;  // a PEM file to verify the server by; empty: its signature is checked, its issuers are not

    std::size_t connections = 32;  // at the same time, at most
    std::uint64_t count = 10'000;  // exchanges in all
    double rate = 0;               // exchanges a second; 0: the closed loop
    bool keep = false;             // an exchange is a request on a kept connection, not a connection
    bool resume = false;
    std::chrono::milliseconds timeout{10'000};

    load::protocol protocol = protocol::http;
    load::closing closing = closing::server;
    std::string tls = "1.3";
    std::string groups = "X25519";
    // In the order of OpenSSL's own clients.
    std::string suites = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";  // of TLS 1.3
    std::string ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";                                                // of TLS 1.2
    std::string path = "/";
};

// Ends the process by itself for --help and for words that it does not know.
options parse(int argc, char** argv);

}  // namespace postern::load
