#include "adapter/audit/scan.h"

#include <map>

namespace consultd::audit {
namespace {

constexpr std::size_t checkpoint_bytes_max = 64 * 1024;
constexpr int attempts_max = 1000;

struct Filled {
    unsigned level;
    std::uint64_t tile;
    std::vector<Hash> hashes;
};

// A stored hash that is not what the level below gives.
struct Mismatch {
    unsigned level;
    std::uint64_t place;  // among the hashes of that level
};

using Files = std::map<std::string, std::optional<std::string>>;

// Absent: missing, longer than such a file can be, or no file.
Result<std::optional<std::string>> read_file(const DurableFolder& folder, const std::string& path,
                                             std::size_t bytes_max) {
    auto bytes = folder.read(path, bytes_max);
    if (!bytes && bytes.error().kind() != ErrorKind::Storage) return std::optional<std::string>();
    return bytes;
}

class Scan {
public:
    // `partial`: the partial tiles, which a writer may replace while we read.
    Scan(const DurableFolder& folder, std::uint64_t size, const Files& partial,
         const std::optional<Checkpoint>& seen, const Visit& visit)
        : folder_(folder), size_(size), partial_(partial), seen_(seen), visit_(visit) {}

    Result<Verification> run(const Hash& root) {
        look_for_seen();
        for (std::uint64_t tile = 0; width_of(tile, size_) > 0 && going_on(); ++tile)
            TRY(scan_tile(tile));
        for (unsigned level = 0; level < edge_.levels.size() && going_on(); ++level)
            if (!edge_.levels[level].empty())
                TRY(compare(level, hashes_at(level, size_) / tile_width, edge_.levels[level]));
        if (going_on()) judge(root);
        if (going_on()) judge_seen();
        result_.size = size_;
        result_.root_hex = crypto::hex(root);
        return result_;
    }
    RightEdge take_edge() { return std::move(edge_); }

private:
    bool going_on() const { return result_.ok() && !stopped_; }

    void fault(std::string where, std::optional<std::uint64_t> entry, StaticText problem) {
        result_.where = std::move(where);
        result_.bad_entry = entry;
        result_.problem = problem;
    }

    // One bundle of entries, then the tiles that they fill.
    Status scan_tile(std::uint64_t tile) {
        const std::uint64_t width = width_of(tile, size_);
        const std::string path = entries_path(tile, width);
        TRY_ASSIGN(auto bundle, read(path, entries_tile_bytes_max));
        if (!bundle) {
            fault(path, tile * tile_width, "the entry bundle is missing or too long");
            return {};
        }
        TRY_ASSIGN(leaves_, read(tile_path(0, tile, width), tile_width * hash_length));
        for (const Filled& full : take_entries(tile, *bundle))
            if (going_on()) TRY(compare(full.level, full.tile, full.hashes));
        if (width < tile_width) edge_.entries = std::move(*bundle);
        return {};
    }

    // Each entry against its stored leaf hash; the tiles that they fill.
    std::vector<Filled> take_entries(std::uint64_t tile, std::string_view rest) {
        const std::uint64_t first = tile * tile_width;
        const std::uint64_t width = width_of(tile, size_);
        std::vector<Filled> filled;
        for (std::uint64_t i = 0; i < width && going_on(); ++i) {
            const auto entry = take_entry(rest);
            if (!entry) {
                // A changed length shows here, or as a changed entry before.
                const bool before = mismatch_ && mismatch_->level == 0 && mismatch_->place >= first;
                fault(entries_path(tile, width), before ? mismatch_->place : first + i,
                      "the entry bundle is cut short");
                break;
            }
            Hash leaf = leaf_hash(*entry);
            if (leaves_ && leaves_->size() == width * hash_length && hash_in(*leaves_, i) != leaf)
                remember(0, first + i);
            edge_.add_leaf(std::move(leaf), [&](unsigned level, std::uint64_t number,
                                                const std::vector<Hash>& hashes) {
                filled.push_back({level, number, hashes});
            });
            look_for_seen();
            if (visit_ && !visit_(first + i, *entry)) stopped_ = true;
        }
        if (going_on() && !rest.empty())
            fault(entries_path(tile, width), first + width - 1,
                  "the entry bundle goes on after its entries");
        return filled;
    }

    // A stored tile against the hashes computed for it. That of the leaves is at hand.
    Status compare(unsigned level, std::uint64_t tile, const std::vector<Hash>& hashes) {
        const std::string path = tile_path(level, tile, hashes.size());
        std::optional<std::string> stored = level == 0 ? std::move(leaves_) : std::nullopt;
        if (level > 0) {
            TRY_ASSIGN(stored, read(path, tile_width * hash_length));
        }
        if (!stored || stored->size() != hashes.size() * hash_length) {
            fault(path, entry_below(level, tile * tile_width),
                  "the hash tile is missing or has a wrong length");
            return {};
        }
        for (std::size_t i = 0; i < hashes.size(); ++i)
            if (hash_in(*stored, i) != hashes[i]) remember(level, tile * tile_width + i);
        return {};
    }

