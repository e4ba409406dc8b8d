#include "adapter/audit/tiles.h"

#include <bit>

namespace consultd::audit {
namespace {

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// 1234067 → "x001/x234/067".
std::string index_path(std::uint64_t index) {
    std::string path;
    for (bool last = true; last || index > 0; last = false, index /= 1000) {
        const std::string digits = std::to_string(index % 1000);
        std::string group = std::string(3 - digits.size(), '0') + digits;
        if (!last) group = "x" + group + "/";
        path.insert(0, group);
    }
    return path;
}

std::string with_width(std::string path, std::uint64_t width) {
    assert(width >= 1 && width <= tile_width);
    if (width == tile_width) return path;
    return path + ".p/" + std::to_string(width);
}

std::string concatenate(const std::vector<Hash>& hashes) {
    std::string bytes;
    bytes.reserve(hashes.size() * hash_length);
    for (const Hash& hash : hashes) bytes.append(hash);
    return bytes;
}

}  // namespace

std::string tile_path(unsigned level, std::uint64_t tile, std::uint64_t width) {
    return with_width("tile/" + std::to_string(level) + "/" + index_path(tile), width);
}

std::string entries_path(std::uint64_t tile, std::uint64_t width) {
    return with_width("tile/entries/" + index_path(tile), width);
}

std::uint64_t hashes_at(unsigned level, std::uint64_t size) {
    return level >= 8 ? 0 : size >> (8 * level);
}

std::uint64_t width_of(std::uint64_t tile, std::uint64_t count) {
    const std::uint64_t before = tile * tile_width;
    return before >= count ? 0 : std::min(tile_width, count - before);
}

void append_entry(std::string& bundle, std::string_view entry) {
    assert(entry.size() <= entry_bytes_max);
    bundle.push_back(static_cast<char>(entry.size() >> 8));
    bundle.push_back(static_cast<char>(entry.size() & 0xFF));
    bundle.append(entry);
}

std::optional<std::string_view> take_entry(std::string_view& bundle) {
    if (bundle.size() < 2) return std::nullopt;
    const std::size_t length =
        (static_cast<std::size_t>(static_cast<unsigned char>(bundle[0])) << 8) |
        static_cast<unsigned char>(bundle[1]);
    if (bundle.size() - 2 < length) return std::nullopt;
    const std::string_view entry = bundle.substr(2, length);
    bundle.remove_prefix(2 + length);
    return entry;
}

std::string_view hash_in(std::string_view tile, std::uint64_t place) {
    return tile.substr(place * hash_length, hash_length);
}

Hash RightEdge::root() const {
    // The partial tiles, cut into perfect subtrees, are those that RFC 6962 splits the tree into,
    // the smallest at the right; the root folds them from there.
    std::optional<Hash> root;
    for (const std::vector<Hash>& level : levels) {
        std::size_t end = level.size();
        while (end > 0) {
            const std::size_t span = end & (~end + 1);  // the lowest bit: the rightmost subtree
            const auto from = level.begin() + static_cast<std::ptrdiff_t>(end - span);
            const Hash subtree =
                root_of(std::vector<Hash>(from, from + static_cast<std::ptrdiff_t>(span)));
            root = root ? node_hash(subtree, *root) : subtree;
            end -= span;
        }
    }
    return root ? *root : empty_root();
}

Growth grow(RightEdge& edge, const std::vector<std::string>& entries) {
    Growth growth;
    const std::uint64_t old_size = edge.size;
    for (const std::string& entry : entries) {
        append_entry(edge.entries, entry);
        edge.add_leaf(leaf_hash(entry), [&](unsigned level, std::uint64_t tile,
                                            const std::vector<Hash>& hashes) {
            growth.hashes.push_back({tile_path(level, tile, tile_width), concatenate(hashes)});
            growth.superseded.push_back({folder_of(tile_path(level, tile, 1)), ""});
            if (level > 0) return;
            growth.entries.push_back({entries_path(tile, tile_width), std::move(edge.entries)});
            growth.superseded.push_back({folder_of(entries_path(tile, 1)), ""});
            edge.entries.clear();
        });
    }
    for (unsigned level = 0; level < edge.levels.size(); ++level) {
        const std::vector<Hash>& hashes = edge.levels[level];
        const std::uint64_t count = hashes_at(level, edge.size);
        if (hashes.empty() || count == hashes_at(level, old_size)) continue;
        const std::string path = tile_path(level, count / tile_width, hashes.size());
        growth.hashes.push_back({path, concatenate(hashes)});
        growth.superseded.push_back({folder_of(path), std::to_string(hashes.size())});
        if (level > 0) continue;
        const std::string bundle = entries_path(count / tile_width, hashes.size());
        growth.entries.push_back({bundle, edge.entries});
        growth.superseded.push_back({folder_of(bundle), std::to_string(hashes.size())});
    }
    return growth;
}

}  // namespace consultd::audit
