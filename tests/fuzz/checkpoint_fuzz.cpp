// A checkpoint comes from a folder, a receipt or a witness: any bytes at all.
#include <cstdlib>

#include "adapter/audit/checkpoint.h"

using namespace consultd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const crypto::Key key = *crypto::Key::generate(crypto::Key::Type::Ed25519);
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // Nobody but the holder of the key can have signed it.
    if (audit::open_checkpoint(text, "", key).ok()) std::abort();
    if (const auto verifier = audit::parse_verifier(text); verifier && !verifier->origin.empty())
        if (!audit::parse_verifier(audit::verifier_key(verifier->origin, verifier->key)).ok())
            std::abort();
    return 0;
}
