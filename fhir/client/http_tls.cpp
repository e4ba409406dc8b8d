#include "fhir/client/http_tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <vector>

#include "fhir/base/secret.h"

namespace consultd::fhir {
namespace {

template <auto function>
struct Free {
    template <class T>
    void operator()(T* pointer) const {
        function(pointer);
    }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Store = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

constexpr const char* system_bundle = "/etc/ssl/certs/ca-certificates.crt";  // Debian's

TlsFault fault_of_verification(int code) {
    switch (code) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return TlsFault::HostnameMismatch;
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return TlsFault::CertificateExpired;
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return TlsFault::SelfSigned;
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return TlsFault::UntrustedIssuer;
        default:
            return TlsFault::Other;
    }
}

// Alerts by number: https://www.rfc-editor.org/rfc/rfc8446#section-6.
TlsFault fault_of_alert(int alert, bool received) {
    if (alert == SSL_AD_PROTOCOL_VERSION) return TlsFault::ProtocolVersion;
    if (!received) return TlsFault::Other;
    switch (alert) {
        case SSL_AD_NO_CERTIFICATE:
        case SSL_AD_BAD_CERTIFICATE:
        case SSL_AD_UNSUPPORTED_CERTIFICATE:
        case SSL_AD_CERTIFICATE_REVOKED:
        case SSL_AD_CERTIFICATE_EXPIRED:
        case SSL_AD_CERTIFICATE_UNKNOWN:
        case SSL_AD_UNKNOWN_CA:
        case SSL_AD_ACCESS_DENIED:
        case 116:
            return TlsFault::ClientCertificate;  // certificate_required
        default:
            return TlsFault::Other;
    }
}

int peer_index() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

// The first reason stands: what follows is a consequence of it.
void note(TlsPeer& peer, TlsFault fault) {
    TlsFault none = TlsFault::None;
    peer.fault.compare_exchange_strong(none, fault);
}

// The library's callback would look for the Host header's text in the certificate, and in its CN.
int as_openssl_found(int ok, X509_STORE_CTX*) { return ok; }

int verify(X509_STORE_CTX* context, void* peer) {
    X509_STORE_CTX_set_verify_cb(context, as_openssl_found);
    const int ok = X509_verify_cert(context);
    if (ok != 1)
        note(*static_cast<TlsPeer*>(peer),
             fault_of_verification(X509_STORE_CTX_get_error(context)));
    return ok;
}

void observe(const SSL* ssl, int where, int value) {
    auto* peer = static_cast<TlsPeer*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), peer_index()));
    if (peer == nullptr) return;
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0) peer->agreed = true;
    if ((where & SSL_CB_ALERT) == 0) return;
    const int alert = value & 0xff;
    if ((value >> 8) == SSL3_AL_FATAL && alert != SSL_AD_CLOSE_NOTIFY)
        note(*peer, fault_of_alert(alert, (where & SSL_CB_READ) != 0));
}

// Called with the header of each record that comes, before the record is read.
void count_record(int is_written, int, int content_type, const void* bytes, std::size_t size,
                  SSL* ssl, void* of_peer) {
    if (is_written != 0 || content_type != SSL3_RT_HEADER || size < SSL3_RT_HEADER_LENGTH) return;
    auto& peer = *static_cast<TlsPeer*>(of_peer);
    const auto* header = static_cast<const unsigned char*>(bytes);
    peer.bytes_left -= header[3] << 8 | header[4];
    if (peer.flooded()) SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

Status load_trust(X509_STORE& store, const std::string& file) {
    if (X509_STORE_load_file(&store, file.c_str()) == 1) return {};
    ERR_clear_error();
    return Error(ErrorKind::Config, "file of trusted certificates cannot be read");
}

// The leaf first, then what leads to a root.
Result<std::vector<Certificate>> load_chain(const std::string& file) {
    std::vector<Certificate> chain;
    Bio bio(BIO_new_file(file.c_str(), "r"));
    while (bio) {
        Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
        if (!certificate) break;
        chain.push_back(std::move(certificate));
    }
    ERR_clear_error();
    if (chain.empty()) return Error(ErrorKind::Config, "client certificate cannot be read");
    return chain;
}

Result<PrivateKey> load_key(const std::string& file) {
    TRY_ASSIGN(const Secret pem, read_secret_file(file));
    Bio bio(BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.reveal().size())));
    // No passphrase is asked for on a terminal: a daemon has none.
    auto no_passphrase = [](char*, int, int, void*) { return -1; };
    PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!key) return Error(ErrorKind::Config, "client key cannot be read");
    return key;
}

