// DurableFolder: files below one folder that are on the disk when we say so (fsync of the file and
// of each folder on its way). A failed write or fsync is reported once and never tried again: the
// kernel may drop the page and call the next fsync a success. Knows nothing of trees or
// checkpoints.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd::audit {

// An open file descriptor, closed with its owner.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor();
    int get() const { return fd_; }
    bool is_open() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

class DurableFolder {
public:
    // NotFound: there is no such folder. Storage: it cannot be opened, or is no folder.
    static Result<DurableFolder> open(const std::string& path);
    // The same, after making the folder, mode 0700, where it is missing. Its parent must be there.
    static Result<DurableFolder> open_or_make(const std::string& path);

    // Takes the exclusive lock of the file `name`, made where it is missing, until the descriptor
    // is closed. Busy: another holds it.
    Result<Descriptor> lock(const char* name) const;

    // The whole file; absent when there is none. TooLarge: over `bytes_max`. Corrupt: no regular
    // file. Storage: cannot be read.
    Result<std::optional<std::string>> read(const std::string& path, std::size_t bytes_max) const;
    bool exists(const std::string& path) const;

    // Writes the file, mode 0600, over whatever has its name, and the folders on its way, mode
    // 0700. Its bytes are durable when this returns; its name is after sync_folders().
    Status write(const std::string& path, std::string_view bytes);
    // Puts a file over another in one step. Both are directly in this folder.
    Status rename(const char* from, const char* to);
    // Makes durable the names of all files written or renamed since the last call.
    Status sync_folders();
    // Makes durable the names that are directly in this folder, whoever wrote them.
    Status sync_top() const { return sync_folder("."); }
    // Removes the files of a folder but for `keep`, and the folder itself when `keep` is empty.
    // What cannot be removed stays: nothing depends on it.
    void clear_folder(const std::string& path, const std::string& keep);

private:
    explicit DurableFolder(Descriptor folder) : folder_(std::move(folder)) {}
    Status make_parents(const std::string& path);
    Status sync_folder(const std::string& path) const;

    Descriptor folder_;
    std::set<std::string> made_durable_;  // folders whose own name is known to be durable
    std::set<std::string> to_sync_;       // folders with names that are not durable yet
};

}  // namespace consultd::audit
