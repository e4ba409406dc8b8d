// FileOperations on POSIX: https://pubs.opengroup.org/onlinepubs/9699919799/
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "adapter/audit/file_operations.h"

namespace consultd::audit {
namespace {

Error storage(StaticText text) { return Error(ErrorKind::Storage, text).with("errno", errno); }

// Of what was to be written; never of an fsync, whose failure may have lost what was written.
Error not_written(StaticText text) {
    const bool is_full = errno == ENOSPC || errno == EDQUOT;
    Error error = storage(text);
    return is_full ? std::move(error).with("no-room", 1) : error;
}

Status write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return not_written("cannot write a file of the audit log");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

class PosixFolder final : public FileOperations {
public:
    explicit PosixFolder(Descriptor folder) : folder_(std::move(folder)) {}
    Result<Descriptor> lock(const char* name) override;
    Result<std::optional<std::string>> read(const std::string& path,
                                            std::size_t bytes_max) const override;
    bool exists(const std::string& path) const override;
    Status make_folder(const std::string& path) override;
    Status write(const std::string& path, std::string_view bytes) override;
    Status rename(const char* from, const char* to) override;
    Status sync_folder(const std::string& path) override;
    std::vector<std::string> names(const std::string& path) const override;
    bool remove_file(const std::string& path) override {
        return ::unlinkat(folder_.get(), path.c_str(), 0) == 0;
    }
    bool remove_folder(const std::string& path) override {
        return ::unlinkat(folder_.get(), path.c_str(), AT_REMOVEDIR) == 0;
    }

private:
    const Descriptor folder_;
};

Result<Descriptor> PosixFolder::lock(const char* name) {
    Descriptor file(::openat(folder_.get(), name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) return storage("cannot open the audit log's lock");
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
    if (errno == EWOULDBLOCK)
        return Error(ErrorKind::Busy, "another process writes this audit log");
    return storage("cannot lock the audit log");
}

Result<std::optional<std::string>> PosixFolder::read(const std::string& path,
                                                     std::size_t bytes_max) const {
    const Descriptor file(
        ::openat(folder_.get(), path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.is_open() && (errno == ENOENT || errno == ENOTDIR))
        return std::optional<std::string>();
    const Error no_file(ErrorKind::Corrupt, "a file of the audit log is no regular file");
    if (!file.is_open() && errno == ELOOP) return no_file;
    if (!file.is_open()) return storage("cannot open a file of the audit log");
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0) return storage("cannot look at a file of the audit log");
    if (!S_ISREG(facts.st_mode)) return no_file;
    std::string bytes;
    // One byte past the size at hand, so that a file that grows is noticed by what is read.
    bytes.resize(std::min(static_cast<std::size_t>(facts.st_size), bytes_max) + 1);
    std::size_t length = 0;
    while (length < bytes.size()) {
        const ssize_t got = ::read(file.get(), bytes.data() + length, bytes.size() - length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return storage("cannot read a file of the audit log");
        if (got == 0) break;
        length += static_cast<std::size_t>(got);
        if (length == bytes.size() && length <= bytes_max)
            bytes.resize(std::min(2 * length, bytes_max + 1));
    }
    if (length > bytes_max)
        return Error(ErrorKind::TooLarge, "a file of the audit log is longer than it can be");
    bytes.resize(length);
    return std::optional<std::string>(std::move(bytes));
}

bool PosixFolder::exists(const std::string& path) const {
    struct stat facts {};
    return ::fstatat(folder_.get(), path.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
}

Status PosixFolder::make_folder(const std::string& path) {
    if (::mkdirat(folder_.get(), path.c_str(), 0700) != 0 && errno != EEXIST)
        return not_written("cannot make a folder of the audit log");
    return {};
}

Status PosixFolder::write(const std::string& path, std::string_view bytes) {
    Descriptor file(::openat(folder_.get(), path.c_str(),
                             O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) return not_written("cannot make a file of the audit log");
    TRY(write_all(file.get(), bytes));
    if (::fsync(file.get()) != 0) return storage("cannot make a file of the audit log durable");
    return {};
}

Status PosixFolder::rename(const char* from, const char* to) {
    if (::renameat(folder_.get(), from, folder_.get(), to) != 0)
        return storage("cannot put the audit log's checkpoint into place");
    return {};
}

Status PosixFolder::sync_folder(const std::string& path) {
    const Descriptor folder(
        ::openat(folder_.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder.is_open() || ::fsync(folder.get()) != 0)
        return storage("cannot make a folder of the audit log durable");
    return {};
}

std::vector<std::string> PosixFolder::names(const std::string& path) const {
    std::vector<std::string> found;
    const int fd =
        ::openat(folder_.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR* listing = fd < 0 ? nullptr : ::fdopendir(fd);
    if (listing == nullptr) {
        if (fd >= 0) ::close(fd);
        return found;
    }
    while (const dirent* item = ::readdir(listing)) {
        const std::string name = item->d_name;
        if (name != "." && name != "..") found.push_back(name);
    }
    ::closedir(listing);
    return found;
}

}  // namespace

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Result<std::unique_ptr<FileOperations>> open_folder(const std::string& path) {
    Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open() && errno == ENOENT)
        return Error(ErrorKind::NotFound, "there is no audit log folder");
    if (!folder.is_open()) return storage("cannot open the audit log's folder");
    return std::unique_ptr<FileOperations>(std::make_unique<PosixFolder>(std::move(folder)));
}

Status make_durable_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0) {
        if (errno == EEXIST) return {};
        return storage("cannot make the audit log's folder");
    }
    // If we die before this fsync, there is no folder, and nothing was promised yet.
    const std::string clean = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
    const std::size_t slash = clean.rfind('/');
    const std::string parent = slash == std::string::npos ? "." : clean.substr(0, slash);
    const Descriptor above(
        ::open(parent.empty() ? "/" : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!above.is_open() || ::fsync(above.get()) != 0)
        return storage("cannot make the audit log's folder durable");
    return {};
}

}  // namespace consultd::audit
