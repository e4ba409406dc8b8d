// TreeReader: entries, hashes and proofs from the tiles of one tree size, as any client of
// c2sp.org/tlog-tiles reads them. Trusts nothing it reads: what it returns is for the caller to
// verify.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapter/audit/durable_folder.h"
#include "adapter/audit/tiles.h"

namespace consultd::audit {

class TreeReader {
public:
    // The folder must outlive the reader.
    TreeReader(const DurableFolder& folder, std::uint64_t size) : folder_(folder), size_(size) {}

    // Corrupt: the tile is missing or has not the length that the tree's size gives it.
    Result<std::string> tile(unsigned level, std::uint64_t tile) const;
    // Corrupt: missing, cut, or longer than its entries.
    Result<std::string> entries_tile(std::uint64_t tile) const;
    Result<std::string> entry(std::uint64_t index) const;
    Result<std::vector<Hash>> inclusion_proof(std::uint64_t index);

private:
    // The root over the leaves from `begin` up to `end`, of which the span is what RFC 6962's
    // splits of this tree lead to: it begins at a multiple of the power of two that spans it.
    Result<Hash> subtree(std::uint64_t begin, std::uint64_t end);
    Result<Hash> perfect_subtree(std::uint64_t begin, std::uint64_t span);

    const DurableFolder& folder_;
    std::uint64_t size_;
    std::map<std::pair<unsigned, std::uint64_t>, std::string> read_;
};

}  // namespace consultd::audit
