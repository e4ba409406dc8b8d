// Key: EVP_PKEY behind the wall of crypto.h.
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <cassert>

#include "fhir/base/crypto_native.h"

namespace consultd::crypto {
namespace {

constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 8192;  // a larger one costs us more than it protects
constexpr int p384_size = 48;

struct FreeMore {
    void operator()(BIO* bio) const { BIO_free_all(bio); }
    void operator()(BIGNUM* number) const { BN_clear_free(number); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using Bio = std::unique_ptr<BIO, FreeMore>;
using BigNumber = std::unique_ptr<BIGNUM, FreeMore>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, FreeMore>;

// What a failed call leaves in OpenSSL's queue must not be taken for an error of the TLS
// connection that this thread serves next.
struct ClearedErrors {
    ~ClearedErrors() { ERR_clear_error(); }
};

// An encrypted PEM must not make OpenSSL ask for a pass phrase on the terminal.
int no_pass_phrase(char*, int, int, void*) { return -1; }

Bio reader_of(std::string_view text) {
    Bio bio(BIO_new_mem_buf(as_bytes(text), static_cast<int>(text.size())));
    require(bio != nullptr);
    return bio;
}

std::string written(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string raw_from_der(std::string_view der) {
    const unsigned char* at = as_bytes(der);
    const EcdsaSignature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    require(parsed != nullptr);
    std::string raw(2 * p384_size, '\0');
    unsigned char* const out = as_bytes(raw);
    require(BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out, p384_size) == p384_size);
    require(BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out + p384_size, p384_size) == p384_size);
    return raw;
}

std::string der_from_raw(std::string_view raw) {
    const EcdsaSignature signature(ECDSA_SIG_new());
    BigNumber r(BN_bin2bn(as_bytes(raw), p384_size, nullptr));
    BigNumber s(BN_bin2bn(as_bytes(raw) + p384_size, p384_size, nullptr));
    require(signature != nullptr && r != nullptr && s != nullptr);
    require(ECDSA_SIG_set0(signature.get(), r.release(), s.release()) == 1);
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    require(size > 0);
    std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

const char* digest_name(Key::Type type) {
    return type == Key::Type::Ed25519 ? nullptr : "SHA384";  // Ed25519 hashes by itself
}

std::optional<Key::Type> type_of(EVP_PKEY* pkey) {
    if (EVP_PKEY_is_a(pkey, "ED25519") == 1) return Key::Type::Ed25519;
    if (EVP_PKEY_is_a(pkey, "RSA") == 1) {
        const int bits = EVP_PKEY_get_bits(pkey);
        if (bits >= rsa_bits_min && bits <= rsa_bits_max) return Key::Type::Rsa;
        return std::nullopt;
    }
    std::array<char, 64> group{};
    std::size_t size = 0;
    if (EVP_PKEY_is_a(pkey, "EC") == 1 &&
        EVP_PKEY_get_group_name(pkey, group.data(), group.size(), &size) == 1 &&
        std::string_view(group.data(), size) == "secp384r1")
        return Key::Type::EcP384;
    return std::nullopt;
}

}  // namespace

Result<Key> KeyAccess::make(PKey pkey, bool is_private, ErrorKind kind) {
    const ClearedErrors cleared;
    if (pkey == nullptr) return Error(kind, "key cannot be read");
    const std::optional<Key::Type> type = type_of(pkey.get());
    if (!type) return Error(kind, "key is none of Ed25519, RSA of 2048 to 8192 bits, EC P-384");
    return Key(
        std::make_shared<const Key::Native>(Key::Native{std::move(pkey), *type, is_private}));
}

std::string number_of(const EVP_PKEY* key, const char* name, std::size_t size) {
    BIGNUM* raw = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &raw) == 1);
    const BigNumber number(raw);
    const int length = size == 0 ? BN_num_bytes(raw) : static_cast<int>(size);
    std::string out(static_cast<std::size_t>(length), '\0');
    require(BN_bn2binpad(raw, as_bytes(out), length) == length);
    return out;
}

Result<Key> Key::generate(Type type) {
    EVP_PKEY* pkey = nullptr;
    switch (type) {
        case Type::Ed25519:
            pkey = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
            break;
        case Type::Rsa:
            pkey = EVP_RSA_gen(3072);
            break;
        case Type::EcP384:
            pkey = EVP_EC_gen("P-384");
            break;
    }
    return KeyAccess::make(PKey(pkey), true, ErrorKind::Unsupported);
}

Result<Key> Key::from_private_pem(const Secret& pem) {
    const Bio bio = reader_of(pem.reveal());
    PKey pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
    return KeyAccess::make(std::move(pkey), true, ErrorKind::Config);
}

Result<Key> Key::from_public_pem(std::string_view pem) {
    const Bio bio = reader_of(pem);
    PKey pkey(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_pass_phrase, nullptr));
    return KeyAccess::make(std::move(pkey), false, ErrorKind::Config);
}

