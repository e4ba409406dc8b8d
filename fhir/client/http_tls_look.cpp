#include "fhir/client/http_tls_look.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <ctime>
#include <memory>

#include "fhir/client/http_tls.h"

namespace consultd::fhir {
namespace {

template <auto function>
struct Free {
    template <class T>
    void operator()(T* pointer) const {
        function(pointer);
    }
};
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Addresses = std::unique_ptr<BIO_ADDRINFO, Free<BIO_ADDRINFO_free>>;

constexpr int try_again_ms = 50;

Error no_connection() { return Error(ErrorKind::Unavailable, "no connection can be made"); }

// Whether DNS, or the hosts file, knows the name. It waits as long as the system's resolver does.
bool has_address(const std::string& host, std::uint16_t port) {
    BIO_ADDRINFO* found = nullptr;
    const int done = BIO_lookup_ex(host.c_str(), std::to_string(port).c_str(), BIO_LOOKUP_CLIENT,
                                   AF_UNSPEC, SOCK_STREAM, 0, &found);
    const Addresses addresses(found);
    ERR_clear_error();
    return done == 1 && addresses;
}

bool is_connected(BIO* bio) {
    int socket = -1;
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    return BIO_get_fd(bio, &socket) >= 0 &&
           ::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
}

// Within the time, connection and handshake: BIO_do_connect(3). What came instead of TLS is known
// by its first record, or by its end.
enum class Handshake { Done, Failed, NoTls, NoAnswer };
Handshake connect(BIO* bio, const HttpOptions& options) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.connect_timeout);
    const bool done =
        BIO_do_connect_retry(bio, static_cast<int>(seconds.count()), try_again_ms) == 1;
    const unsigned long error = ERR_peek_error();
    ERR_clear_error();
    if (done) return Handshake::Done;
    const int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
    if (reason == SSL_R_WRONG_VERSION_NUMBER) return Handshake::NoTls;
    if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) return Handshake::NoAnswer;
    return Handshake::Failed;
}

Result<CertificateSeen> read_certificate(SSL* ssl) {
    X509* const certificate = SSL_get0_peer_certificate(ssl);
    std::tm until{};
    if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &until) != 1)
        return Error(ErrorKind::Malformed, "the certificate does not say until when it holds");
    return CertificateSeen{Instant(std::chrono::seconds(::timegm(&until)))};
}

}  // namespace

Result<CertificateSeen> look_at_certificate(const std::string& host, std::uint16_t port,
                                            const HttpOptions& options) {
    TRY_ASSIGN(const std::shared_ptr<const TlsIdentity> identity, TlsIdentity::load(options));
    TlsPeer peer;
    peer.host = host;
    const Context context(SSL_CTX_new(TLS_client_method()));
    if (!context || !identity->configure(context.get(), peer)) return no_connection();
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const Bio bio(BIO_new_ssl_connect(context.get()));
    SSL* ssl = nullptr;
    if (!bio || BIO_get_ssl(bio.get(), &ssl) != 1 || ssl == nullptr) return no_connection();
    if (!has_address(host, port)) return Error(ErrorKind::NotFound, "the host name has no address");
    if (!is_ip_address(host)) SSL_set_tlsext_host_name(ssl, host.c_str());
    const bool is_v6 = host.find(':') != std::string::npos;
    const std::string name = is_v6 ? "[" + host + "]" : host;
    BIO_set_conn_hostname(bio.get(), (name + ":" + std::to_string(port)).c_str());
    BIO_set_nbio(bio.get(), 1);
    const Handshake handshake = connect(bio.get(), options);
    if (handshake == Handshake::Done) return read_certificate(ssl);
    if (handshake == Handshake::NoTls)
        return Error(ErrorKind::Malformed, "the server speaks no TLS at this port");
    const bool is_silent = peer.fault == TlsFault::None && is_connected(bio.get());
    if (handshake == Handshake::NoAnswer || is_silent)
        return Error(ErrorKind::Malformed, "the server hangs up, or is silent, when TLS begins");
    if (peer.fault == TlsFault::None) return no_connection();
    return Error(ErrorKind::Forbidden, "the TLS handshake was refused")
        .with("tls", name_of(peer.fault));
}

}  // namespace consultd::fhir
