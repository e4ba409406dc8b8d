#include "tests/support/evil_server.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>

namespace consultd::testing {
namespace {

void require(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(what);
}

std::string pem_of(const std::function<int(BIO*)>& write) {
    BIO* bio = BIO_new(BIO_s_mem());
    require(write(bio) == 1, "PEM");
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

std::string pem(X509* certificate) {
    return pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string pem(EVP_PKEY* key) {
    return pem_of([&](BIO* bio) {
        return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    require(extension != nullptr, "extension");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

X509* blank(EVP_PKEY* key, const std::string& common_name, int from_hours, int to_hours) {
    static std::atomic<long> serial{1};
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), from_hours * 3600L);
    X509_gmtime_adj(X509_getm_notAfter(certificate), to_hours * 3600L);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                               0);
    return certificate;
}

SSL_CTX* server_context(const ServerTls& tls) {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    BIO* certificate_bio =
        BIO_new_mem_buf(tls.identity.certificate.data(), int(tls.identity.certificate.size()));
    X509* certificate = PEM_read_bio_X509(certificate_bio, nullptr, nullptr, nullptr);
    BIO* key_bio = BIO_new_mem_buf(tls.identity.key.data(), int(tls.identity.key.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
    require(SSL_CTX_use_certificate(context, certificate) == 1, "server certificate");
    require(SSL_CTX_use_PrivateKey(context, key) == 1, "server key");
    if (!tls.client_root.empty()) {
        BIO* root_bio = BIO_new_mem_buf(tls.client_root.data(), int(tls.client_root.size()));
        X509* root = PEM_read_bio_X509(root_bio, nullptr, nullptr, nullptr);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        X509_free(root);
        BIO_free(root_bio);
    }
    if (tls.tls_1_1_only) {
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION);
        SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(certificate_bio);
    BIO_free(key_bio);
    return context;
}

// A socket that listens on a free port of the loopback address; negative when there is none.
int listen_on(int family, int queue_length = 64) {
    const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    const int bound = family == AF_INET
                          ? ::bind(socket, reinterpret_cast<sockaddr*>(&v4), sizeof v4)
                          : ::bind(socket, reinterpret_cast<sockaddr*>(&v6), sizeof v6);
    if (bound == 0 && ::listen(socket, queue_length) == 0) return socket;
    ::close(socket);
    return -1;
}

std::uint16_t port_of(int socket) {
    // The port lies at the same place in both kinds of address.
    sockaddr_in6 address{};
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin6_port);
}

// What the client still sends must not turn our alert into an RST that overtakes it.
void linger_after_alert(int socket) {
    ::shutdown(socket, SHUT_WR);
    char block[4096];
    for (pollfd wait{socket, POLLIN, 0}; ::poll(&wait, 1, 500) == 1;)
        if (::recv(socket, block, sizeof block, 0) <= 0) return;
}

}  // namespace

struct TestAuthority::Native {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = nullptr;
};

TestAuthority::TestAuthority() : native_(std::make_unique<Native>()) {
    X509* root =
        blank(native_->key, "a root of " + std::to_string(std::random_device()()), -48, 48);
    X509_set_issuer_name(root, X509_get_subject_name(root));
    extend(root, root, NID_basic_constraints, "critical,CA:TRUE");
    extend(root, root, NID_key_usage, "critical,keyCertSign");
    extend(root, root, NID_subject_key_identifier, "hash");
    require(X509_sign(root, native_->key, EVP_sha256()) != 0, "sign");
    native_->certificate = root;
}

TestAuthority::~TestAuthority() {
    X509_free(native_->certificate);
    EVP_PKEY_free(native_->key);
}

std::string TestAuthority::root() const { return pem(native_->certificate); }

Certified TestAuthority::issue(const CertificateSpec& spec) const {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* leaf = blank(key, spec.common_name, spec.from_hours, spec.to_hours);
    X509* issuer = spec.self_signed ? leaf : native_->certificate;
    X509_set_issuer_name(leaf, X509_get_subject_name(issuer));
    std::string names;
    for (const std::string& name : spec.names) names += (names.empty() ? "" : ",") + name;
    if (!names.empty()) extend(leaf, issuer, NID_subject_alt_name, names);
    require(X509_sign(leaf, spec.self_signed ? key : native_->key, EVP_sha256()) != 0, "sign");
    Certified certified{pem(leaf), pem(key)};
    X509_free(leaf);
    EVP_PKEY_free(key);
    return certified;
}

TestFiles::TestFiles() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "consultd-test-XXXXXX").string();
    require(::mkdtemp(pattern.data()) != nullptr, "mkdtemp");
    folder_ = pattern;
}

TestFiles::~TestFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string TestFiles::write(const std::string& name, std::string_view content) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
}

long EvilPeer::read_some(char* bytes, std::size_t count) {
    if (ssl_ != nullptr) return SSL_read(static_cast<SSL*>(ssl_), bytes, static_cast<int>(count));
    return ::recv(socket_, bytes, count, 0);
}

std::optional<std::string> EvilPeer::read_request() {
    const auto read_more = [this] {
        char block[16384];
        const long got = read_some(block, sizeof block);
        if (got > 0) pending_.append(block, static_cast<std::size_t>(got));
        return got > 0;
    };
    std::size_t head = 0;
    while ((head = pending_.find("\r\n\r\n")) == std::string::npos)
        if (!read_more()) return std::nullopt;
    head += 4;
    std::size_t length = 0;
    if (const auto at = pending_.find("Content-Length:"); at < head)
        length = std::strtoul(pending_.c_str() + at + 15, nullptr, 10);
    while (pending_.size() < head + length)
        if (!read_more()) return std::nullopt;
    std::string request = pending_.substr(0, head + length);
    pending_.erase(0, head + length);
    return request;
}

bool EvilPeer::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const long sent =
            ssl_ != nullptr
                ? SSL_write(static_cast<SSL*>(ssl_), bytes.data(), static_cast<int>(bytes.size()))
                : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool EvilPeer::drip(std::string_view bytes, std::size_t piece, std::chrono::milliseconds pause) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
        if (!write(bytes.substr(0, piece)) || !wait(pause)) return false;
    return true;
}