Result<Key> Key::from_ed25519_public(std::string_view raw) {
    PKey pkey(
        EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, as_bytes(raw), raw.size()));
    return KeyAccess::make(std::move(pkey), false, ErrorKind::Config);
}

Key::Type Key::type() const { return native_->type; }

bool Key::is_private() const { return native_->is_private; }

Secret Key::private_pem() const {
    assert(is_private());
    // Secure memory's BIO wipes what it held when it is freed.
    const Bio bio(BIO_new(BIO_s_secmem()));
    require(bio != nullptr);
    require(PEM_write_bio_PKCS8PrivateKey(bio.get(), native_->pkey.get(), nullptr, nullptr, 0,
                                          nullptr, nullptr) == 1);
    return Secret(written(bio.get()));
}

std::string Key::public_pem() const {
    const Bio bio(BIO_new(BIO_s_mem()));
    require(bio != nullptr);
    require(PEM_write_bio_PUBKEY(bio.get(), native_->pkey.get()) == 1);
    return written(bio.get());
}

std::string Key::ed25519_public() const {
    assert(type() == Type::Ed25519);
    std::string out(32, '\0');
    std::size_t size = out.size();
    require(EVP_PKEY_get_raw_public_key(native_->pkey.get(), as_bytes(out), &size) == 1);
    return out;
}

std::string Key::sign(std::string_view bytes) const {
    assert(is_private());
    const DigestContext context(EVP_MD_CTX_new());
    require(context != nullptr);
    require(EVP_DigestSignInit_ex(context.get(), nullptr, digest_name(type()), nullptr, nullptr,
                                  native_->pkey.get(), nullptr) == 1);
    std::size_t size = 0;
    require(EVP_DigestSign(context.get(), nullptr, &size, as_bytes(bytes), bytes.size()) == 1);
    std::string out(size, '\0');
    require(EVP_DigestSign(context.get(), as_bytes(out), &size, as_bytes(bytes), bytes.size()) ==
            1);
    out.resize(size);
    return type() == Type::EcP384 ? raw_from_der(out) : out;
}

bool Key::verify(std::string_view bytes, std::string_view signature) const {
    const ClearedErrors cleared;
    std::string der;
    if (type() == Type::EcP384) {
        if (signature.size() != 2 * p384_size) return false;
        der = der_from_raw(signature);
        signature = der;
    }
    const DigestContext context(EVP_MD_CTX_new());
    require(context != nullptr);
    require(EVP_DigestVerifyInit_ex(context.get(), nullptr, digest_name(type()), nullptr, nullptr,
                                    native_->pkey.get(), nullptr) == 1);
    return EVP_DigestVerify(context.get(), as_bytes(signature), signature.size(), as_bytes(bytes),
                            bytes.size()) == 1;
}

}  // namespace consultd::crypto