    // Who is at fault: when the entries give the signed root, they are right, and the stored hash
    // that differs is wrong; else the entries below that hash are.
    void judge(const Hash& root) {
        const bool entries_are_right = edge_.root() == root;
        if (entries_are_right && !mismatch_) return;
        if (!mismatch_)
            return fault("checkpoint", std::nullopt,
                         "the entries and hashes agree, and are not those that were signed");
        const std::uint64_t entry = entry_below(mismatch_->level, mismatch_->place);
        if (entries_are_right) {
            const std::uint64_t tile = mismatch_->place / tile_width;
            const std::uint64_t width = width_of(tile, hashes_at(mismatch_->level, size_));
            return fault(tile_path(mismatch_->level, tile, width), entry,
                         "a stored hash is not that of the entries");
        }
        const std::uint64_t tile = entry / tile_width;
        fault(entries_path(tile, width_of(tile, size_)), entry,
              "an entry is not the one that was signed");
    }

    // A tree of the size that was seen is on the way to every larger one (RFC 9162 §2.1.4).
    void look_for_seen() {
        if (seen_ && seen_->size == edge_.size) has_seen_root_ = edge_.root() == seen_->root;
    }

    // A log that verifies in itself may be an older copy, or one written anew by whoever has the
    // key.
    void judge_seen() {
        if (!seen_ || has_seen_root_) return;
        fault("checkpoint", std::nullopt,
              seen_->size > size_
                  ? StaticText("the log is shorter than it was when it was seen before")
                  : StaticText("the log is not the one that was seen before: it was rewritten"));
    }

    static std::uint64_t entry_below(unsigned level, std::uint64_t place) {
        return place << (8 * level);
    }
    void remember(unsigned level, std::uint64_t place) {
        if (!mismatch_) mismatch_ = Mismatch{level, place};
    }
    Result<std::optional<std::string>> read(const std::string& path, std::size_t bytes_max) const {
        const auto at_hand = partial_.find(path);
        if (at_hand != partial_.end()) return at_hand->second;
        return read_file(folder_, path, bytes_max);
    }

    const DurableFolder& folder_;
    std::uint64_t size_;
    const Files& partial_;
    const std::optional<Checkpoint>& seen_;
    const Visit& visit_;
    RightEdge edge_;
    std::optional<std::string> leaves_;  // the stored hashes of the entries read last
    bool has_seen_root_ = false;
    std::optional<Mismatch> mismatch_;
    bool stopped_ = false;
    Verification result_;
};

Result<std::optional<std::string>> read_note(const DurableFolder& folder) {
    return folder.read("checkpoint", checkpoint_bytes_max);
}

Scanned bad_checkpoint(StaticText problem) {
    Scanned result;
    result.verification.where = "checkpoint";
    result.verification.problem = problem;
    return result;
}

// The partial tiles of a tree: all that a writer replaces as the tree grows.
Result<Files> read_partial_tiles(const DurableFolder& folder, std::uint64_t size) {
    Files files;
    for (unsigned level = 0; hashes_at(level, size) > 0; ++level) {
        const std::uint64_t count = hashes_at(level, size);
        const std::uint64_t width = count % tile_width;
        if (width == 0) continue;
        const std::string tile = tile_path(level, count / tile_width, width);
        TRY_ASSIGN(files[tile], read_file(folder, tile, tile_width * hash_length));
        if (level > 0) continue;
        const std::string bundle = entries_path(count / tile_width, width);
        TRY_ASSIGN(files[bundle], read_file(folder, bundle, entries_tile_bytes_max));
    }
    return files;
}

}  // namespace

Result<Scanned> scan(const DurableFolder& folder, const std::string& origin,
                     const crypto::Key& public_key, const std::optional<Checkpoint>& seen,
                     const Visit& visit) {
    for (int attempt = 1;; ++attempt) {
        TRY_ASSIGN(const auto note, read_note(folder));
        if (!note) return bad_checkpoint("the checkpoint is missing");
        auto checkpoint = open_checkpoint(*note, origin, public_key);
        if (!checkpoint && checkpoint.error().kind() != ErrorKind::Corrupt)
            return checkpoint.error();
        if (!checkpoint) return bad_checkpoint(checkpoint.error().text());
        TRY_ASSIGN(const Files partial, read_partial_tiles(folder, checkpoint->size));
        TRY_ASSIGN(const auto note_now, read_note(folder));
        // A writer moved on and took away what this checkpoint counts: look again. Full tiles stay.
        if (note_now != note && attempt < attempts_max) continue;
        Scan pass(folder, checkpoint->size, partial, seen, visit);
        TRY_ASSIGN(Verification verification, pass.run(checkpoint->root));
        return Scanned{std::move(verification), std::move(*checkpoint), *note, pass.take_edge()};
    }
}

}  // namespace consultd::audit
