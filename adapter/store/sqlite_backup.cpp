#include "adapter/store/sqlite_backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/store/sqlite_database.h"

namespace consultd {
namespace {

Status make_durable(const std::string& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const bool done =
        descriptor >= 0 && ::fchmod(descriptor, 0600) == 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    return done ? Status() : Error(ErrorKind::Storage, "the copy of the state cannot be written");
}

}  // namespace

// One read transaction, in which nothing else is seen; what was deleted does not come along:
// https://www.sqlite.org/lang_vacuum.html#vacuuminto
Status copy_sqlite_store(const std::string& file, const std::string& copy) {
    TRY_ASSIGN(const std::unique_ptr<SqliteDatabase> database,
               SqliteDatabase::open(file, SqliteDatabase::Lock::None));
    SqliteStatement vacuum(database->handle(), "VACUUM INTO ?");
    TRY(vacuum.bind(copy).run());
    return make_durable(copy);
}

}  // namespace consultd
