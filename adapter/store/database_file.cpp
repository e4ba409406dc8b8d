#include "adapter/store/database_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <mutex>
#include <set>

namespace consultd {
namespace {

// File systems on which SQLite's locks or shared memory do not hold; statfs(2), linux/magic.h.
constexpr std::array<std::uint32_t, 7> network_file_systems{
    0x6969,      // NFS
    0x517B,      // SMB
    0xFF534D42,  // CIFS
    0xFE534D42,  // SMB2
    0x65735546,  // FUSE: sshfs, glusterfs and others that we cannot tell apart
    0x5346414F,  // AFS
    0x00C36400,  // Ceph
};

Error storage(StaticText text) { return Error(ErrorKind::Storage, text).with("errno", errno); }

// The files that connections of this process are open on. A process that was forked off has none
// of them: SQLite's connections do not outlive a fork.
class OpenHere {
public:
    bool add(const std::pair<dev_t, ino_t>& key) {
        const std::lock_guard lock(mutex_);
        if (std::exchange(process_, ::getpid()) != ::getpid()) open_.clear();
        return open_.insert(key).second;
    }
    void remove(const std::pair<dev_t, ino_t>& key) {
        const std::lock_guard lock(mutex_);
        open_.erase(key);
    }

private:
    std::mutex mutex_;
    pid_t process_ = ::getpid();
    std::set<std::pair<dev_t, ino_t>> open_;
};

OpenHere& open_here() {
    static OpenHere open;
    return open;
}

}  // namespace

Result<std::string> place_of_database(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
    const std::unique_ptr<char, void (*)(void*)> real(::realpath(folder.c_str(), nullptr), ::free);
    if (!real)
        return Error(ErrorKind::Config, "the state directory is not there").with("errno", errno);
    struct statfs facts {};
    if (::statfs(real.get(), &facts) != 0) return storage("cannot look at the state directory");
    const auto magic = static_cast<std::uint32_t>(facts.f_type);
    if (std::find(network_file_systems.begin(), network_file_systems.end(), magic) !=
        network_file_systems.end())
        return Error(ErrorKind::Config, "the state directory is on a network file system");
    return std::string(real.get()) + "/" +
           (slash == std::string::npos ? file : file.substr(slash + 1));
}

Result<int> open_private_file(const std::string& path) {
    const int fd =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == ELOOP || errno == EISDIR))
        return Error(ErrorKind::Config, "a file of the state is a symbolic link or a folder");
    if (fd < 0) return storage("cannot open a file of the state");
    struct stat facts {};
    if (::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && ::fchmod(fd, 0600) == 0) return fd;
    ::close(fd);
    return Error(ErrorKind::Config, "a file of the state is no regular file of ours");
}

Result<DatabaseFile> DatabaseFile::take(const std::string& path) {
    // O_EXCL: what this opens and closes is a file that nobody had before, and that nobody else in
    // this process gets at before it is closed. SQLite gives its -wal and -shm the mode of it.
    static std::mutex making;
    const std::lock_guard lock(making);
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (made >= 0) ::close(made);
    if (made < 0 && errno != EEXIST) return storage("cannot make the state database's file");
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0) return storage("cannot look at the state database");
    const bool is_ours = S_ISREG(facts.st_mode) &&
                         ((facts.st_mode & 0777U) == 0600U || ::chmod(path.c_str(), 0600) == 0);
    if (!is_ours) return Error(ErrorKind::Config, "the state database is no regular file of ours");
    const Key key{facts.st_dev, facts.st_ino};
    if (!open_here().add(key))
        return Error(ErrorKind::Busy, "this process has the state database open already");
    return DatabaseFile(key);
}

DatabaseFile::~DatabaseFile() {
    if (key_.second != 0) open_here().remove(key_);
}

}  // namespace consultd
