// FileOperations: what an operating system does to the files below one folder, each call as small
// as a crash can tell apart. DurableFolder says in which order; tests put a disk in memory here
// that tears writes and loses names. Paths are relative to the folder.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// Each error is Storage where nothing else is said.
class FileOperations {
public:
    virtual ~FileOperations() = default;
    // Takes the exclusive lock of the file `name`, made where it is missing, until the descriptor
    // is closed. Busy: another holds it.
    virtual Result<Descriptor> lock(const char* name) = 0;
    // The whole file; absent when there is none. TooLarge: over `bytes_max`. Corrupt: no regular
    // file.
    virtual Result<std::optional<std::string>> read(const std::string& path,
                                                    std::size_t bytes_max) const = 0;
    virtual bool exists(const std::string& path) const = 0;
    // The folder is there afterwards, mode 0700; its name is durable after sync_folder() of the
    // folder it is in.
    virtual Status make_folder(const std::string& path) = 0;
    // The file holds these bytes, mode 0600, and they are durable; its name is as above.
    virtual Status write(const std::string& path, std::string_view bytes) = 0;
    // Puts a file over another in one step.
    virtual Status rename(const char* from, const char* to) = 0;
    virtual Status sync_folder(const std::string& path) = 0;
    // The names directly in a folder; none where it cannot be read.
    virtual std::vector<std::string> names(const std::string& path) const = 0;
    // False: it stays.
    virtual bool remove_file(const std::string& path) = 0;
    virtual bool remove_folder(const std::string& path) = 0;
};

// NotFound: there is no such folder. Storage: it cannot be opened, or is no folder.
Result<std::unique_ptr<FileOperations>> open_folder(const std::string& path);
// Makes the folder, mode 0700 and durable, where it is missing. Its parent must be there.
Status make_durable_folder(const std::string& path);

}  // namespace consultd::audit
