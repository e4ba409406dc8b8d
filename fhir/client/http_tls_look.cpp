#include "fhir/client/http_tls_look.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

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

constexpr int try_again_ms = 50;

Error no_connection() { return Error(ErrorKind::Unavailable, "no connection can be made"); }

// Within the time, connection and handshake: BIO_do_connect(3).
bool connect(BIO* bio, const HttpOptions& options) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.connect_timeout);
    const bool done =
        BIO_do_connect_retry(bio, static_cast<int>(seconds.count()), try_again_ms) == 1;
    ERR_clear_error();
    return done;
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
    if (!is_ip_address(host)) SSL_set_tlsext_host_name(ssl, host.c_str());
    const bool is_v6 = host.find(':') != std::string::npos;
    const std::string name = is_v6 ? "[" + host + "]" : host;
    BIO_set_conn_hostname(bio.get(), (name + ":" + std::to_string(port)).c_str());
    BIO_set_nbio(bio.get(), 1);
    if (connect(bio.get(), options)) return read_certificate(ssl);
    if (peer.fault == TlsFault::None) return no_connection();
    return Error(ErrorKind::Forbidden, "the TLS handshake was refused")
        .with("tls", name_of(peer.fault));
}

}  // namespace consultd::fhir
