#include "adapter/audit/audit_log.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "log_fixture.h"

namespace consultd::audit {
namespace {

using AuditLogTest = LogTest;

TEST_F(AuditLogTest, ANewLogIsEmptySignedAndVerifies) {
    const auto log = open_log();
    EXPECT_EQ(log->size(), 0U);
    EXPECT_EQ(open_checkpoint(log->checkpoint(), origin, key_)->root, empty_root());
    EXPECT_EQ(where(), "");
}

// Through two tile boundaries, one entry a commit.
TEST_F(AuditLogTest, VerifiesAtEverySizeOnItsWay) {
    const auto log = open_log();
    std::vector<Hash> leaves;
    for (std::uint64_t index = 0; index < 600; ++index) {
        grow_to(*log, index + 1);
        leaves.push_back(leaf_hash(entry_of(index)));
        const bool looked_at = index < 5 || index % 50 == 0 || index % 256 > 252 || index % 256 < 3;
        if (!looked_at) continue;
        const Verification verified = verify();
        ASSERT_EQ(verified.where, "") << index;
        ASSERT_EQ(verified.size, index + 1);
        ASSERT_EQ(verified.root_hex, crypto::hex(root_of(leaves)));
    }
}

TEST_F(AuditLogTest, HoldsNoFilesButThoseOfItsTree) {
    make_log(600);
    std::vector<std::string> names = files();
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names,
              (std::vector<std::string>{"checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88",
                                        "tile/1/000.p/2", "tile/entries/000", "tile/entries/001",
                                        "tile/entries/002.p/88"}));
}

TEST_F(AuditLogTest, ReopenedItGoesOnWhereItEnded) {
    for (const std::uint64_t size : {1u, 2u, 255u, 256u, 257u, 511u, 512u, 513u}) {
        make_log(size);
        const auto log = open_log();
        ASSERT_EQ(log->size(), size);
        ASSERT_EQ(*log->entry(size - 1), entry_of(size - 1));
    }
    EXPECT_EQ(where(), "");
}

TEST_F(AuditLogTest, ProvesEachEntryAgainstItsCheckpoint) {
    const auto log = open_log();
    grow_to(*log, 520);
    const auto head = open_checkpoint(log->checkpoint(), origin, key_);
    for (std::uint64_t index = 0; index < 520; index += 13) {
        const auto proof = log->prove(index);
        ASSERT_TRUE(proof.ok());
        EXPECT_TRUE(verify_inclusion(leaf_hash(entry_of(index)), index, 520, *proof, head->root));
    }
    EXPECT_EQ(log->prove(520).error().kind(), ErrorKind::NotFound);
    EXPECT_EQ(log->entry(520).error().kind(), ErrorKind::NotFound);
}

TEST_F(AuditLogTest, AnEntryThatWasChangedOnDiskIsNotHandedOut) {
    const auto log = open_log();
    grow_to(*log, 3);
    std::string bundle = read("tile/entries/000.p/3");
    bundle[10] = static_cast<char>(bundle[10] ^ 1);
    write("tile/entries/000.p/3", bundle);
    EXPECT_EQ(log->entry(0).error().kind(), ErrorKind::Corrupt);
    EXPECT_EQ(log->prove(0).error().kind(), ErrorKind::Corrupt);
}

TEST_F(AuditLogTest, TakesTheLargestEntryAndNoLargerOne) {
    const auto log = open_log();
    EXPECT_EQ(log->append(std::string(65'536, 'x')).error().kind(), ErrorKind::TooLarge);
    EXPECT_TRUE(log->append(std::string(65'535, 'x')).ok());
    EXPECT_TRUE(log->append("").ok());
    EXPECT_EQ(log->size(), 2U);
    EXPECT_EQ(where(), "");
}

// The operator starts a second daemon on the same state directory.
TEST_F(AuditLogTest, ASecondWriterIsRefused) {
    auto log = open_log();
    EXPECT_EQ(AuditLog::open(folder_, origin, key_).error().kind(), ErrorKind::Busy);
    log.reset();
    EXPECT_NE(open_log(), nullptr);
}

TEST_F(AuditLogTest, ADamagedLogIsNotOpenedForWriting) {
    make_log(5);
    std::string tile = read("tile/0/000.p/5");
    tile[0] = static_cast<char>(tile[0] ^ 1);
    write("tile/0/000.p/5", tile);
    EXPECT_EQ(AuditLog::open(folder_, origin, key_).error().kind(), ErrorKind::Corrupt);
}

TEST_F(AuditLogTest, ALogWithoutItsCheckpointIsNotBegunAnew) {
    make_log(5);
    std::filesystem::remove(path("checkpoint"));
    EXPECT_EQ(AuditLog::open(folder_, origin, key_).error().kind(), ErrorKind::Corrupt);
}

TEST_F(AuditLogTest, AnotherKeyOrOriginDoesNotOpenIt) {
    make_log(5);
    const auto other = crypto::Key::generate(crypto::Key::Type::Ed25519);
    EXPECT_EQ(AuditLog::open(folder_, origin, *other).error().kind(), ErrorKind::Corrupt);
    EXPECT_EQ(AuditLog::open(folder_, "other", key_).error().kind(), ErrorKind::Corrupt);
    EXPECT_EQ(AuditLog::open(folder_, "two words", key_).error().kind(), ErrorKind::Config);
}

TEST_F(AuditLogTest, OnlyItsOwnerMayReadIt) {
    make_log(300);
    for (const auto& item : std::filesystem::recursive_directory_iterator(folder_)) {
        struct stat facts {};
        ASSERT_EQ(::stat(item.path().c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 0777U, item.is_directory() ? 0700U : 0600U) << item.path();
    }
}

// The disk refuses a write. Space comes back, but nobody can know what the disk holds by now.
TEST_F(AuditLogTest, AFailedWriteIsFinal) {
    const auto log = open_log();
    grow_to(*log, 3);
    const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
    rlimit usual{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
    const rlimit small{16, usual.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto refused = log->append(entry_of(3));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
    ::signal(SIGXFSZ, old_handler);
    EXPECT_EQ(refused.error().kind(), ErrorKind::Storage);
    EXPECT_EQ(log->append(entry_of(3)).error().kind(), ErrorKind::Storage);
    EXPECT_EQ(log->size(), 3U);
    EXPECT_EQ(where(), "");
}

// A folder whose disk is full from a certain write on, until it is not.
class FullFolder final : public FileOperations {
public:
    FullFolder(std::unique_ptr<FileOperations> files, int& writes_left)
        : files_(std::move(files)), writes_left_(writes_left) {}
    Result<Descriptor> lock(const char* name) override { return files_->lock(name); }
    Result<std::optional<std::string>> read(const std::string& path,
                                            std::size_t bytes_max) const override {
        return files_->read(path, bytes_max);
    }
    bool exists(const std::string& path) const override { return files_->exists(path); }
    Status make_folder(const std::string& path) override { return files_->make_folder(path); }
    Status write(const std::string& path, std::string_view bytes) override {
        if (writes_left_-- > 0) return files_->write(path, bytes);
        EXPECT_TRUE(files_->write(path, bytes.substr(0, bytes.size() / 2)).ok());
        return Error(ErrorKind::Storage, "full").with("no-room", 1);
    }
    Status rename(const char* from, const char* to) override { return files_->rename(from, to); }
    Status sync_folder(const std::string& path) override { return files_->sync_folder(path); }
    std::vector<std::string> names(const std::string& path) const override {
        return files_->names(path);
    }
    bool remove_file(const std::string& path) override { return files_->remove_file(path); }
    bool remove_folder(const std::string& path) override { return files_->remove_folder(path); }

private:
    const std::unique_ptr<FileOperations> files_;
    int& writes_left_;
};

// Nothing was promised of what found no room, so it may be tried again; over tile boundaries too.
TEST_F(AuditLogTest, AWriteThatFoundNoRoomIsNotInTheLogAndTheLogGoesOn) {
    int writes_left = 1 << 20;
    ASSERT_TRUE(make_durable_folder(folder_).ok());
    const auto log =
        AuditLog::open(
            DurableFolder(std::make_unique<FullFolder>(open_folder(folder_).value(), writes_left)),
            origin, key_)
            .value();
    for (const std::uint64_t size : {1u, 254u, 255u, 256u, 300u}) {
        grow_to(*log, size);
        for (int writes = 0; writes < 3; ++writes) {
            writes_left = writes;
            const auto refused = log->append("never in the log");
            writes_left = 1 << 20;
            EXPECT_EQ(refused.error().kind(), ErrorKind::Storage);
            EXPECT_TRUE(refused.error().number("no-room"));
            ASSERT_EQ(log->size(), size);
            ASSERT_EQ(where(), "") << size << " " << writes;
        }
    }
    grow_to(*log, 520);
    EXPECT_EQ(where(), "");
    EXPECT_EQ(*log->entry(300), entry_of(300));
}

// Many transfers disclose at once: each has its own entry, none is lost, and they share commits.
TEST_F(AuditLogTest, ConcurrentAppendsShareCommitsAndLoseNothing) {
    constexpr int threads_count = 16;
    constexpr int each = 40;
    const auto log = open_log();
    std::atomic<std::uint64_t> commits = 0, at_work = threads_count, begun = 0;
    AuditLog::set_crash_point_hook([&](std::string_view point) {
        if (point != "audit.entries-written") return;
        ++commits;
        // A disk so slow that everybody else has something to write before this commit is done.
        while (begun < log->size() + at_work) std::this_thread::yield();
    });
    std::mutex guard;
    std::map<std::uint64_t, std::string> told;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < threads_count; ++thread)
        threads.emplace_back([&, thread] {
            for (int i = 0; i < each; ++i) {
                const std::string entry = std::to_string(thread) + "/" + std::to_string(i);
                ++begun;
                const auto index = log->append(entry);
                const std::lock_guard lock(guard);
                EXPECT_TRUE(index.ok() && told.emplace(*index, entry).second);
            }
            --at_work;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(told.size(), static_cast<std::size_t>(threads_count * each));
    EXPECT_LT(commits, std::uint64_t{threads_count * each / 2});
    ASSERT_TRUE(read_log(folder_, origin, key_, [&](std::uint64_t index, std::string_view entry) {
                    EXPECT_EQ(told.at(index), entry);
                    return true;
                }).ok());
}

// `audit verify` runs beside the daemon: a log that moves on under it is not a broken one.
TEST_F(AuditLogTest, VerifiesWhileItIsWritten) {
    const auto log = open_log();
    std::atomic<bool> written = false;
    std::thread writer([&] {
        grow_to(*log, 400);
        written = true;
    });
    int verified = 0;
    while (!written || verified == 0) {
        EXPECT_EQ(where(), "");
        ++verified;
    }
    writer.join();
}

TEST_F(AuditLogTest, ReadsEntriesInOrderAndStopsWhenToldTo) {
    make_log(300);
    std::vector<std::uint64_t> seen;
    ASSERT_TRUE(read_log(folder_, origin, key_, [&](std::uint64_t index, std::string_view entry) {
                    EXPECT_EQ(entry, entry_of(index));
                    seen.push_back(index);
                    return index < 270;
                }).ok());
    EXPECT_EQ(seen.size(), 271U);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST_F(AuditLogTest, ShowsNothingOfALogThatDoesNotVerify) {
    make_log(300);
    std::string bundle = read("tile/entries/001.p/44");
    bundle.back() = 'x';
    write("tile/entries/001.p/44", bundle);
    int shown = 0;
    const Status status = read_log(folder_, origin, key_, [&](std::uint64_t, std::string_view) {
        ++shown;
        return true;
    });
    EXPECT_EQ(status.error().kind(), ErrorKind::Corrupt);
    EXPECT_EQ(status.error().number("entry"), 299);
    EXPECT_EQ(shown, 0);
}

}  // namespace
}  // namespace consultd::audit
