// DurableFolder: files below one folder that are on the disk when we say so (fsync of the file and
// of each folder on its way). A failed write or fsync is reported once and never tried again: the
// kernel may drop the page and call the next fsync a success. A write that found no room (detail
// "no-room") promised nothing and may be made anew. Knows nothing of trees or checkpoints.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "adapter/audit/file_operations.h"

namespace consultd::audit {

class DurableFolder {
public:
    // NotFound: there is no such folder. Storage: it cannot be opened, or is no folder.
    static Result<DurableFolder> open(const std::string& path);
    // The same, after making the folder, mode 0700, where it is missing. Its parent must be there.
    static Result<DurableFolder> open_or_make(const std::string& path);
    explicit DurableFolder(std::unique_ptr<FileOperations> files) : files_(std::move(files)) {}

    // Takes the exclusive lock of the file `name`, made where it is missing, until the descriptor
    // is closed. Busy: another holds it.
    Result<Descriptor> lock(const char* name) const { return files_->lock(name); }

    // The whole file; absent when there is none. TooLarge: over `bytes_max`. Corrupt: no regular
    // file. Storage: cannot be read.
    Result<std::optional<std::string>> read(const std::string& path, std::size_t bytes_max) const {
        return files_->read(path, bytes_max);
    }
    bool exists(const std::string& path) const { return files_->exists(path); }

    // Writes the file, mode 0600, over whatever has its name, and the folders on its way, mode
    // 0700. Its bytes are durable when this returns; its name is after sync_folders().
    Status write(const std::string& path, std::string_view bytes);
    // Puts a file over another in one step. Both are directly in this folder.
    Status rename(const char* from, const char* to);
    // Makes durable the names of all files written or renamed since the last call.
    Status sync_folders();
    // Makes durable the names that are directly in this folder, whoever wrote them.
    Status sync_top() const { return files_->sync_folder("."); }
    // Removes the files of a folder but for `keep`, and the folder itself when `keep` is empty.
    // What cannot be removed stays: nothing depends on it.
    void clear_folder(const std::string& path, const std::string& keep);

private:
    Status make_parents(const std::string& path);

    std::unique_ptr<FileOperations> files_;
    std::set<std::string> made_durable_;  // folders whose own name is known to be durable
    std::set<std::string> to_sync_;       // folders with names that are not durable yet
};

}  // namespace consultd::audit
