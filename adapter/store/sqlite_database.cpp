#include "adapter/store/sqlite_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace consultd {
namespace {

// As long as SQLite itself waits: 5 s.
constexpr int busy_tries_max = 250;
constexpr std::chrono::milliseconds busy_pause{20};

Error error_of(int code) {
    switch (code & 0xFF) {
        case SQLITE_CONSTRAINT:
            return Error(ErrorKind::Conflict, "a row of the state is taken already");
        case SQLITE_BUSY:
            return Error(ErrorKind::Busy, "another process keeps the state database busy");
        case SQLITE_FULL:  // nothing of it was written: https://www.sqlite.org/rescode.html#full
            return Error(ErrorKind::Storage, "there is no room on the disk for the state")
                .with("no-room", 1);
        case SQLITE_TOOBIG:
            return Error(ErrorKind::TooLarge, "a part of a transfer is over the database's limit");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Error(ErrorKind::Corrupt, "the state database is damaged").with("sqlite", code);
        default:
            return Error(ErrorKind::Storage, "the state database did not do its work")
                .with("sqlite", code);
    }
}

struct flock whole_file() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

Error storage(StaticText text) { return Error(ErrorKind::Storage, text).with("errno", errno); }

}  // namespace

SqliteStatement::SqliteStatement(sqlite3* database, std::string_view sql) : database_(database) {
    fault_ = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), 0, &statement_,
                                nullptr);
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

SqliteStatement& SqliteStatement::bind(std::int64_t value) {
    if (fault_ == SQLITE_OK) fault_ = sqlite3_bind_int64(statement_, ++parameter_, value);
    return *this;
}

