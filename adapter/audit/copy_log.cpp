#include "adapter/audit/copy_log.h"

#include "adapter/audit/scan.h"
#include "adapter/audit/tiles.h"

namespace consultd::audit {
namespace {

// The files of the entries that it is given, as the log's own writer would have written them.
class Copy {
public:
    explicit Copy(DurableFolder folder) : folder_(std::move(folder)) {}

    void take(std::string_view entry) {
        waiting_.emplace_back(entry);
        if (waiting_.size() == tile_width) write_waiting();
    }
    Status end(std::string_view checkpoint) {
        write_waiting();
        TRY(std::move(written_));
        TRY(folder_.sync_folders());
        TRY(folder_.write("checkpoint", checkpoint));
        return folder_.sync_folders();
    }

private:
    void write_waiting() {
        if (waiting_.empty() || !written_) return;
        const Growth growth = grow(edge_, waiting_);
        for (const std::vector<TileFile>* const files : {&growth.entries, &growth.hashes})
            for (const TileFile& file : *files)
                if (written_) written_ = folder_.write(file.path, file.bytes);
        waiting_.clear();
    }

    DurableFolder folder_;
    RightEdge edge_;
    std::vector<std::string> waiting_;  // of one tile
    Status written_;
};

}  // namespace

Result<Checkpoint> copy_log(const DurableFolder& from, DurableFolder into,
                            const std::string& origin, const crypto::Key& public_key) {
    Copy copy(std::move(into));
    TRY_ASSIGN(const Scanned scanned,
               scan(from, origin, public_key, {}, [&](std::uint64_t, std::string_view entry) {
                   copy.take(entry);
                   return true;
               }));
    if (!scanned.verification.ok()) return Error(ErrorKind::Corrupt, scanned.verification.problem);
    TRY(copy.end(scanned.note));
    return scanned.checkpoint;
}

}  // namespace consultd::audit
