// SqliteDatabase: one SQLite connection as the store needs it: opened for one process alone,
// durable at every commit (WAL, synchronous=FULL), zeroing what is deleted; and its statements.
// SQLite's own errors become ours here. Knows no tables. https://www.sqlite.org/c3ref/intro.html
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapter/store/database_file.h"

struct sqlite3;
struct sqlite3_stmt;

namespace consultd {

// One prepared statement; parameters are bound in order, columns are read in order.
class SqliteStatement {
public:
    SqliteStatement(sqlite3* database, std::string_view sql);
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;
    ~SqliteStatement();

    SqliteStatement& bind(std::int64_t value);
    SqliteStatement& bind(std::string_view text);
    SqliteStatement& bind_bytes(std::string_view bytes);
    SqliteStatement& bind(const std::optional<std::int64_t>& value);

    // True: a row is at hand. False: done. The first fault of all calls so far is returned here.
    // Conflict: a unique key is taken. TooLarge: over SQLite's limit. Storage: not written, or not
    // read. Corrupt: no database.
    Result<bool> step();
    // For a statement without rows.
    Status run();

    std::int64_t integer();
    std::optional<std::int64_t> optional_integer();
    std::string text();  // bytes too

private:
    sqlite3* database_;
    sqlite3_stmt* statement_ = nullptr;
    int fault_ = 0;
    int parameter_ = 0;
    int column_ = 0;
};

class SqliteDatabase {
public:
    // Exclusive: one process at a time, by a lock on "<file>.lock". None: beside it, for a short
    // while; SQLite's own locks keep the two apart, and each waits for the other up to 5 s.
    enum class Lock { Exclusive, None };
    // Errors as open_sqlite_store() has them.
    static Result<std::unique_ptr<SqliteDatabase>> open(const std::string& file, Lock lock);
    // Whether a process holds it with Lock::Exclusive now; a look that keeps nobody out.
    static Result<bool> is_locked(const std::string& file);
    ~SqliteDatabase();
    SqliteDatabase(const SqliteDatabase&) = delete;
    SqliteDatabase& operator=(const SqliteDatabase&) = delete;

    sqlite3* handle() const { return database_; }
    // For fixed texts: pragmas, schema, transactions.
    Status execute(StaticText sql);
    std::int64_t changes() const;
    // Moves the write-ahead log into the file and cuts it to nothing, so that no old page is left.
    Status checkpoint_and_truncate();

private:
    SqliteDatabase() = default;
    Status lock(const std::string& file);
    Result<bool> log_ahead();
    Status connect(const std::string& file);
    Status check_whole();

    int lock_ = -1;
    std::optional<DatabaseFile> file_;
    sqlite3* database_ = nullptr;
    bool commit_failed_ = false;
    friend class Transaction;
};

// All of the work of one scope or none: rolls back unless committed. A commit that the disk failed
// is final, as the kernel may drop what it could not write: every later begin() fails too, with
// Storage. A full disk is not final.
class Transaction {
public:
    explicit Transaction(SqliteDatabase& database) : database_(database) {}
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    Status begin();
    Status commit();

private:
    SqliteDatabase& database_;
    bool open_ = false;
};

}  // namespace consultd
