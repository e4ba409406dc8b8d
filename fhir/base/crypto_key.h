// Key's native side, for crypto_key.cpp and jws.cpp.
#pragma once

#include <openssl/evp.h>

#include <memory>

#include "fhir/base/crypto.h"

namespace consultd::crypto {

struct Key::Native {
    explicit Native(EVP_PKEY* pkey, Type key_type, bool has_private)
        : key(pkey, &EVP_PKEY_free), type(key_type), is_private(has_private) {}
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key;
    Type type;
    bool is_private;
};

// Makes a Key of a pkey and takes it over. Config: a type or size that we do not use.
struct KeyAccess {
    static Result<Key> adopt(EVP_PKEY* pkey, bool is_private);
};

}  // namespace consultd::crypto
