#include <sys/wait.h>
#include <unistd.h>

#include "adapter/audit/audit_log.h"
#include "log_fixture.h"
#include "tests/support/seeded_random.h"
#include "tests/support/source_folder.h"

namespace consultd::audit {
namespace {

class VerifyLogTest : public LogTest {
protected:
    // Flips a bit of one byte, expects that this very file is named, and puts it back.
    void expect_found(const std::string& file, std::size_t at, int bit) {
        const std::string bytes = read(file);
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
        write(file, changed);
        const Verification verified = verify();
        EXPECT_EQ(verified.where, file) << "byte " << at << " bit " << bit << " in " << file;
        if (file != "checkpoint") {
            EXPECT_TRUE(verified.bad_entry.has_value());
            EXPECT_LT(verified.bad_entry.value_or(verified.size), verified.size);
        }
        write(file, bytes);
    }
    // The second implementation, in Python: 0 verifies, 1 does not.
    int verify_in_python() const {
        const std::string key_file = root_ + "/audit.pub";
        std::ofstream(key_file) << key_.public_pem();
        const pid_t child = ::fork();
        if (child == 0) {
            const std::string script = source_folder() + "/tests/adapter/audit/verify_log.py";
            ::execlp("python3", "python3", script.c_str(), folder_.c_str(), origin,
                     key_file.c_str(), nullptr);
            ::_exit(127);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    testing::SeededRandom random_{20261123};
};

// Every byte of a small log, every file of it.
TEST_F(VerifyLogTest, NoByteOfASmallLogCanBeChanged) {
    make_log(5);
    ASSERT_EQ(files().size(), 3U);
    for (const std::string& file : files())
        for (std::size_t at = 0; at < read(file).size(); ++at)
            expect_found(file, at, static_cast<int>(at % 8));
    EXPECT_EQ(where(), "");
}

// Full tiles, partial tiles and two levels: a seeded sample of each file.
TEST_F(VerifyLogTest, NoByteOfALargerLogCanBeChanged) {
    make_log(300);
    for (const std::string& file : files()) {
        const std::size_t size = read(file).size();
        for (int i = 0; i < 60; ++i) {
            const std::string dice = random_.bytes(4);
            std::size_t number = 0;
            for (const char byte : dice) number = number * 256 + static_cast<unsigned char>(byte);
            expect_found(file, (number / 8) % size, static_cast<int>(number % 8));
        }
        expect_found(file, size - 1, 0);
    }
    EXPECT_EQ(where(), "");
}

TEST_F(VerifyLogTest, NamesTheFirstEntryThatWasChanged) {
    make_log(300);
    std::string bundle = read("tile/entries/000");
    const std::size_t at = bundle.find(entry_of(123)) + 10;
    bundle[at] = static_cast<char>(bundle[at] ^ 1);
    write("tile/entries/000", bundle);
    EXPECT_EQ(verify().where, "tile/entries/000");
    EXPECT_EQ(verify().bad_entry, 123U);
}

// Whoever changes an entry also changes its hash in the tile, and in the tile above.
TEST_F(VerifyLogTest, AForgeryWithItsHashesIsStillFound) {
    make_log(300);
    std::string bundle = read("tile/entries/000");
    const std::size_t at = bundle.find(entry_of(7));
    std::string forged = entry_of(7);
    forged[forged.size() - 3] = '9';
    bundle.replace(at, forged.size(), forged);
    write("tile/entries/000", bundle);
    std::string tile = read("tile/0/000");
    tile.replace(7 * 32, 32, leaf_hash(forged));
    write("tile/0/000", tile);
    EXPECT_EQ(where(), "tile/entries/000");

    std::vector<Hash> leaves;
    for (std::size_t i = 0; i < 256; ++i) leaves.push_back(tile.substr(i * 32, 32));
    write("tile/1/000.p/1", root_of(leaves));
    EXPECT_EQ(where(), "checkpoint");
}

TEST_F(VerifyLogTest, EveryMissingFileIsNamed) {
    make_log(300);
    for (const std::string& file : files()) {
        const std::string bytes = read(file);
        std::filesystem::remove(path(file));
        EXPECT_EQ(where(), file);
        write(file, bytes);
    }
}

TEST_F(VerifyLogTest, EveryCutOrLongerFileIsNamed) {
    make_log(300);
    for (const std::string& file : files()) {
        const std::string bytes = read(file);
        for (const std::size_t length : {std::size_t{0}, std::size_t{1}, bytes.size() - 1}) {
            write(file, bytes.substr(0, length));
            EXPECT_EQ(where(), file) << length;
        }
        write(file, bytes + "x");
        EXPECT_EQ(where(), file);
        write(file, bytes);
    }
}

TEST_F(VerifyLogTest, EntriesInAnotherOrderAreFound) {
    make_log(600);
    const std::string first = read("tile/entries/000");
    const std::string second = read("tile/entries/001");
    write("tile/entries/000", second);
    write("tile/entries/001", first);
    EXPECT_EQ(where(), "tile/entries/000");
    EXPECT_EQ(verify().bad_entry, 0U);
    // Also when their hashes are exchanged with them.
    const std::string hashes = read("tile/0/000");
    write("tile/0/000", read("tile/0/001"));
    write("tile/0/001", hashes);
    EXPECT_EQ(where(), "tile/entries/000");
}

// The tail is cut at a record boundary, with all hashes made to fit: the signature tells.
TEST_F(VerifyLogTest, ATruncatedLogWithTheNewestCheckpointIsFound) {
    make_log(4);
    const std::string checkpoint = read("checkpoint");
    std::filesystem::remove_all(folder_);
    make_log(3);
    write("checkpoint", checkpoint);
    EXPECT_EQ(where(), "tile/entries/000.p/4");
}

// An older copy of the whole folder verifies by itself; against a newer checkpoint (the state's
// copy, a receipt) it is shorter, and that is how a rollback is noticed.
TEST_F(VerifyLogTest, ARolledBackLogIsSmallerThanANewerCheckpoint) {
    const auto log = open_log();
    grow_to(*log, 3);
    const std::string old_checkpoint = log->checkpoint();
    grow_to(*log, 4);
    EXPECT_LT(open_checkpoint(old_checkpoint, origin, key_)->size,
              open_checkpoint(log->checkpoint(), origin, key_)->size);
}

TEST_F(VerifyLogTest, AnotherInstallationsRecordsAreFound) {
    make_log(5);
    const std::string checkpoint = read("checkpoint");
    std::filesystem::remove_all(folder_);
    {
        const auto other = open_log();
        for (int i = 0; i < 5; ++i) ASSERT_TRUE(other->append("spliced in").ok());
    }
    write("checkpoint", checkpoint);
    EXPECT_EQ(where(), "checkpoint");
    EXPECT_EQ(verify_log(folder_, "another.example", key_)->where, "checkpoint");
}

// Leftovers of a crash say nothing about the log.
TEST_F(VerifyLogTest, FilesThatTheCheckpointDoesNotCountAreNotLookedAt) {
    make_log(300);
    write("tile/entries/001.p/45", "left over");
    write("tile/0/001", "left over");
    write("checkpoint.tmp", "left over");
    EXPECT_EQ(where(), "");
    const auto log = open_log();
    grow_to(*log, 520);
    EXPECT_EQ(where(), "");
}

TEST_F(VerifyLogTest, SymbolicLinksAndFoldersAreNoFilesOfTheLog) {
    make_log(5);
    std::filesystem::rename(path("tile/0/000.p/5"), root_ + "/elsewhere");
    std::filesystem::create_symlink(root_ + "/elsewhere", path("tile/0/000.p/5"));
    EXPECT_EQ(where(), "tile/0/000.p/5");
    std::filesystem::remove(path("tile/0/000.p/5"));
    std::filesystem::create_directory(path("tile/0/000.p/5"));
    EXPECT_EQ(where(), "tile/0/000.p/5");
}

TEST_F(VerifyLogTest, AMissingFolderIsAnErrorAndAnEmptyOneNoLog) {
    EXPECT_EQ(verify_log(folder_, origin, key_).error().kind(), ErrorKind::NotFound);
    std::filesystem::create_directory(folder_);
    EXPECT_EQ(where(), "checkpoint");
}

// Written in another language by the standards' text, so that one mistake is not made twice.
TEST_F(VerifyLogTest, ASecondImplementationComesToTheSameResult) {
    for (const std::uint64_t size : {0u, 1u, 5u, 255u, 256u, 257u, 600u}) {
        make_log(size);
        const int result = verify_in_python();
        if (result == 127) GTEST_SKIP() << "python3 is not installed";
        EXPECT_EQ(result, 0) << size;
    }
    for (const std::string& file : files()) {
        const std::string bytes = read(file);
        std::string changed = bytes;
        changed[bytes.size() / 2] = static_cast<char>(changed[bytes.size() / 2] ^ 1);
        write(file, changed);
        EXPECT_EQ(verify_in_python(), 1) << file;
        write(file, bytes);
    }
}

}  // namespace
}  // namespace consultd::audit
