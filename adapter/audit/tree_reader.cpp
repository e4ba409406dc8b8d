#include "adapter/audit/tree_reader.h"

#include <bit>

namespace consultd::audit {

Result<std::string> TreeReader::tile(unsigned level, std::uint64_t tile) const {
    const std::uint64_t width = width_of(tile, hashes_at(level, size_));
    if (width == 0) return Error(ErrorKind::NotFound, "the tree has no such tile");
    TRY_ASSIGN(auto bytes, folder_.read(tile_path(level, tile, width), tile_width * hash_length));
    if (!bytes) return Error(ErrorKind::Corrupt, "a hash tile is missing");
    if (bytes->size() != width * hash_length)
        return Error(ErrorKind::Corrupt, "a hash tile has a wrong length");
    return std::move(*bytes);
}

Result<std::string> TreeReader::entries_tile(std::uint64_t tile) const {
    const std::uint64_t width = width_of(tile, size_);
    if (width == 0) return Error(ErrorKind::NotFound, "the log has no such entry");
    TRY_ASSIGN(auto bytes, folder_.read(entries_path(tile, width), entries_tile_bytes_max));
    if (!bytes) return Error(ErrorKind::Corrupt, "an entry bundle is missing");
    return std::move(*bytes);
}

Result<std::string> TreeReader::entry(std::uint64_t index) const {
    TRY_ASSIGN(const std::string bundle, entries_tile(index / tile_width));
    std::string_view rest = bundle;
    for (std::uint64_t i = 0;; ++i) {
        const auto entry = take_entry(rest);
        if (!entry) return Error(ErrorKind::Corrupt, "an entry bundle is cut short");
        if (i == index % tile_width) return std::string(*entry);
    }
}

Result<Hash> TreeReader::perfect_subtree(std::uint64_t begin, std::uint64_t span) {
    const auto height = static_cast<unsigned>(std::countr_zero(span));
    const unsigned level = height / 8;
    const std::uint64_t first = begin >> (8 * level);
    const std::uint64_t count = std::uint64_t{1} << (height % 8);
    const auto key = std::pair(level, first / tile_width);
    if (!read_.contains(key)) {
        TRY_ASSIGN(std::string bytes, tile(key.first, key.second));
        read_.emplace(key, std::move(bytes));
    }
    std::vector<Hash> hashes;
    for (std::uint64_t i = 0; i < count; ++i)
        hashes.emplace_back(hash_in(read_.at(key), first % tile_width + i));
    return root_of(hashes);
}

Result<Hash> TreeReader::subtree(std::uint64_t begin, std::uint64_t end) {
    const std::uint64_t span = end - begin;
    if (std::has_single_bit(span)) return perfect_subtree(begin, span);
    const std::uint64_t middle = begin + std::bit_floor(span);
    TRY_ASSIGN(const Hash left, perfect_subtree(begin, middle - begin));
    TRY_ASSIGN(const Hash right, subtree(middle, end));
    return node_hash(left, right);
}

Result<std::vector<Hash>> TreeReader::inclusion_proof(std::uint64_t index) {
    if (index >= size_) return Error(ErrorKind::NotFound, "the log has no such entry");
    std::vector<Hash> top_down;
    std::uint64_t begin = 0;
    std::uint64_t end = size_;
    while (end - begin > 1) {
        const std::uint64_t middle = begin + std::bit_floor(end - begin - 1);
        if (index < middle) {
            TRY_ASSIGN(Hash sibling, subtree(middle, end));
            top_down.push_back(std::move(sibling));
            end = middle;
        } else {
            TRY_ASSIGN(Hash sibling, subtree(begin, middle));
            top_down.push_back(std::move(sibling));
            begin = middle;
        }
    }
    return std::vector<Hash>(top_down.rbegin(), top_down.rend());
}

}  // namespace consultd::audit