SqliteStatement& SqliteStatement::bind(std::string_view text) {
    if (fault_ == SQLITE_OK)
        fault_ = sqlite3_bind_text64(statement_, ++parameter_, text.empty() ? "" : text.data(),
                                     text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

SqliteStatement& SqliteStatement::bind_bytes(std::string_view bytes) {
    if (fault_ == SQLITE_OK)
        fault_ = sqlite3_bind_blob64(statement_, ++parameter_, bytes.empty() ? "" : bytes.data(),
                                     bytes.size(), SQLITE_STATIC);
    return *this;
}

SqliteStatement& SqliteStatement::bind(const std::optional<std::int64_t>& value) {
    if (value) return bind(*value);
    if (fault_ == SQLITE_OK) fault_ = sqlite3_bind_null(statement_, ++parameter_);
    return *this;
}

Result<bool> SqliteStatement::step() {
    if (fault_ != SQLITE_OK) return error_of(fault_);
    column_ = 0;
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    fault_ = code;
    return error_of(sqlite3_extended_errcode(database_));
}

Status SqliteStatement::run() {
    TRY(step());
    return {};
}

std::int64_t SqliteStatement::integer() { return sqlite3_column_int64(statement_, column_++); }

std::optional<std::int64_t> SqliteStatement::optional_integer() {
    if (sqlite3_column_type(statement_, column_) != SQLITE_NULL) return integer();
    ++column_;
    return std::nullopt;
}

std::string SqliteStatement::text() {
    const void* const bytes = sqlite3_column_blob(statement_, column_);
    const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column_++));
    return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), length);
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const std::string& file, Lock lock) {
    TRY_ASSIGN(const std::string path, place_of_database(file));
    std::unique_ptr<SqliteDatabase> database(new SqliteDatabase);
    if (lock == Lock::Exclusive) TRY(database->lock(path + ".lock"));
    TRY(database->connect(path));
    // A visitor comes for a moment: reading all of the file is the owner's, once at its start, and
    // so is the moving of the write-ahead log, which no two may do at once
    // (https://www.sqlite.org/wal.html, "The WAL-reset bug").
    if (lock == Lock::Exclusive) {
        TRY(database->check_whole());
    } else {
        TRY(database->execute("PRAGMA wal_autocheckpoint=0"));
        sqlite3_db_config(database->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    return database;
}

SqliteDatabase::~SqliteDatabase() {
    sqlite3_close(database_);
    if (lock_ >= 0) ::close(lock_);
}

// SQLite's own locks let a second process in; ours does not. An open file description's lock, which
// can be looked at without being taken: fcntl(2), F_OFD_SETLK.
Status SqliteDatabase::lock(const std::string& file) {
    TRY_ASSIGN(lock_, open_private_file(file));
    struct flock whole = whole_file();
    if (::fcntl(lock_, F_OFD_SETLK, &whole) == 0) return {};
    if (errno == EAGAIN || errno == EACCES)
        return Error(ErrorKind::Busy, "another process holds the state database");
    return storage("cannot lock the state database");
}

Result<bool> SqliteDatabase::is_locked(const std::string& file) {
    TRY_ASSIGN(const std::string path, place_of_database(file));
    TRY_ASSIGN(const int fd, open_private_file(path + ".lock"));
    struct flock whole = whole_file();
    const int looked = ::fcntl(fd, F_OFD_GETLK, &whole);
    ::close(fd);
    if (looked != 0) return storage("cannot look at the state database's lock");
    return whole.l_type != F_UNLCK;
}

Status SqliteDatabase::connect(const std::string& file) {
    TRY_ASSIGN(DatabaseFile taken, DatabaseFile::take(file));
    file_.emplace(std::move(taken));
    const int code = sqlite3_open_v2(file.c_str(), &database_,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW |
                                         SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE,
                                     nullptr);
    if (code != SQLITE_OK) return error_of(code);
    sqlite3_busy_timeout(database_, 5'000);
    sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    TRY(execute("PRAGMA trusted_schema=OFF"));
    TRY(execute("PRAGMA cell_size_check=ON"));
    TRY(execute("PRAGMA secure_delete=ON"));
    TRY(execute("PRAGMA foreign_keys=ON"));
    TRY(execute("PRAGMA temp_store=MEMORY"));
    TRY(execute("PRAGMA synchronous=FULL"));
    TRY_ASSIGN(const bool is_logged_ahead, log_ahead());
    if (!is_logged_ahead)
        return Error(ErrorKind::Config, "the state directory's file system takes no shared memory");
    return {};
}

// Whoever is first at a database that a dead process left mends its log, and it is busy for all
// others until then, for which SQLite's own waiting is not asked
// (https://www.sqlite.org/rescode.html#busy_recovery).
Result<bool> SqliteDatabase::log_ahead() {
    for (int tries = 0;; ++tries) {
        SqliteStatement wal(database_, "PRAGMA journal_mode=WAL");
        const Result<bool> row = wal.step();
        if (row) return *row && wal.text() == "wal";
        if (row.error().kind() != ErrorKind::Busy || tries == busy_tries_max) return row.error();
        std::this_thread::sleep_for(busy_pause);
    }
}

Status SqliteDatabase::check_whole() {
    SqliteStatement check(database_, "PRAGMA quick_check(1)");
    TRY_ASSIGN(const bool row, check.step());
    if (row && check.text() == "ok") return {};
    return Error(ErrorKind::Corrupt, "the state database does not pass SQLite's quick_check");
}

Status SqliteDatabase::execute(StaticText sql) {
    const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error_of(sqlite3_extended_errcode(database_));
    return {};
}

std::int64_t SqliteDatabase::changes() const { return sqlite3_changes64(database_); }

Status SqliteDatabase::checkpoint_and_truncate() {
    const int code =
        sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (code != SQLITE_OK) return error_of(code);
    return {};
}

Transaction::~Transaction() {
    if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Status Transaction::begin() {
    if (database_.commit_failed_)
        return Error(ErrorKind::Storage, "the disk failed a commit of the state database before");
    TRY(database_.execute("BEGIN IMMEDIATE"));
    open_ = true;
    return {};
}

Status Transaction::commit() {
    const Status done = database_.execute("COMMIT");
    if (done.ok()) open_ = false;
    if (!done.ok() && (done.error().number("sqlite").value_or(0) & 0xFF) == SQLITE_IOERR)
        database_.commit_failed_ = true;
    return done;
}

}  // namespace consultd