bool expect_name(X509_VERIFY_PARAM* param, const std::string& host) {
    X509_VERIFY_PARAM_set_hostflags(
        param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_ip_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str()) == 1;
    return X509_VERIFY_PARAM_set1_host(param, host.c_str(), host.size()) == 1;
}

}  // namespace

bool is_ip_address(const std::string& host) {
    unsigned char address[sizeof(in6_addr)];
    return inet_pton(AF_INET, host.c_str(), address) == 1 ||
           inet_pton(AF_INET6, host.c_str(), address) == 1;
}

StaticText name_of(TlsFault fault) {
    switch (fault) {
        case TlsFault::None:
            return "none";
        case TlsFault::HostnameMismatch:
            return "hostname mismatch";
        case TlsFault::CertificateExpired:
            return "certificate expired";
        case TlsFault::SelfSigned:
            return "self-signed certificate";
        case TlsFault::UntrustedIssuer:
            return "untrusted issuer";
        case TlsFault::ProtocolVersion:
            return "protocol version";
        case TlsFault::ClientCertificate:
            return "client certificate refused";
        case TlsFault::Other:
            break;
    }
    return "other";
}

struct TlsIdentity::Native {
    Store store;
    std::vector<Certificate> chain;  // empty: no client certificate
    PrivateKey key;
};

TlsIdentity::TlsIdentity(std::unique_ptr<const Native> native) : native_(std::move(native)) {}
TlsIdentity::~TlsIdentity() = default;

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::load(const HttpOptions& options) {
    auto native = std::make_unique<Native>();
    native->store.reset(X509_STORE_new());
    if (!native->store) return Error(ErrorKind::Config, "OpenSSL has no memory for a trust store");
    TRY(load_trust(*native->store, options.ca_file.empty() ? system_bundle : options.ca_file));
    if (!options.certificate_file.empty()) {
        TRY_ASSIGN(native->chain, load_chain(options.certificate_file));
        TRY_ASSIGN(native->key, load_key(options.key_file));
        if (X509_check_private_key(native->chain.front().get(), native->key.get()) != 1) {
            ERR_clear_error();
            return Error(ErrorKind::Config, "client key is not the client certificate's");
        }
    }
    return std::make_shared<const TlsIdentity>(std::move(native));
}

bool TlsIdentity::configure(ssl_ctx_st* context, TlsPeer& peer) const {
    bool ok = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
              SSL_CTX_set_ex_data(context, peer_index(), &peer) == 1 &&
              expect_name(SSL_CTX_get0_param(context), peer.host);
    SSL_CTX_set1_cert_store(context, native_->store.get());
    SSL_CTX_set_cert_verify_callback(context, verify, &peer);
    SSL_CTX_set_info_callback(context, observe);
    SSL_CTX_set_msg_callback(context, count_record);
    SSL_CTX_set_msg_callback_arg(context, &peer);
    if (!native_->chain.empty()) {
        ok = ok && SSL_CTX_use_certificate(context, native_->chain.front().get()) == 1 &&
             SSL_CTX_use_PrivateKey(context, native_->key.get()) == 1;
        for (std::size_t i = 1; ok && i < native_->chain.size(); ++i)
            ok = SSL_CTX_add1_chain_cert(context, native_->chain[i].get()) == 1;
    }
    return ok;
}

}  // namespace consultd::fhir
