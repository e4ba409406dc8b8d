#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "other_process.h"
#include "store_suite.h"

namespace consultd {
namespace {

using testing::OtherProcess;

class SqlitePlace final : public StorePlace {
public:
    SqlitePlace() {
        // In memory where there is such a place: hundreds of commits need no real disk here.
        const std::filesystem::path memory = "/dev/shm";
        const bool in_memory = ::access(memory.c_str(), W_OK) == 0;
        std::string pattern =
            (in_memory ? memory : std::filesystem::temp_directory_path()) / "consultd-store-XXXXXX";
        EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = pattern;
        file = folder + "/consultd.db";
    }
    ~SqlitePlace() override { std::filesystem::remove_all(folder); }
    Result<std::unique_ptr<Store>> open() override {
        return open_sqlite_store(file, StoreRole::Owner);
    }
    std::string bytes() const override {
        std::string all;
        for (const auto& item : std::filesystem::directory_iterator(folder)) {
            std::ifstream in(item.path(), std::ios::binary);
            all.append(std::istreambuf_iterator<char>(in), {});
        }
        return all;
    }
    ErrorKind refusal() const {
        const auto opened = open_sqlite_store(file, StoreRole::Owner);
        EXPECT_FALSE(opened.ok());
        return opened.ok() ? ErrorKind::Cancelled : opened.error().kind();
    }
    void run_sql(const char* sql) const {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
        ASSERT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(database);
    }
    std::string folder, file;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreTest,
                         ::testing::Values(StoreFactory{
                             "Sqlite", [] { return std::make_unique<SqlitePlace>(); }}),
                         [](const auto& suite) { return suite.param.name; });

class SqliteStoreTest : public ::testing::Test {
protected:
    static Transfer transfer(const std::string& id) {
        Transfer transfer;
        transfer.id = id;
        return transfer;
    }
    SqlitePlace place_;
};

// The operator starts a second daemon on the same state directory.
TEST_F(SqliteStoreTest, ASecondProcessIsRefused) {
    OtherProcess second([this] { return place_.refusal() == ErrorKind::Busy; });
    OtherProcess third([this] { return place_.open().ok(); });
    auto store = place_.open();
    ASSERT_TRUE(store.ok());
    EXPECT_TRUE(second.run());
    store->reset();
    EXPECT_TRUE(third.run());
}

// `consultd status` and `consultd cancel` beside the daemon.
TEST_F(SqliteStoreTest, AVisitorPlacesListsAndChangesButTakesNoLease) {
    const testing::FakeClock clock;
    OtherProcess places([&] {
        const auto visitor = open_sqlite_store(place_.file, StoreRole::Visitor);
        const bool placed = visitor.ok() && (*visitor)->create(transfer("t1"), {}).ok() &&
                            (*visitor)->create(transfer("t2"), {}).ok();
        const auto refused = (*visitor)->claim(clock.now(), Milliseconds(60'000), "visitor");
        return placed && refused.error().kind() == ErrorKind::Unsupported;
    });
    OtherProcess changes([&] {
        const auto visitor = open_sqlite_store(place_.file, StoreRole::Visitor);
        Transfer withdrawn = transfer("t1");
        withdrawn.state = TransferState::Withdrawn;
        withdrawn.updated = clock.now();
        const Status leased = (*visitor)->change(TransferState::Requested, withdrawn);
        withdrawn.id = "t2";
        return !leased && leased.error().kind() == ErrorKind::Conflict &&
               (*visitor)->change(TransferState::Requested, withdrawn).ok();
    });
    const auto owner = place_.open();
    ASSERT_TRUE(places.run());
    const auto lease = *(*owner)->claim("t1", clock.now(), Milliseconds(60'000), "worker");
    ASSERT_TRUE(lease.has_value());
    ASSERT_TRUE(changes.run());
    // A visitor's coming leaves the owner's leases as they are.
    EXPECT_TRUE((*owner)->renew(*lease, clock.now(), Milliseconds(60'000)).ok());
    EXPECT_EQ((*owner)->list({})->size(), 2U);
}

// `consultd cancel` beside the daemon, killed as soon as it has its answer.
TEST_F(SqliteStoreTest, AWishFromAnotherProcessStopsTheOwnerAndOutlivesWhoeverAsked) {
    const testing::FakeClock clock;
    OtherProcess cancels([&] {
        const auto visitor = open_sqlite_store(place_.file, StoreRole::Visitor);
        const auto asked = (*visitor)->ask_withdrawal("t1", clock.now());
        if (!asked || !must_be_withdrawn(**asked)) return false;
        ::kill(::getpid(), SIGKILL);
        return true;
    });
    auto owner = place_.open();
    ASSERT_TRUE((*owner)->create(transfer("t1"), {}).ok());
    const Lease lease = **(*owner)->claim("t1", clock.now(), Milliseconds(60'000), "worker");
    Transfer next = lease.transfer;
    next.state = TransferState::Pulling;
    ASSERT_TRUE((*owner)->save(lease, next, {}).ok());
    EXPECT_FALSE(cancels.run()) << "it was to be killed";
    EXPECT_EQ((*owner)->renew(lease, clock.now(), Milliseconds(60'000)).value(),
              Renewal::MustBeWithdrawn);
    next.state = TransferState::Prepared;
    EXPECT_EQ((*owner)->save(lease, next, {}).error().number("withdrawal"), 1);
    owner->reset();
    EXPECT_TRUE(must_be_withdrawn(**(*place_.open())->find("t1")));
}

// `consultd transfer` beside the daemon: how it learns that there is work.
TEST_F(SqliteStoreTest, WhatAnotherProcessWroteIsNoticedOnce) {
    OtherProcess visitor([this] {
        const auto store = open_sqlite_store(place_.file, StoreRole::Visitor);
        return (*store)->create(transfer("t2"), {}).ok();
    });
    const auto owner = place_.open();
    (void)(*owner)->changed_elsewhere();
    ASSERT_TRUE((*owner)->create(transfer("t1"), {}).ok());
    EXPECT_FALSE(*(*owner)->changed_elsewhere()) << "it wrote that itself";
    ASSERT_TRUE(visitor.run());
    EXPECT_TRUE(*(*owner)->changed_elsewhere());
    EXPECT_FALSE(*(*owner)->changed_elsewhere());
}

TEST_F(SqliteStoreTest, WhetherItHasAnOwnerIsSeenWithoutKeepingOneOut) {
    OtherProcess looks([this] {
        return *sqlite_store_has_owner(place_.file) && place_.refusal() == ErrorKind::Busy &&
               *sqlite_store_has_owner(place_.file);
    });
    EXPECT_FALSE(*sqlite_store_has_owner(place_.file));
    {
        const auto owner = place_.open();
        EXPECT_TRUE(*sqlite_store_has_owner(place_.file));
        EXPECT_TRUE(looks.run()) << "the refused one took it away";
        EXPECT_TRUE(*sqlite_store_has_owner(place_.file));
    }
    EXPECT_FALSE(*sqlite_store_has_owner(place_.file));
    EXPECT_TRUE(place_.open().ok());
}

// One process has one store: a second one would see other leases and commits than the first.
TEST_F(SqliteStoreTest, ASecondOpenInTheSameProcessIsRefused) {
    auto store = place_.open();
    EXPECT_EQ(place_.refusal(), ErrorKind::Busy);
    const std::string link = place_.folder + "-link";
    std::filesystem::create_directory_symlink(place_.folder, link);
    for (const std::string& name : {place_.file, link + "/consultd.db"}) {
        const auto visitor = open_sqlite_store(name, StoreRole::Visitor);
        ASSERT_FALSE(visitor.ok()) << name;
        EXPECT_EQ(visitor.error().kind(), ErrorKind::Busy);
    }
    std::filesystem::remove(link);
    store->reset();
    EXPECT_TRUE(open_sqlite_store(place_.file, StoreRole::Visitor).ok());
}

// Whatever we open beside SQLite and close again drops its locks, and whoever comes next takes the
// write-ahead log away: what we commit after that is in no file that anybody finds.
TEST_F(SqliteStoreTest, NothingThisProcessOpensLosesItsCommitsToAnother) {
    OtherProcess tool([this] {
        place_.run_sql("PRAGMA wal_checkpoint(TRUNCATE); SELECT count(*) FROM transfer");
        return true;
    });
    OtherProcess reader([this] {
        const auto visitor = open_sqlite_store(place_.file, StoreRole::Visitor);
        return visitor.ok() && (*visitor)->list({})->size() == 2;
    });
    const auto owner = place_.open();
    ASSERT_TRUE((*owner)->create(transfer("t1"), {}).ok());
    EXPECT_TRUE(*sqlite_store_has_owner(place_.file));
    (void)open_sqlite_store(place_.file, StoreRole::Visitor);
    (void)open_sqlite_store(place_.file, StoreRole::Owner);
    ASSERT_TRUE(tool.run());
    EXPECT_TRUE(std::filesystem::exists(place_.file + "-wal"));
    ASSERT_TRUE((*owner)->create(transfer("t2"), {}).ok());
    EXPECT_TRUE(reader.run());
}

TEST_F(SqliteStoreTest, OnlyItsOwnerMayReadIt) {
    std::ofstream(place_.file).flush();
    std::filesystem::permissions(place_.file, std::filesystem::perms(0644));
    const auto store = place_.open();
    ASSERT_TRUE((*store)->create(transfer("t1"), {{Part::Bundle, "x"}}).ok());
    int files = 0;
    for (const auto& item : std::filesystem::directory_iterator(place_.folder)) {
        struct stat facts {};
        ASSERT_EQ(::stat(item.path().c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 0777U, 0600U) << item.path();
        ++files;
    }
    EXPECT_EQ(files, 4);  // database, -wal, -shm, .lock
}

TEST_F(SqliteStoreTest, ASymbolicLinkIsRefused) {
    std::ofstream(place_.folder + "/elsewhere").flush();
    std::filesystem::create_symlink(place_.folder + "/elsewhere", place_.file);
    EXPECT_EQ(place_.refusal(), ErrorKind::Config);
}

TEST_F(SqliteStoreTest, AMissingDirectoryIsTheConfigsFault) {
    std::filesystem::remove_all(place_.folder);
    EXPECT_EQ(place_.refusal(), ErrorKind::Config);
}

TEST_F(SqliteStoreTest, AFileThatIsNoDatabaseIsCorrupt) {
    std::ofstream(place_.file) << std::string(8'192, 'x');
    EXPECT_EQ(place_.refusal(), ErrorKind::Corrupt);
}

TEST_F(SqliteStoreTest, ADamagedPageIsFoundAtTheStart) {
    {
        const auto store = place_.open();
        for (int i = 0; i < 500; ++i)
            ASSERT_TRUE((*store)->create(transfer(std::to_string(i)), {}).ok());
    }
    std::fstream file(place_.file, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(place_.file));
    for (std::streamoff page = 3 * 4096; page + 64 <= size; page += 4096) {
        file.seekp(page);
        file << std::string(64, '\xA5');
    }
    file.close();
    EXPECT_EQ(place_.refusal(), ErrorKind::Corrupt);
}

TEST_F(SqliteStoreTest, AnotherSchemaAndAForeignDatabaseAreRefused) {
    for (const char* version : {"PRAGMA user_version = 1", "PRAGMA user_version = 99"}) {
        place_.run_sql(version);
        EXPECT_EQ(place_.refusal(), ErrorKind::Config) << version;
    }
    place_.run_sql("PRAGMA user_version = 0; CREATE TABLE cookies(name TEXT)");
    EXPECT_EQ(place_.refusal(), ErrorKind::Config);
}

// Nobody else can hold the file, so a lease found in it is of a process that is gone.
TEST_F(SqliteStoreTest, ARestartDoesNotWaitForTheLeasesOfTheDead) {
    const testing::FakeClock clock;
    Lease stale;
    {
        const auto store = place_.open();
        ASSERT_TRUE((*store)->create(transfer("t1"), {}).ok());
        stale = **(*store)->claim(clock.now(), Milliseconds(60'000), "worker");
    }
    const auto store = place_.open();
    EXPECT_EQ((*store)->save(stale, stale.transfer, {}).error().kind(), ErrorKind::Conflict);
    const auto lease = (*store)->claim(clock.now(), Milliseconds(60'000), "worker");
    ASSERT_TRUE(lease->has_value());
    EXPECT_GT((*lease)->fence, stale.fence);
}

// Killed in the middle of its writes, again and again: what it had acknowledged is there, whole.
TEST_F(SqliteStoreTest, NothingAcknowledgedIsLostWhenTheProcessIsKilled) {
    constexpr int rounds = 12;
    std::uint64_t known = 0;
    for (int round = 0; round < rounds; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            const auto store = place_.open();
            for (std::uint64_t i = known; store.ok(); ++i) {
                const std::string id = std::to_string(i);
                if (!(*store)
                         ->create(transfer(id), {{Part::Bundle, std::string(9'000, 'b') + id}})
                         .ok())
                    ::_exit(1);
                if (::write(ends[1], "+", 1) != 1) ::_exit(1);
            }
            ::_exit(1);
        }
        ::close(ends[1]);
        // Killed after another number of acknowledged writes each round.
        char byte = 0;
        for (int i = 0; i <= 3 * round; ++i) ASSERT_EQ(::read(ends[0], &byte, 1), 1);
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status));
        known += static_cast<std::uint64_t>(3 * round + 1);
        while (::read(ends[0], &byte, 1) == 1) ++known;
        ::close(ends[0]);
        const auto store = place_.open();
        ASSERT_TRUE(store.ok()) << store.error().message();
        StoreFilter all;
        all.count_max = 1'000'000;
        const std::uint64_t found = (*store)->list(all)->size();
        EXPECT_GE(found, known);
        EXPECT_LE(found, known + 1);
        for (std::uint64_t i = 0; i < found; ++i)
            EXPECT_EQ(**(*store)->part(std::to_string(i), Part::Bundle),
                      std::string(9'000, 'b') + std::to_string(i));
        known = found;
    }
}

}  // namespace
}  // namespace consultd
