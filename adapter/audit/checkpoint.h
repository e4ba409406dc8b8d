// Checkpoint: a signed tree head as c2sp.org/tlog-checkpoint in a c2sp.org/signed-note, Ed25519.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapter/audit/merkle.h"
#include "fhir/base/crypto.h"

namespace consultd::audit {

struct Checkpoint {
    std::string origin;
    std::uint64_t size = 0;
    Hash root;
};

// May name a key and so a log: not empty, UTF-8, without white space, control characters and '+'.
bool is_key_name(std::string_view name);

// The note: body, blank line, one signature line. The signing key's name is the origin.
std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::Key& key);
// Corrupt: not in this form, another origin (unless `origin` is empty), no signature of this key,
// or one of this key that does not verify. Unknown keys' lines are skipped (at least 16 are read).
Result<Checkpoint> open_checkpoint(std::string_view note, std::string_view origin,
                                   const crypto::Key& public_key);
// "origin+1a2b3c4d+base64": the verifier key text of c2sp.org/signed-note.
std::string verifier_key(std::string_view origin, const crypto::Key& key);
// Takes the verifier key text or a PEM public key; the origin is empty for PEM.
struct Verifier {
    std::string origin;
    crypto::Key key;
};
Result<Verifier> parse_verifier(std::string_view text);

}  // namespace consultd::audit
