#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <array>
#include <cassert>

#include "fhir/base/crypto_native.h"
#include "fhir/base/jws.h"

namespace consultd::jws {
namespace {

using crypto::as_bytes;

// https://www.rfc-editor.org/rfc/rfc7518#section-3.1: the algorithm says the kind of key, its curve
// and the digest.
struct Row {
    std::string_view algorithm, kty, crv;
    const char* digest;
    std::size_t number_size;  // of a coordinate, and of each half of a signature
};
constexpr std::array<Row, 4> table{{
    {"RS256", "RSA", "", "SHA256", 0},
    {"RS384", "RSA", "", "SHA384", 0},
    {"ES256", "EC", "P-256", "SHA256", 32},
    {"ES384", "EC", "P-384", "SHA384", 48},
}};

struct FreeParts {
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};

// Null: the coordinates make no key.
crypto::PKey ec_key(const Row& row, const PublicJwk& jwk) {
    const auto x = crypto::from_base64url(jwk.x);
    const auto y = crypto::from_base64url(jwk.y);
    if (!x || !y || x->size() != row.number_size || y->size() != row.number_size) return nullptr;
    const std::string point = '\x04' + *x + *y;
    const std::string curve(row.crv);
    const std::unique_ptr<OSSL_PARAM_BLD, FreeParts> builder(OSSL_PARAM_BLD_new());
    crypto::require(builder != nullptr);
    crypto::require(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                                    curve.c_str(), 0) == 1 &&
                    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                                     point.data(), point.size()) == 1);
    const std::unique_ptr<OSSL_PARAM, FreeParts> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const crypto::PKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    crypto::require(parameters != nullptr && context != nullptr);
    crypto::require(EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return crypto::PKey(key);
}

// Raw R‖S (RFC 7518 §3.4) as the DER that OpenSSL takes; empty: its size is wrong.
std::string der_of(const Row& row, std::string_view raw) {
    if (raw.size() != 2 * row.number_size) return {};
    const std::unique_ptr<ECDSA_SIG, FreeParts> parts(ECDSA_SIG_new());
    crypto::require(parts != nullptr);
    const auto number = [&](std::string_view bytes) {
        return BN_bin2bn(as_bytes(bytes), static_cast<int>(bytes.size()), nullptr);
    };
    crypto::require(ECDSA_SIG_set0(parts.get(), number(raw.substr(0, row.number_size)),
                                   number(raw.substr(row.number_size))) == 1);
    unsigned char* out = nullptr;
    const int size = i2d_ECDSA_SIG(parts.get(), &out);
    crypto::require(size > 0);
    std::string der(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
    OPENSSL_free(out);
    return der;
}

bool is_signed_by(EVP_PKEY* key, const char* digest, std::string_view bytes,
                  std::string_view signature) {
    const crypto::DigestContext context(EVP_MD_CTX_new());
    crypto::require(context != nullptr);
    crypto::require(EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key,
                                            nullptr) == 1);
    const bool holds = EVP_DigestVerify(context.get(), as_bytes(signature), signature.size(),
                                        as_bytes(bytes), bytes.size()) == 1;
    ERR_clear_error();
    return holds;
}

}  // namespace

bool verifies(std::string_view algorithm, const PublicJwk& jwk, std::string_view signing_input,
              std::string_view signature) {
    for (const Row& row : table) {
        if (row.algorithm != algorithm || row.kty != jwk.kty || row.crv != jwk.crv) continue;
        if (row.kty == "RSA") {
            const Result<crypto::Key> key = rsa_from_jwk(jwk.n, jwk.e);
            return key &&
                   is_signed_by(key->native().pkey.get(), row.digest, signing_input, signature);
        }
        const crypto::PKey key = ec_key(row, jwk);
        ERR_clear_error();
        const std::string der = der_of(row, signature);
        return key != nullptr && !der.empty() &&
               is_signed_by(key.get(), row.digest, signing_input, der);
    }
    return false;
}

std::string sign_rs256(const crypto::Key& key, std::string_view claims) {
    assert(key.is_private() && key.type() == crypto::Key::Type::Rsa);
    const std::string header = R"({"alg":"RS256","kid":")" + thumbprint(key) + R"(","typ":"JWT"})";
    const std::string input = crypto::base64url(header) + '.' + crypto::base64url(claims);
    const crypto::DigestContext context(EVP_MD_CTX_new());
    crypto::require(context != nullptr);
    crypto::require(EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr,
                                          key.native().pkey.get(), nullptr) == 1);
    std::size_t size = 0;
    crypto::require(EVP_DigestSign(context.get(), nullptr, &size, as_bytes(input), input.size()) ==
                    1);
    std::string signature(size, '\0');
    crypto::require(EVP_DigestSign(context.get(), as_bytes(signature), &size, as_bytes(input),
                                   input.size()) == 1);
    return input + '.' + crypto::base64url(signature);
}

}  // namespace consultd::jws
