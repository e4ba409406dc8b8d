// What crypto.cpp, crypto_key.cpp and jws.cpp share of OpenSSL: owners of its objects and the
// inside of a Key. Inner to fhir/base; nobody else includes it.
#pragma once

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "fhir/base/crypto.h"

namespace consultd::crypto {

// For calls that fail only when memory or the library itself is broken: nothing can be hashed,
// sealed or signed then, and going on without would be worse than stopping.
inline void require(bool holds) {
    if (!holds) std::abort();
}

inline const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data() == nullptr ? "" : text.data());
}
inline unsigned char* as_bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

struct FreeNative {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeNative>;
using PKey = std::unique_ptr<EVP_PKEY, FreeNative>;
using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeNative>;

struct Key::Native {
    PKey pkey;
    Type type;
    bool is_private;
};

struct KeyAccess {
    // Error of kind `kind` when the key is none of the types and sizes of Key.
    static Result<Key> make(PKey pkey, bool is_private, ErrorKind kind);
};

// A big number of the key, left-padded to `size` bytes; without a size as short as it can be.
std::string number_of(const EVP_PKEY* key, const char* name, std::size_t size = 0);

}  // namespace consultd::crypto
