#include "fhir/base/random.h"

#include <openssl/rand.h>

#include <cstdlib>

namespace consultd {

std::string SystemRandom::bytes(std::size_t count) {
    std::string out(count, '\0');
    // Without randomness no nonce, id or key may be made: nothing sensible can go on.
    if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1)
        std::abort();
    return out;
}

}  // namespace consultd
