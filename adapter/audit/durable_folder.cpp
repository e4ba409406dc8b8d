#include "adapter/audit/durable_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace consultd::audit {
namespace {

Error storage(StaticText text) { return Error(ErrorKind::Storage, text).with("errno", errno); }

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

Status write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return storage("cannot write a file of the audit log");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Result<DurableFolder> DurableFolder::open(const std::string& path) {
    Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open() && errno == ENOENT)
        return Error(ErrorKind::NotFound, "there is no audit log folder");
    if (!folder.is_open()) return storage("cannot open the audit log's folder");
    return DurableFolder(std::move(folder));
}

Result<DurableFolder> DurableFolder::open_or_make(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0) {
        // If we die before this fsync, there is no folder, and nothing was promised yet.
        const std::string clean = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
        const std::string parent = parent_of(clean);
        const Descriptor above(
            ::open(parent.empty() ? "/" : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!above.is_open() || ::fsync(above.get()) != 0)
            return storage("cannot make the audit log's folder durable");
    } else if (errno != EEXIST) {
        return storage("cannot make the audit log's folder");
    }
    return open(path);
}

Result<Descriptor> DurableFolder::lock(const char* name) const {
    Descriptor file(::openat(folder_.get(), name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) return storage("cannot open the audit log's lock");
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
    if (errno == EWOULDBLOCK)
        return Error(ErrorKind::Busy, "another process writes this audit log");
    return storage("cannot lock the audit log");
}

Result<std::optional<std::string>> DurableFolder::read(const std::string& path,
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

bool DurableFolder::exists(const std::string& path) const {
    struct stat facts {};
    return ::fstatat(folder_.get(), path.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
}

Status DurableFolder::make_parents(const std::string& path) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        const std::string folder = path.substr(0, slash);
        if (made_durable_.contains(folder)) continue;
        if (::mkdirat(folder_.get(), folder.c_str(), 0700) != 0 && errno != EEXIST)
            return storage("cannot make a folder of the audit log");
        // A folder that was there may be a leftover whose name never became durable.
        to_sync_.insert(parent_of(folder));
        made_durable_.insert(folder);
    }
    return {};
}

Status DurableFolder::write(const std::string& path, std::string_view bytes) {
    TRY(make_parents(path));
    Descriptor file(::openat(folder_.get(), path.c_str(),
                             O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) return storage("cannot make a file of the audit log");
    TRY(write_all(file.get(), bytes));
    if (::fsync(file.get()) != 0) return storage("cannot make a file of the audit log durable");
    to_sync_.insert(parent_of(path));
    return {};
}

Status DurableFolder::sync_folder(const std::string& path) const {
    const Descriptor folder(
        ::openat(folder_.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder.is_open() || ::fsync(folder.get()) != 0)
        return storage("cannot make a folder of the audit log durable");
    return {};
}

Status DurableFolder::sync_folders() {
    for (const std::string& folder : to_sync_) TRY(sync_folder(folder));
    to_sync_.clear();
    return {};
}

Status DurableFolder::rename(const char* from, const char* to) {
    if (::renameat(folder_.get(), from, folder_.get(), to) != 0)
        return storage("cannot put the audit log's checkpoint into place");
    to_sync_.insert(".");
    return {};
}

void DurableFolder::clear_folder(const std::string& path, const std::string& keep) {
    const int fd =
        ::openat(folder_.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR* listing = fd < 0 ? nullptr : ::fdopendir(fd);
    if (listing == nullptr) {
        if (fd >= 0) ::close(fd);
        return;
    }
    std::vector<std::string> names;
    while (const dirent* item = ::readdir(listing)) names.emplace_back(item->d_name);
    for (const std::string& name : names)
        if (name != "." && name != ".." && name != keep) ::unlinkat(fd, name.c_str(), 0);
    ::closedir(listing);
    if (!keep.empty()) return;
    if (::unlinkat(folder_.get(), path.c_str(), AT_REMOVEDIR) == 0) made_durable_.erase(path);
}

}  // namespace consultd::audit
