// Disk: files in memory as a disk keeps them. What is written into a file is durable when the write
// returns, as FileOperations says; a name is durable when its folder was synced. When the power is
// cut, of the names that were not synced some are there and some are not, and a write that was
// going on has got a part of its bytes down.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapter/audit/file_operations.h"
#include "tests/simulation/history.h"

namespace consultd::simulation {

// What a durable write meets with.
enum class WriteFate { Done, NoRoom, FailsUndone, FailsDone, DiesBefore, DiesAmid, DiesAfter };

class Disk {
public:
    Disk(Chance& chance, std::function<WriteFate()> fate)
        : chance_(chance), fate_(std::move(fate)) {}

    // The folder of the log, for a process that is alive.
    std::unique_ptr<audit::FileOperations> open();
    // The same as a machine would find it after a power cut now, at its worst: nothing is there but
    // what was made durable.
    std::unique_ptr<audit::FileOperations> durable_view() const;
    void cut_power();
    // Every byte of every file, names too.
    std::string bytes() const;
    const auto& files() const { return seen_; }

    // Null: a folder.
    using Inode = std::shared_ptr<std::string>;
    using Names = std::map<std::string, Inode>;

private:
    friend class SimFolder;
    // One change of names in one folder: what is to be there and what is to be gone.
    struct Change {
        std::string folder;
        std::map<std::string, std::optional<Inode>> names;
    };
    // Making durable what was written takes no more room.
    enum class NeedsRoom { Yes, No };
    Status write_durably(const std::function<void()>& amid, const std::function<void()>& done,
                         NeedsRoom needs_room = NeedsRoom::Yes);
    void change_names(Change change);
    void sync(const std::string& folder);
    static void apply(const Change& change, Names& names);

    Chance& chance_;
    std::function<WriteFate()> fate_;
    Names seen_, durable_;         // by path
    std::vector<Change> pending_;  // what is seen and not durable, in order
};

}  // namespace consultd::simulation
