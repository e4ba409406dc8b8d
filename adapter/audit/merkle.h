// Merkle tree of RFC 6962 §2.1 / RFC 9162 §2.1: leaf and node hashes, roots, inclusion and
// consistency proofs and their verification. Pure; knows no files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/base/result.h"

namespace consultd::audit {

using Hash = std::string;  // 32 raw bytes

Hash leaf_hash(std::string_view entry);                         // SHA-256(0x00 ‖ entry)
Hash node_hash(std::string_view left, std::string_view right);  // SHA-256(0x01 ‖ left ‖ right)
Hash empty_root();                                              // SHA-256("")

// Roots and proofs over leaf hashes at hand.
Hash root_of(const std::vector<Hash>& leaves);
std::vector<Hash> inclusion_proof(const std::vector<Hash>& leaves, std::uint64_t index);
std::vector<Hash> consistency_proof(const std::vector<Hash>& leaves, std::uint64_t old_size);

// RFC 9162 §2.1.3.2 and §2.1.4.2. False for anything that does not fit, left-over elements too.
bool verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                      const std::vector<Hash>& proof, const Hash& root);
bool verify_consistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t new_size,
                        const Hash& new_root, const std::vector<Hash>& proof);

}  // namespace consultd::audit
