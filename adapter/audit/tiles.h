// Tiles: where c2sp.org/tlog-tiles puts the tree and its entries (names, widths, entry bundles),
// and the right edge of a growing tree: what its last, partial tiles hold and which files new
// entries bring. Pure; reads and writes no files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/audit/merkle.h"

namespace consultd::audit {

inline constexpr std::uint64_t tile_width = 256;
inline constexpr std::size_t hash_length = 32;
inline constexpr std::size_t entry_bytes_max = 65'535;
inline constexpr std::size_t entries_tile_bytes_max = tile_width * (2 + entry_bytes_max);

// "tile/0/x001/234" when `width` is 256, else "tile/0/x001/234.p/17". Width: 1 to 256.
std::string tile_path(unsigned level, std::uint64_t tile, std::uint64_t width);
// The same of an entry bundle: "tile/entries/…".
std::string entries_path(std::uint64_t tile, std::uint64_t width);

// How many hashes a tree of `size` entries has at a level: those over full subtrees of 256^level.
std::uint64_t hashes_at(unsigned level, std::uint64_t size);
// The width that tile `tile` of a level with `count` hashes (or entries) has; 0: it is not there.
std::uint64_t width_of(std::uint64_t tile, std::uint64_t count);

// One entry as a bundle holds it: its length as big-endian uint16, then its bytes.
void append_entry(std::string& bundle, std::string_view entry);
// Takes the next entry from the front of a bundle; absent when it is cut short.
std::optional<std::string_view> take_entry(std::string_view& bundle);
// The hash at a place in a tile's bytes.
std::string_view hash_in(std::string_view tile, std::uint64_t place);

struct TileFile {
    std::string path;
    std::string bytes;
};

// What the last, partial tile of each level holds.
struct RightEdge {
    std::uint64_t size = 0;
    std::string entries;                    // the last entry bundle; empty when it would be full
    std::vector<std::vector<Hash>> levels;  // from the leaves up; each under 256 hashes

    Hash root() const;
    // Adds a leaf. `full(level, tile, hashes)` is called for each tile that this fills.
    template <class Full>
    void add_leaf(Hash leaf, Full full) {
        ++size;
        for (unsigned level = 0;; ++level) {
            if (level == levels.size()) levels.emplace_back();
            levels[level].push_back(std::move(leaf));
            if (levels[level].size() < tile_width) return;
            const std::uint64_t tile = hashes_at(level, size) / tile_width - 1;
            full(level, tile, levels[level]);
            leaf = root_of(levels[level]);
            levels[level].clear();
        }
    }
};

// The files that a commit writes, and the partial tiles that it leaves behind.
struct Growth {
    std::vector<TileFile> entries;
    std::vector<TileFile> hashes;
    struct Superseded {
        std::string folder;  // "tile/0/000.p"
        std::string keep;    // the one partial tile in it that counts; empty: none
    };
    std::vector<Superseded> superseded;
};
Growth grow(RightEdge& edge, const std::vector<std::string>& entries);

}  // namespace consultd::audit
