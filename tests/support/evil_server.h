// EvilServer: a small HTTP server in this process that does to each connection what a script tells
// it, on raw sockets, with or without TLS. Certificates are made at run time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace consultd::testing {

// A key and a certificate chain, both PEM.
struct Certified {
    std::string certificate;
    std::string key;
};

struct CertificateSpec {
    std::vector<std::string> names = {"DNS:localhost"};  // subjectAltName; empty: none
    std::string common_name = "a server";
    int from_hours = -24, to_hours = 24;
    bool self_signed = false;
};

// A certificate authority that lives as long as the test.
class TestAuthority {
public:
    TestAuthority();
    ~TestAuthority();
    Certified issue(const CertificateSpec& spec = {}) const;
    std::string root() const;  // PEM

private:
    struct Native;
    std::unique_ptr<Native> native_;
};

// Files of a test, removed with it.
class TestFiles {
public:
    TestFiles();
    ~TestFiles();
    std::string write(const std::string& name, std::string_view content) const;  // mode 0600

private:
    std::string folder_;
};

struct ServerTls {
    Certified identity;
    std::string client_root;  // PEM; not empty: a client certificate is required
    bool tls_1_1_only = false;
};

// One connection, as the script sees it.
class EvilPeer {
public:
    // The next request, head and body (by its Content-Length); absent when the client is gone.
    std::optional<std::string> read_request();
    bool write(std::string_view bytes);  // false when the client is gone
    // In pieces with pauses between them.
    bool drip(std::string_view bytes, std::size_t piece, std::chrono::milliseconds pause);
    // Returns false when the server is being stopped.
    bool wait(std::chrono::milliseconds span);
    void reset();                         // ends with RST instead of FIN
    void abandon() { orderly_ = false; }  // TLS: no close_notify
    bool stopped() const { return *stopped_; }

private:
    friend class EvilServer;
    EvilPeer(int socket, void* ssl, const std::atomic<bool>* stopped)
        : socket_(socket), ssl_(ssl), stopped_(stopped) {}
    long read_some(char* bytes, std::size_t count);
    int socket_;
    void* ssl_;
    const std::atomic<bool>* stopped_;
    bool orderly_ = true;
    std::string pending_;
};

class EvilServer {
public:
    enum class Loopback { V4, V6 };
    using Script = std::function<void(EvilPeer&)>;
    // The script runs once for each connection, each in a thread; the connection is closed after
    // it.
    explicit EvilServer(Script script, std::optional<ServerTls> tls = std::nullopt,
                        Loopback loopback = Loopback::V4);
    static bool has_ipv6();  // some machines have no ::1
    ~EvilServer();

    std::uint16_t port() const { return port_; }
    // "http://localhost:4711/path", or https.
    std::string url(std::string_view path = "/", std::string_view host = "localhost") const;
    int connections() const { return connections_; }

private:
    void accept_all();
    void serve(int socket);

    Script script_;
    void* context_ = nullptr;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopped_{false};
    std::atomic<int> connections_{0};
    std::mutex mutex_;
    std::map<int, bool> sockets_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

// A port whose queue is full: whoever connects waits for ever.
class FullListener {
public:
    FullListener();
    ~FullListener();
    std::uint16_t port() const { return port_; }

private:
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::vector<int> waiting_;
};

// "HTTP/1.1 200 OK" with these headers ("Name: value\r\n"…) and a Content-Length.
std::string http_answer(std::string_view body, std::string_view headers = "",
                        std::string_view status = "200 OK");
std::string gzip(std::string_view plain);

}  // namespace consultd::testing
