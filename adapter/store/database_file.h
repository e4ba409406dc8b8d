// DatabaseFile: the state database as the file system has it: where it lies, whose it is, and who
// in this process has it. Once the file is there it is never opened here: closing any descriptor of
// it would drop the locks that SQLite holds on it for this process, and another process would take
// the write-ahead log away from under us (https://www.sqlite.org/howtocorrupt.html §2.2). Knows no
// SQL.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "fhir/base/result.h"

namespace consultd {

// The file's place without symbolic links in its folder. Config: no folder, or one on a network
// file system.
Result<std::string> place_of_database(const std::string& file);

// A file beside the database, opened or made for its owner alone. Config: a symbolic link, or no
// regular file.
Result<int> open_private_file(const std::string& path);

// The right of one connection in this process to the database; it ends with the value. Two would
// be right for SQLite, and one too many for us: each keeps its own view of leases and commits.
class DatabaseFile {
public:
    // Makes the file, mode 0600, where there is none. Config: a symbolic link, or no regular file
    // of ours. Busy: this process has it already.
    static Result<DatabaseFile> take(const std::string& path);
    DatabaseFile(DatabaseFile&& other) noexcept : key_(std::exchange(other.key_, {})) {}
    DatabaseFile& operator=(DatabaseFile&& other) noexcept {
        std::swap(key_, other.key_);
        return *this;
    }
    ~DatabaseFile();

private:
    using Key = std::pair<dev_t, ino_t>;
    explicit DatabaseFile(Key key) : key_(key) {}
    Key key_;  // no file has the inode 0
};

}  // namespace consultd
