#include "adapter/audit/merkle.h"

#include <gtest/gtest.h>

#include "fhir/base/crypto.h"

namespace consultd::audit {
namespace {

// The leaves that Certificate Transparency's own tests use for RFC 6962.
const std::vector<std::string> known_leaves_hex = {"",
                                                   "00",
                                                   "10",
                                                   "2021",
                                                   "3031",
                                                   "40414243",
                                                   "5051525354555657",
                                                   "606162636465666768696a6b6c6d6e6f"};

std::vector<Hash> known_leaves(std::size_t count) {
    std::vector<Hash> leaves;
    for (std::size_t i = 0; i < count; ++i)
        leaves.push_back(leaf_hash(*crypto::from_hex(known_leaves_hex[i])));
    return leaves;
}

std::vector<Hash> counted_leaves(std::size_t count) {
    std::vector<Hash> leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
    return leaves;
}

std::vector<std::string> in_hex(const std::vector<Hash>& hashes) {
    std::vector<std::string> texts;
    for (const Hash& hash : hashes) texts.push_back(crypto::hex(hash));
    return texts;
}

Hash flipped(Hash hash) {
    hash[7] = static_cast<char>(hash[7] ^ 0x10);
    return hash;
}

TEST(MerkleTest, RootsAreThoseOfRfc6962) {
    const std::vector<std::pair<std::size_t, std::string>> roots = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
        {2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
        {3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
        {7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
        {8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}};
    for (const auto& [count, root] : roots)
        EXPECT_EQ(crypto::hex(root_of(known_leaves(count))), root) << count;
    EXPECT_EQ(crypto::hex(empty_root()), roots.front().second);
}

TEST(MerkleTest, InclusionProofIsThatOfRfc6962) {
    EXPECT_EQ(in_hex(inclusion_proof(known_leaves(8), 5)),
              (std::vector<std::string>{
                  "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                  "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
}

TEST(MerkleTest, ConsistencyProofsAreThoseOfRfc6962) {
    EXPECT_EQ(in_hex(consistency_proof(known_leaves(8), 6)),
              (std::vector<std::string>{
                  "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                  "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
    EXPECT_EQ(in_hex(consistency_proof(known_leaves(7), 3)),
              (std::vector<std::string>{
                  "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
                  "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
                  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                  "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e"}));
}

TEST(MerkleTest, EveryLeafOfEveryTreeIsProvenAndNothingElseIs) {
    for (std::size_t size = 1; size <= 40; ++size) {
        const std::vector<Hash> leaves = counted_leaves(size);
        const Hash root = root_of(leaves);
        for (std::size_t index = 0; index < size; ++index) {
            std::vector<Hash> proof = inclusion_proof(leaves, index);
            ASSERT_TRUE(verify_inclusion(leaves[index], index, size, proof, root));
            EXPECT_FALSE(verify_inclusion(flipped(leaves[index]), index, size, proof, root));
            EXPECT_FALSE(verify_inclusion(leaves[index], index, size, proof, flipped(root)));
            EXPECT_FALSE(verify_inclusion(leaves[index], size, size, proof, root));
            EXPECT_FALSE(verify_inclusion(leaves[index], index + 1, size, proof, root));
            for (Hash& hash : proof) {
                hash = flipped(hash);
                EXPECT_FALSE(verify_inclusion(leaves[index], index, size, proof, root));
                hash = flipped(hash);
            }
            proof.push_back(root);
            EXPECT_FALSE(verify_inclusion(leaves[index], index, size, proof, root));
            proof.resize(proof.size() - (proof.size() > 1 ? 2 : 1));
            if (size > 1) {
                EXPECT_FALSE(verify_inclusion(leaves[index], index, size, proof, root));
            }
        }
    }
}

TEST(MerkleTest, EveryTreeIsAPrefixOfItsGrowthAndOfNothingElse) {
    for (std::size_t size = 1; size <= 40; ++size) {
        const std::vector<Hash> leaves = counted_leaves(size);
        const Hash root = root_of(leaves);
        for (std::size_t old_size = 1; old_size <= size; ++old_size) {
            const Hash old_root =
                root_of({leaves.begin(), leaves.begin() + static_cast<int>(old_size)});
            std::vector<Hash> proof = consistency_proof(leaves, old_size);
            ASSERT_TRUE(verify_consistency(old_size, old_root, size, root, proof));
            EXPECT_FALSE(verify_consistency(old_size, flipped(old_root), size, root, proof));
            EXPECT_FALSE(verify_consistency(old_size, old_root, size, flipped(root), proof));
            EXPECT_FALSE(verify_consistency(0, old_root, size, root, proof));
            EXPECT_FALSE(verify_consistency(size + 1, old_root, size, root, proof));
            proof.push_back(root);
            EXPECT_FALSE(verify_consistency(old_size, old_root, size, root, proof));
        }
    }
}

// Two histories that differ in one entry have no common growth (a forked log).
TEST(MerkleTest, ForkedTreesAreNeverConsistent) {
    std::vector<Hash> one = counted_leaves(21);
    std::vector<Hash> other = one;
    other[4] = leaf_hash("forged");
    const Hash old_root = root_of({other.begin(), other.begin() + 13});
    EXPECT_FALSE(verify_consistency(13, old_root, 21, root_of(one), consistency_proof(one, 13)));
    EXPECT_FALSE(verify_consistency(13, old_root, 21, root_of(one), consistency_proof(other, 13)));
}

}  // namespace
}  // namespace consultd::audit
