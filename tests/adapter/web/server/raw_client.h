// RawClient: a client that sends exactly the bytes a test says, over TCP or TLS, and a folder of
// certificates made for the run. It knows no HTTP but where an answer ends.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace consultd::testing {

class RawClient {
public:
    explicit RawClient(std::uint16_t port, const std::filesystem::path& certificates = {},
                       bool with_certificate = false) {
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        const timeval patience{8, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
        if (!certificates.empty())
            connected_ = connected_ && start_tls(certificates, with_certificate);
    }
    RawClient(RawClient&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)),
          context_(std::exchange(other.context_, nullptr)),
          tls_(std::exchange(other.tls_, nullptr)),
          connected_(other.connected_) {}
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;
    ~RawClient() {
        SSL_free(tls_);
        SSL_CTX_free(context_);
        if (socket_ >= 0) ::close(socket_);
    }

    bool connected() const { return connected_; }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = tls_ != nullptr
                                     ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                     : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    // What comes until the server closes or nothing comes for 8 s.
    std::string read_all() {
        std::string all;
        while (true) {
            const std::string piece = read_some();
            if (piece.empty()) return all;
            all += piece;
        }
    }
    // One answer: its header section and as many bytes as its Content-Length says.
    std::string read_answer() {
        std::string all;
        while (all.find("\r\n\r\n") == std::string::npos) {
            const std::string piece = read_some();
            if (piece.empty()) return all;
            all += piece;
        }
        const std::size_t body = all.find("\r\n\r\n") + 4;
        const std::size_t length = all.find("Content-Length: ");
        if (length == std::string::npos) return all;
        const std::size_t size = body + std::strtoul(all.c_str() + length + 16, nullptr, 10);
        while (all.size() < size) {
            const std::string piece = read_some();
            if (piece.empty()) return all;
            all += piece;
        }
        return all;
    }
    std::string ask(std::string_view bytes) {
        send(bytes);
        return read_answer();
    }

private:
    std::string read_some() {
        char piece[4096];
        const ssize_t count = tls_ != nullptr ? SSL_read(tls_, piece, sizeof piece)
                                              : ::recv(socket_, piece, sizeof piece, 0);
        return count > 0 ? std::string(piece, static_cast<std::size_t>(count)) : std::string();
    }
    bool start_tls(const std::filesystem::path& folder, bool with_certificate) {
        context_ = SSL_CTX_new(TLS_client_method());
        SSL_CTX_load_verify_file(context_, (folder / "ca.pem").c_str());
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        if (with_certificate) {
            SSL_CTX_use_certificate_file(context_, (folder / "client.pem").c_str(),
                                         SSL_FILETYPE_PEM);
            SSL_CTX_use_PrivateKey_file(context_, (folder / "client.key").c_str(),
                                        SSL_FILETYPE_PEM);
        }
        tls_ = SSL_new(context_);
        SSL_set_fd(tls_, socket_);
        SSL_set1_host(tls_, "localhost");
        return SSL_connect(tls_) == 1;
    }

    int socket_ = -1;
    SSL_CTX* context_ = nullptr;
    SSL* tls_ = nullptr;
    bool connected_ = false;
};

// ca.pem, server.pem/.key for localhost, client.pem/.key for "CN=it-desk", made once and removed.
class Certificates {
public:
    Certificates() {
        char name[] = "/tmp/certificates-XXXXXX";
        folder_ = ::mkdtemp(name);
        const std::string at = "cd " + folder_.string() + " && ";
        const std::string curve = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
        made_ = run(at + "openssl req -x509" + curve +
                    "-keyout ca.key -out ca.pem -subj /CN=ca -days 1") &&
                issue(at, curve, "server", "/CN=localhost", "subjectAltName=DNS:localhost") &&
                issue(at, curve, "client", "/O=General/CN=it-desk", "extendedKeyUsage=clientAuth");
    }
    ~Certificates() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    bool made() const { return made_; }
    const std::filesystem::path& folder() const { return folder_; }
    std::string file(std::string_view name) const { return folder_ / name; }

private:
    static bool run(const std::string& command) {
        return std::system(("(" + command + ") >/dev/null 2>&1").c_str()) == 0;
    }
    static bool issue(const std::string& at, const std::string& curve, const std::string& name,
                      const std::string& subject, const std::string& extension) {
        return run(at + "openssl req" + curve + "-keyout " + name + ".key -out " + name +
                   ".csr -subj " + subject + " && echo " + extension + " > " + name +
                   ".ext && openssl x509 -req -in " + name +
                   ".csr -CA ca.pem -CAkey ca.key -days 1" + " -CAcreateserial -extfile " + name +
                   ".ext -out " + name + ".pem");
    }
    std::filesystem::path folder_;
    bool made_ = false;
};

}  // namespace consultd::testing
