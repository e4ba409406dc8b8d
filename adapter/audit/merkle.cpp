#include "adapter/audit/merkle.h"

#include <bit>
#include <span>

#include "fhir/base/crypto.h"

namespace consultd::audit {
namespace {

constexpr std::size_t hash_length = 32;

// The largest power of two smaller than `count`, which is 2 or more: where RFC 6962 splits a list.
std::uint64_t split_of(std::uint64_t count) { return std::bit_floor(count - 1); }

Hash root_of(std::span<const Hash> leaves) {
    if (leaves.empty()) return empty_root();
    if (leaves.size() == 1) return leaves.front();
    const std::size_t left = split_of(leaves.size());
    return node_hash(root_of(leaves.first(left)), root_of(leaves.subspan(left)));
}

// SUBPROOF of RFC 6962 §2.1.2. `known`: the verifier has this subtree's root already.
void consistency_below(std::span<const Hash> leaves, std::uint64_t old_size, bool known,
                       std::vector<Hash>& proof) {
    if (old_size == leaves.size()) {
        if (!known) proof.push_back(root_of(leaves));
        return;
    }
    const std::size_t left = split_of(leaves.size());
    if (old_size <= left) {
        consistency_below(leaves.first(left), old_size, known, proof);
        proof.push_back(root_of(leaves.subspan(left)));
    } else {
        consistency_below(leaves.subspan(left), old_size - left, false, proof);
        proof.push_back(root_of(leaves.first(left)));
    }
}

bool well_formed(const std::vector<Hash>& proof) {
    for (const Hash& hash : proof)
        if (hash.size() != hash_length) return false;
    return true;
}

}  // namespace

Hash leaf_hash(std::string_view entry) {
    std::string bytes;
    bytes.reserve(entry.size() + 1);
    bytes.push_back('\0');
    bytes.append(entry);
    return crypto::sha256(bytes);
}

Hash node_hash(std::string_view left, std::string_view right) {
    std::string bytes;
    bytes.reserve(1 + 2 * hash_length);
    bytes.push_back('\1');
    bytes.append(left).append(right);
    return crypto::sha256(bytes);
}

Hash empty_root() { return crypto::sha256({}); }

Hash root_of(const std::vector<Hash>& leaves) { return root_of(std::span<const Hash>(leaves)); }

std::vector<Hash> inclusion_proof(const std::vector<Hash>& leaves, std::uint64_t index) {
    assert(index < leaves.size());
    std::vector<Hash> top_down;
    std::span<const Hash> rest = leaves;
    while (rest.size() > 1) {
        const std::size_t left = split_of(rest.size());
        if (index < left) {
            top_down.push_back(root_of(rest.subspan(left)));
            rest = rest.first(left);
        } else {
            top_down.push_back(root_of(rest.first(left)));
            rest = rest.subspan(left);
            index -= left;
        }
    }
    return {top_down.rbegin(), top_down.rend()};
}

std::vector<Hash> consistency_proof(const std::vector<Hash>& leaves, std::uint64_t old_size) {
    assert(old_size > 0 && old_size <= leaves.size());
    std::vector<Hash> proof;
    consistency_below(leaves, old_size, true, proof);
    return proof;
}

bool verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                      const std::vector<Hash>& proof, const Hash& root) {
    if (index >= size || leaf.size() != hash_length || !well_formed(proof)) return false;
    std::uint64_t node = index;
    std::uint64_t last = size - 1;
    Hash hash = leaf;
    for (const Hash& sibling : proof) {
        if (last == 0) return false;
        if ((node & 1) != 0 || node == last) {
            hash = node_hash(sibling, hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t new_size,
                        const Hash& new_root, const std::vector<Hash>& proof) {
    if (old_size == 0 || old_size > new_size || !well_formed(proof)) return false;
    if (old_size == new_size) return proof.empty() && old_root == new_root;
    // A whole old tree is a node of the new one, and the proof leaves it out: we put it back.
    const bool whole = std::has_single_bit(old_size);
    if (!whole && proof.empty()) return false;
    Hash from_old = whole ? old_root : proof.front();
    Hash from_new = from_old;
    std::uint64_t node = old_size - 1;
    std::uint64_t last = new_size - 1;
    while ((node & 1) != 0) {
        node >>= 1;
        last >>= 1;
    }
    for (std::size_t i = whole ? 0 : 1; i < proof.size(); ++i) {
        if (last == 0) return false;
        if ((node & 1) != 0 || node == last) {
            from_old = node_hash(proof[i], from_old);
            from_new = node_hash(proof[i], from_new);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            from_new = node_hash(from_new, proof[i]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && from_old == old_root && from_new == new_root;
}

}  // namespace consultd::audit
