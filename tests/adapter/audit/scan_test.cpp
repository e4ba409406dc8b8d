// The one pass over a log: it reads each file once, and finds a log that is not the one seen
// before.
#include "adapter/audit/scan.h"

#include "log_fixture.h"
#include "opens.h"

namespace consultd::audit {
namespace {

class ScanTest : public LogTest {
protected:
    // The tree head of the log as it is now.
    Checkpoint head() const { return open_checkpoint(read("checkpoint"), origin, key_).value(); }
    Status open_having_seen(const Checkpoint& seen) {
        auto log = AuditLog::open(folder_, origin, key_, {.seen = seen, .visit = {}});
        return log ? Status() : Status(log.error());
    }
    std::string problem(const Checkpoint& seen) const {
        const Verification verified = verify_log(folder_, origin, key_, seen).value();
        EXPECT_TRUE(verified.ok() || verified.where == "checkpoint") << verified.where;
        return verified.problem.c_str();
    }
    // Another log in its place, whole in itself, signed with the same key: entry `first_changed`
    // and those after it are others.
    void rewrite(std::uint64_t size, std::uint64_t first_changed) {
        std::filesystem::remove_all(folder_);
        const auto log = open_log();
        for (std::uint64_t index = 0; index < size; ++index)
            ASSERT_TRUE(
                log->append(index < first_changed ? entry_of(index) : entry_of(index) + " ").ok());
        ASSERT_TRUE(verify().ok()) << "it is whole in itself";
    }
    void expect_found(const Checkpoint& seen, const std::string& word) {
        EXPECT_NE(problem(seen).find(word), std::string::npos) << problem(seen);
        EXPECT_EQ(open_having_seen(seen).error().kind(), ErrorKind::Corrupt);
    }
};

// A start on a log of years must not read it again for each who wants something of it.
TEST_F(ScanTest, OpeningReadsEachFileOfTheLogOnce) {
    make_log(600);
    const Checkpoint seen = head();
    Opens opens(folder_);
    std::uint64_t entries = 0;
    const auto log =
        AuditLog::open(folder_, origin, key_,
                       {.seen = seen, .visit = [&](std::uint64_t index, std::string_view entry) {
                            EXPECT_EQ(index, entries++);
                            EXPECT_EQ(entry, entry_of(index));
                        }});
    ASSERT_TRUE(log.ok());
    EXPECT_EQ(entries, 600u);
    const auto counts = opens.count();
    // The checkpoint once more, to see that no writer moved on.
    for (const std::string& file : files())
        EXPECT_EQ(counts.at(file), file == "checkpoint" ? 2 : 1) << file;
}

TEST_F(ScanTest, LogThatWasOpenedGoesOnWhereItStood) {
    for (const std::uint64_t size : {0u, 1u, 255u, 256u, 257u, 511u, 512u, 600u}) {
        std::filesystem::remove_all(folder_);
        make_log(size);
        make_log(size + 3);
        EXPECT_EQ(where(), "") << size;
        EXPECT_EQ(verify().size, size + 3);
    }
}

TEST_F(ScanTest, LogThatOnlyGrewIsTheOneSeenBefore) {
    for (const std::uint64_t size : {0u, 1u, 5u, 255u, 256u, 257u, 300u, 512u}) {
        make_log(size);
        const Checkpoint seen = head();
        EXPECT_EQ(problem(seen), "") << size;
        make_log(size + 1);
        EXPECT_EQ(problem(seen), "") << size;
        EXPECT_TRUE(open_having_seen(seen).ok()) << size;
    }
    make_log(900);
    EXPECT_TRUE(open_having_seen({origin, 0, empty_root()}).ok());
}

// Whoever has the key and the disk writes another history: of the same length, longer or shorter.
TEST_F(ScanTest, ForkedLogIsFoundWhateverItsLength) {
    make_log(300);
    const Checkpoint seen = head();
    for (const std::uint64_t changed : {0u, 255u, 299u}) {
        rewrite(300, changed);
        expect_found(seen, "rewritten");
        make_log(301);
        expect_found(seen, "rewritten");
    }
    make_log(600);
    expect_found(seen, "rewritten");
    rewrite(299, 10);
    expect_found(seen, "shorter");
    rewrite(299, 299);
    expect_found(seen, "shorter");
    rewrite(320, 300);
    EXPECT_EQ(problem(seen), "") << "what came after it may be anything";
}

TEST_F(ScanTest, LogThatIsGoneIsNotBegunAnewWhereOneWasSeen) {
    make_log(5);
    const Checkpoint seen = head();
    std::filesystem::remove_all(folder_);
    EXPECT_EQ(open_having_seen(seen).error().kind(), ErrorKind::Corrupt);
    EXPECT_FALSE(std::filesystem::exists(path("checkpoint")));
    EXPECT_EQ(open_having_seen(seen).error().kind(), ErrorKind::Corrupt);
}

// What is damaged is said before what is other than it was: it says where to look.
TEST_F(ScanTest, DamageIsNamedByItsPlaceAlsoInAForkedLog) {
    make_log(300);
    const Checkpoint seen = head();
    rewrite(300, 7);
    std::string bundle = read("tile/entries/000");
    bundle[bundle.find(entry_of(100)) + 5] = 'x';
    write("tile/entries/000", bundle);
    const Verification verified = verify_log(folder_, origin, key_, seen).value();
    EXPECT_EQ(verified.where, "tile/entries/000");
    EXPECT_EQ(verified.bad_entry, 100u);
}

}  // namespace
}  // namespace consultd::audit
