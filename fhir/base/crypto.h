// Crypto: hashing, encoding, sealing and signing on OpenSSL 3 (EVP), the only file that names it
// besides jws.cpp. Byte strings are std::string; hashes and signatures are raw bytes, not hex.
// Knows nothing of FHIR.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/base/random.h"
#include "fhir/base/result.h"
#include "fhir/base/secret.h"

namespace consultd::crypto {

// Raw digests: 20, 32 and 48 bytes. SHA-1 is for FHIR's Attachment.hash alone.
std::string sha1(std::string_view bytes);
std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

// SHA-256 fed in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void update(std::string_view bytes);
    std::string finish();  // 32 bytes; the object is spent

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string hex(std::string_view bytes);  // lower case
std::optional<std::string> from_hex(std::string_view text);

// RFC 4648 §4, padded. Decoding is strict (canonical padding bits) but, as FHIR's base64Binary
// allows, skips white space when asked to.
enum class WhiteSpace { Refuse, Skip };
std::string base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text, WhiteSpace = WhiteSpace::Refuse);
// RFC 4648 §5 without padding, strict.
std::string base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

// RFC 9285, whose letters are those of a QR code's alphanumeric mode; strict.
std::string base45(std::string_view bytes);
std::optional<std::string> from_base45(std::string_view text);

// RFC 9562 name-based UUID, version 5, from a namespace UUID in text form; lower case, 36
// characters.
std::string uuid_v5(std::string_view namespace_uuid, std::string_view name);
std::string uuid_v4(Random& random);

// Seals with AES-256-GCM under the newest of its keys and opens what any of them has sealed, so
// that a key is replaced by adding one. Sealed bytes: 1 byte version of this format, 8 bytes key
// id, 12 bytes nonce, ciphertext, 16 bytes tag. `context` is authenticated, not encrypted: what the
// bytes are and where they belong. A changed version or key id leads to no key or a wrong one, so
// these need no authentication of their own. Keys: 32 bytes each.
class Sealer {
public:
    Sealer(Secret key, Random& random);
    // One at least, the oldest first.
    Sealer(std::vector<Secret> keys, Random& random);
    std::string seal(std::string_view plain, std::string_view context) const;
    // Corrupt: changed, cut, sealed under a key that is not here or for another context.
    Result<std::string> open(std::string_view sealed, std::string_view context) const;
    // HMAC-SHA-256, in hex, under a key derived from the oldest secret: for looking up what must
    // not be stored in clear (a patient's id). Whoever got a pseudonym, in a store or a log that
    // nobody may change, keeps it whatever keys are added.
    std::string pseudonym(std::string_view value, std::string_view context) const;
    // Which keys these are, in hex, the oldest first; tells nothing of the keys.
    std::vector<std::string> key_ids() const;
    // Seals under the oldest `count` keys alone, 1 at least: the others only open.
    void seal_with_oldest(std::size_t count);

private:
    struct NamedKey {
        std::string id;
        Secret key;
    };
    std::vector<NamedKey> keys_;
    std::size_t sealing_;  // the place of the key that seals
    Secret pseudonym_key_;
    Random& random_;
};

// A private or public key: Ed25519, RSA (2048 bits at least) or EC P-384.
class Key {
public:
    enum class Type { Ed25519, Rsa, EcP384 };
    static Result<Key> generate(Type type);  // RSA: 3072 bits
    // PEM: PKCS #8 private or SubjectPublicKeyInfo. Config: unreadable, or a type or size not
    // above.
    static Result<Key> from_private_pem(const Secret& pem);
    static Result<Key> from_public_pem(std::string_view pem);
    // The 32 raw bytes of an Ed25519 public key.
    static Result<Key> from_ed25519_public(std::string_view raw);

    Type type() const;
    bool is_private() const;
    Secret private_pem() const;
    std::string public_pem() const;
    std::string ed25519_public() const;  // 32 bytes
    // Ed25519 over the bytes (64 bytes out); RSA: PKCS #1 v1.5 with SHA-384 (RS384);
    // P-384: ECDSA with SHA-384 as raw R‖S, 96 bytes (ES384, RFC 7518 §3.4).
    std::string sign(std::string_view bytes) const;
    bool verify(std::string_view bytes, std::string_view signature) const;

    struct Native;  // EVP_PKEY, for jws.cpp
    const Native& native() const { return *native_; }

private:
    explicit Key(std::shared_ptr<const Native> native) : native_(std::move(native)) {}
    std::shared_ptr<const Native> native_;
    friend struct KeyAccess;
};

}  // namespace consultd::crypto
