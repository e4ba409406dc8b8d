// TLS of outgoing connections: whom we trust, who we are, against which name the certificate is
// checked, and why a handshake failed. OpenSSL only; knows neither HTTP nor the library that
// connects. https://www.rfc-editor.org/rfc/rfc9525: names are looked for in subjectAltName, never
// in the CN.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "fhir/base/result.h"
#include "fhir/client/http.h"

struct ssl_ctx_st;

namespace consultd::fhir {

enum class TlsFault {
    None,
    HostnameMismatch,
    CertificateExpired,
    SelfSigned,
    UntrustedIssuer,
    ProtocolVersion,
    ClientCertificate,  // the server wants one, or not this one
    Other,
};
StaticText name_of(TlsFault fault);

// An IPv4 or IPv6 address, the latter without brackets.
bool is_ip_address(const std::string& host);

// One connection's peer: the name it must prove, whether the handshake is done, what was wrong with
// it, how much it may send.
struct TlsPeer {
    std::string host;  // a DNS name or an IP literal
    std::atomic<bool> agreed{false};
    std::atomic<TlsFault> fault{TlsFault::None};
    // Of TLS records, in bytes. With the record that goes over it the connection reads as ended.
    std::atomic<std::int64_t> bytes_left{std::int64_t{1} << 20};
    bool flooded() const { return bytes_left < 0; }
};

class TlsIdentity {
public:
    // Reads the trust store and the client certificate once, for all connections.
    // Config: a file that cannot be read or used, a key that is not the certificate's.
    static Result<std::shared_ptr<const TlsIdentity>> load(const HttpOptions& options);
    // Sets up a context for one connection. `peer` must outlive the connection. False: OpenSSL
    // would not; the connection must not be made.
    bool configure(ssl_ctx_st* context, TlsPeer& peer) const;

    struct Native;
    explicit TlsIdentity(std::unique_ptr<const Native> native);
    ~TlsIdentity();

private:
    std::unique_ptr<const Native> native_;
};

}  // namespace consultd::fhir
