#include "fhir/base/jws.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <cassert>

#include "fhir/base/crypto_native.h"

namespace consultd::jws {
namespace {

using crypto::base64url;
using crypto::from_base64url;
using crypto::Key;

constexpr std::size_t p384_size = 48;
constexpr std::size_t token_bytes_max = std::size_t{64} << 10;

struct FreeParameters {
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
    void operator()(BIGNUM* number) const { BN_free(number); }
};
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeParameters>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeParameters>;
using BigNumber = std::unique_ptr<BIGNUM, FreeParameters>;

// The members that make the key, in the order of RFC 7638 §3.2, without the braces.
std::string required_members(const Key& key) {
    assert(key.type() != Key::Type::Ed25519);
    const EVP_PKEY* const pkey = key.native().pkey.get();
    const auto member = [&](const char* name, std::size_t size) {
        return base64url(crypto::number_of(pkey, name, size));
    };
    if (key.type() == Key::Type::Rsa)
        return R"("e":")" + member(OSSL_PKEY_PARAM_RSA_E, 0) + R"(","kty":"RSA","n":")" +
               member(OSSL_PKEY_PARAM_RSA_N, 0) + '"';
    return R"("crv":"P-384","kty":"EC","x":")" + member(OSSL_PKEY_PARAM_EC_PUB_X, p384_size) +
           R"(","y":")" + member(OSSL_PKEY_PARAM_EC_PUB_Y, p384_size) + '"';
}

Result<Key> key_from(const char* type, OSSL_PARAM_BLD* builder) {
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
    const crypto::PKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    crypto::require(parameters != nullptr && context != nullptr);
    crypto::require(EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY* pkey = nullptr;
    const bool made =
        EVP_PKEY_fromdata(context.get(), &pkey, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
    crypto::PKey owned(pkey);
    if (!made) owned.reset();
    return crypto::KeyAccess::make(std::move(owned), false, ErrorKind::Malformed);
}

}  // namespace

std::string_view algorithm_of(const Key& key) {
    switch (key.type()) {
        case Key::Type::Rsa:
            return "RS384";
        case Key::Type::EcP384:
            return "ES384";
        case Key::Type::Ed25519:
            break;
    }
    return {};
}

std::string thumbprint(const Key& key) {
    return base64url(crypto::sha256('{' + required_members(key) + '}'));
}

std::string public_jwk(const Key& key) {
    std::string out = R"({"kid":")" + thumbprint(key) + R"(","alg":")";
    out += algorithm_of(key);
    out += R"(","use":"sig",)" + required_members(key) + '}';
    return out;
}

std::string public_jwks(const std::vector<Key>& keys) {
    std::string out = R"({"keys":[)";
    for (const Key& key : keys) {
        if (out.back() == '}') out += ',';
        out += public_jwk(key);
    }
    return out + "]}";
}

std::string sign(const Key& key, std::string_view claims) {
    std::string header = R"({"alg":")";
    header += algorithm_of(key);
    header += R"(","kid":")" + thumbprint(key) + R"(","typ":"JWT"})";
    const std::string signing_input = base64url(header) + '.' + base64url(claims);
    return signing_input + '.' + base64url(key.sign(signing_input));
}

Result<Key> rsa_from_jwk(std::string_view n, std::string_view e) {
    const auto modulus = from_base64url(n);
    const auto exponent = from_base64url(e);
    if (!modulus || !exponent || modulus->size() > 2048 || exponent->size() > 16)
        return Error(ErrorKind::Malformed, "RSA key's members are not numbers in base64url");
    const auto number = [](const std::string& bytes) {
        return BigNumber(BN_bin2bn(crypto::as_bytes(std::string_view(bytes)),
                                   static_cast<int>(bytes.size()), nullptr));
    };
    const BigNumber modulus_number = number(*modulus);
    const BigNumber exponent_number = number(*exponent);
    const Builder builder(OSSL_PARAM_BLD_new());
    crypto::require(builder != nullptr && modulus_number != nullptr && exponent_number != nullptr);
    // An exponent of 1 would make every signature its own message.
    if (BN_is_odd(exponent_number.get()) == 0 || BN_num_bits(exponent_number.get()) < 2 ||
        BN_is_odd(modulus_number.get()) == 0)
        return Error(ErrorKind::Malformed, "RSA key's numbers make no key");
    crypto::require(
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus_number.get()) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent_number.get()) == 1);
    return key_from("RSA", builder.get());
}

Result<Key> p384_from_jwk(std::string_view x, std::string_view y) {
    const auto left = from_base64url(x);
    const auto right = from_base64url(y);
    if (!left || !right || left->size() != p384_size || right->size() != p384_size)
        return Error(ErrorKind::Malformed, "P-384 key's coordinates are not 48 bytes in base64url");
    const std::string point = '\x04' + *left + *right;
    const Builder builder(OSSL_PARAM_BLD_new());
    crypto::require(builder != nullptr);
    crypto::require(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                                    "P-384", 0) == 1 &&
                    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                                     point.data(), point.size()) == 1);
    return key_from("EC", builder.get());
}

Result<Compact> split(std::string_view token) {
    const Error malformed(ErrorKind::Malformed, "token is not a compact JWS");
    if (token.size() > token_bytes_max) return malformed;
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) return malformed;
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos) return malformed;
    auto header = from_base64url(token.substr(0, first));
    auto payload = from_base64url(token.substr(first + 1, second - first - 1));
    auto signature = from_base64url(token.substr(second + 1));  // a third dot is no base64url
    if (!header || !payload || !signature || header->empty() || signature->empty())
        return malformed;
    return Compact{std::move(*header), std::move(*payload), std::string(token.substr(0, second)),
                   std::move(*signature)};
}

}  // namespace consultd::jws
