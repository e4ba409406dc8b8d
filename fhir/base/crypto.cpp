#include "fhir/base/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "fhir/base/crypto_native.h"

namespace consultd::crypto {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr char sealed_version = 1;
constexpr std::size_t key_id_size = 8;
constexpr std::size_t header_size = 1 + key_id_size;

struct FreeCipher {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

// Fetched once for the process: looking it up costs more than hashing a Merkle node.
const EVP_MD* sha256_method() {
    static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    require(method != nullptr);
    return method;
}

const EVP_MD* sha1_method() {
    static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    require(method != nullptr);
    return method;
}

const EVP_CIPHER* aes_256_gcm() {
    static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    require(cipher != nullptr);
    return cipher;
}

std::string finish_digest(EVP_MD_CTX* context) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    require(EVP_DigestFinal_ex(context, out.data(), &size) == 1);
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string digest(const EVP_MD* method, std::string_view bytes) {
    thread_local const DigestContext context(EVP_MD_CTX_new());
    require(context != nullptr);
    require(EVP_DigestInit_ex2(context.get(), method, nullptr) == 1);
    require(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
    return finish_digest(context.get());
}

// EVP counts in int: longer texts go in pieces.
template <class Update>
void in_pieces(std::string_view bytes, Update update) {
    constexpr std::size_t piece_max = std::size_t{1} << 30;
    for (std::size_t at = 0; at < bytes.size(); at += piece_max) {
        const std::string_view piece = bytes.substr(at, piece_max);
        update(at, as_bytes(piece), static_cast<int>(piece.size()));
    }
}

}  // namespace

std::string sha1(std::string_view bytes) { return digest(sha1_method(), bytes); }

std::string sha256(std::string_view bytes) { return digest(sha256_method(), bytes); }

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    std::size_t size = 0;
    require(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, as_bytes(key), key.size(),
                      as_bytes(bytes), bytes.size(), out.data(), out.size(), &size) != nullptr);
    return {reinterpret_cast<const char*>(out.data()), size};
}

struct Sha256::State {
    DigestContext context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    require(state_->context != nullptr);
    require(EVP_DigestInit_ex2(state_->context.get(), sha256_method(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
    require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::finish() { return finish_digest(state_->context.get()); }

// Random 96-bit nonces are good for 2^32 messages under one key (NIST SP 800-38D §8.3), which is
// more records than a key here seals before it is rotated.
Sealer::Sealer(std::vector<Secret> keys, Random& random)
    : sealing_(keys.size() - 1),
      pseudonym_key_(hmac_sha256(keys.front().reveal(), "consultd pseudonym key v1")),
      random_(random) {
    for (Secret& key : keys) {
        assert(key.reveal().size() == key_size);
        std::string id = hmac_sha256(key.reveal(), "consultd key id v1").substr(0, key_id_size);
        keys_.push_back({std::move(id), std::move(key)});
    }
}

Sealer::Sealer(Secret key, Random& random) : Sealer(std::vector<Secret>{std::move(key)}, random) {}

std::vector<std::string> Sealer::key_ids() const {
    std::vector<std::string> ids;
    for (const NamedKey& key : keys_) ids.push_back(hex(key.id));
    return ids;
}

void Sealer::seal_with_oldest(std::size_t count) {
    assert(count > 0 && count <= keys_.size());
    sealing_ = count - 1;
}

std::string Sealer::seal(std::string_view plain, std::string_view context) const {
    const NamedKey& key = keys_[sealing_];
    const std::string nonce = random_.bytes(nonce_size);
    const CipherContext cipher(EVP_CIPHER_CTX_new());
    require(cipher != nullptr);
    require(EVP_EncryptInit_ex2(cipher.get(), aes_256_gcm(), as_bytes(key.key.reveal()),
                                as_bytes(nonce), nullptr) == 1);
    std::string out;
    out.reserve(header_size + nonce_size + plain.size() + tag_size);
    out.append(1, sealed_version).append(key.id).append(nonce);
    const std::size_t before = out.size();
    out.resize(before + plain.size() + tag_size);
    unsigned char* const body = as_bytes(out) + before;
    int size = 0;
    in_pieces(context, [&](std::size_t, const unsigned char* piece, int length) {
        require(EVP_EncryptUpdate(cipher.get(), nullptr, &size, piece, length) == 1);
    });
    in_pieces(plain, [&](std::size_t at, const unsigned char* piece, int length) {
        require(EVP_EncryptUpdate(cipher.get(), body + at, &size, piece, length) == 1);
    });
    unsigned char* const tag = body + plain.size();
    require(EVP_EncryptFinal_ex(cipher.get(), tag, &size) == 1 && size == 0);
    require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, tag) == 1);
    return out;
}

Result<std::string> Sealer::open(std::string_view sealed, std::string_view context) const {
    if (sealed.size() < header_size + nonce_size + tag_size)
        return Error(ErrorKind::Corrupt, "sealed bytes are cut short");
    if (sealed.front() != sealed_version)
        return Error(ErrorKind::Corrupt, "sealed bytes are of another version than ours");
    const std::string_view id = sealed.substr(1, key_id_size);
    const auto key =
        std::ranges::find_if(keys_, [&](const NamedKey& named) { return named.id == id; });
    if (key == keys_.end())
        return Error(ErrorKind::Corrupt, "sealed bytes are under a key that is not here");
    sealed.remove_prefix(header_size);
    const std::string_view nonce = sealed.substr(0, nonce_size);
    std::string tag(sealed.substr(sealed.size() - tag_size));
    sealed = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
    const CipherContext cipher(EVP_CIPHER_CTX_new());
    require(cipher != nullptr);
    require(EVP_DecryptInit_ex2(cipher.get(), aes_256_gcm(), as_bytes(key->key.reveal()),
                                as_bytes(nonce), nullptr) == 1);
    std::string out(sealed.size(), '\0');
    unsigned char* const body = as_bytes(out);
    int size = 0;
    in_pieces(context, [&](std::size_t, const unsigned char* piece, int length) {
        require(EVP_DecryptUpdate(cipher.get(), nullptr, &size, piece, length) == 1);
    });
    in_pieces(sealed, [&](std::size_t at, const unsigned char* piece, int length) {
        require(EVP_DecryptUpdate(cipher.get(), body + at, &size, piece, length) == 1);
    });
    require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1);
    unsigned char rest[tag_size];
    if (EVP_DecryptFinal_ex(cipher.get(), rest, &size) != 1) {
        ERR_clear_error();
        return Error(ErrorKind::Corrupt, "sealed bytes do not verify");
    }
    return out;
}

std::string Sealer::pseudonym(std::string_view value, std::string_view context) const {
    // The length keeps ("a", "bc") and ("ab", "c") apart.
    std::string bytes = std::to_string(context.size());
    bytes += ':';
    bytes += context;
    bytes += value;
    return hex(hmac_sha256(pseudonym_key_.reveal(), bytes));
}

}  // namespace consultd::crypto