bool EvilPeer::wait(std::chrono::milliseconds span) {
    const auto until = std::chrono::steady_clock::now() + span;
    while (!*stopped_ && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(
            std::min<std::chrono::milliseconds>(span, std::chrono::milliseconds(5)));
    return !*stopped_;
}

void EvilPeer::reset() {
    const linger hard{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    orderly_ = false;
}

EvilServer::EvilServer(Script script, std::optional<ServerTls> tls, Loopback loopback)
    : script_(std::move(script)) {
    std::signal(SIGPIPE, SIG_IGN);
    if (tls) context_ = server_context(*tls);
    listener_ = listen_on(loopback == Loopback::V4 ? AF_INET : AF_INET6);
    require(listener_ >= 0, "listen");
    port_ = port_of(listener_);
    acceptor_ = std::thread([this] { accept_all(); });
}

bool EvilServer::has_ipv6() {
    const int socket = listen_on(AF_INET6);
    if (socket >= 0) ::close(socket);
    return socket >= 0;
}

EvilServer::~EvilServer() {
    stopped_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [socket, open] : sockets_)
            if (open) ::shutdown(socket, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
    if (context_ != nullptr) SSL_CTX_free(static_cast<SSL_CTX*>(context_));
}

std::string EvilServer::url(std::string_view path, std::string_view host) const {
    return (context_ != nullptr ? "https://" : "http://") + std::string(host) + ":" +
           std::to_string(port_) + std::string(path);
}

void EvilServer::accept_all() {
    while (!stopped_) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        ++connections_;
        const std::lock_guard lock(mutex_);
        sockets_[socket] = true;
        threads_.emplace_back([this, socket] { serve(socket); });
    }
}

void EvilServer::serve(int socket) {
    SSL* ssl = nullptr;
    bool ready = true;
    if (context_ != nullptr) {
        ssl = SSL_new(static_cast<SSL_CTX*>(context_));
        SSL_set_fd(ssl, socket);
        ready = SSL_accept(ssl) == 1;
    }
    EvilPeer peer(socket, ssl, &stopped_);
    if (ready) script_(peer);
    if (!ready) linger_after_alert(socket);
    if (ssl != nullptr) {
        if (ready && peer.orderly_) SSL_shutdown(ssl);
        SSL_free(ssl);
    }
    const std::lock_guard lock(mutex_);
    sockets_.erase(socket);
    ::close(socket);
}

FullListener::FullListener() : listener_(listen_on(AF_INET, 0)), port_(port_of(listener_)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 8; ++i) {
        waiting_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        (void)::connect(waiting_.back(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
}

FullListener::~FullListener() {
    for (const int socket : waiting_) ::close(socket);
    ::close(listener_);
}

std::string http_answer(std::string_view body, std::string_view headers, std::string_view status) {
    return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string gzip(std::string_view plain) {
    z_stream stream{};
    require(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "gzip");
    std::string out(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "gzip");
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

}  // namespace consultd::testing
