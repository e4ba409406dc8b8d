// The log's process is killed at every point between two durable writes, and the log is opened
// again.
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/audit/audit_log.h"
#include "log_fixture.h"

namespace consultd::audit {
namespace {

class CrashTest : public LogTest {
protected:
    struct Crash {
        std::string point;               // where the child died; "": it did not
        std::uint64_t acknowledged = 0;  // entries that append() had promised by then
    };

    // A child grows the log to `size` and dies at the `count`th crash point it comes to.
    Crash crash_while_growing(std::uint64_t size, int count) {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            AuditLog::set_crash_point_hook([&](std::string_view point) {
                if (--count > 0) return;
                const std::string line = std::string(point) + "\n";
                const auto ignored = ::write(ends[1], line.data(), line.size());
                ::_exit(ignored > 0 ? 9 : 8);
            });
            grow_and_tell(size, ends[1]);
            ::_exit(0);
        }
        ::close(ends[1]);
        Crash crash;
        std::string told;
        char byte = 0;
        while (::read(ends[0], &byte, 1) == 1) told.push_back(byte);
        ::close(ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFEXITED(status));
        for (std::size_t end; (end = told.find('\n')) != std::string::npos;
             told.erase(0, end + 1)) {
            if (told.starts_with("+"))
                ++crash.acknowledged;
            else
                crash.point = told.substr(0, end);
        }
        EXPECT_EQ(crash.point.empty(), WEXITSTATUS(status) == 0);
        return crash;
    }
    void grow_and_tell(std::uint64_t size, int pipe) {
        auto log = AuditLog::open(folder_, origin, key_);
        if (!log) ::_exit(7);
        while ((*log)->size() < size)
            if (!(*log)->append(entry_of((*log)->size())).ok() || ::write(pipe, "+\n", 2) != 2)
                ::_exit(6);
    }
    // Crashes at each point on the way from `from` to `to` entries, each time from a fresh copy.
    std::vector<std::string> crash_everywhere(std::uint64_t from, std::uint64_t to) {
        if (from > 0) make_log(from);
        std::filesystem::create_directories(folder_);
        const std::string kept = root_ + "/kept";
        std::filesystem::copy(folder_, kept, std::filesystem::copy_options::recursive);
        std::vector<std::string> points;
        for (int count = 1;; ++count) {
            std::filesystem::remove_all(folder_);
            std::filesystem::copy(kept, folder_, std::filesystem::copy_options::recursive);
            const Crash crash = crash_while_growing(to, count);
            if (crash.point.empty()) return points;
            points.push_back(crash.point);
            SCOPED_TRACE(crash.point + " number " + std::to_string(count));
            expect_whole(from + crash.acknowledged, to);
        }
    }
    // Whatever was acknowledged is there; nothing is there that was not appended; the log goes on.
    void expect_whole(std::uint64_t acknowledged, std::uint64_t to) {
        const auto log = open_log();
        ASSERT_NE(log, nullptr);
        EXPECT_GE(log->size(), acknowledged);
        EXPECT_LE(log->size(), acknowledged + 1);
        grow_to(*log, to + 3);
        EXPECT_EQ(where(), "");
        std::uint64_t entries = 0;
        EXPECT_TRUE(
            read_log(folder_, origin, key_, [&](std::uint64_t index, std::string_view entry) {
                EXPECT_EQ(entry, entry_of(index));
                ++entries;
                return true;
            }).ok());
        EXPECT_EQ(entries, to + 3);
    }
};

TEST_F(CrashTest, ALogThatIsBegunCanBeBegunAgain) {
    const std::vector<std::string> points = crash_everywhere(0, 1);
    EXPECT_EQ(points,
              (std::vector<std::string>{"audit.checkpoint-written", "audit.checkpoint-renamed",
                                        "audit.checkpoint-durable", "audit.entries-written",
                                        "audit.tiles-written", "audit.checkpoint-written",
                                        "audit.checkpoint-renamed", "audit.checkpoint-durable"}));
}

TEST_F(CrashTest, NothingAcknowledgedIsLostAcrossATileBoundary) {
    EXPECT_EQ(crash_everywhere(254, 258).size(), 20U);
}

TEST_F(CrashTest, NothingAcknowledgedIsLostWithinATile) {
    EXPECT_EQ(crash_everywhere(17, 19).size(), 10U);
}

// Superseded partial tiles that a crash left behind are gone after the next commit of their tile.
TEST_F(CrashTest, LeftoversOfACrashDoNotPileUp) {
    make_log(17);
    ASSERT_EQ(crash_while_growing(18, 5).point, "audit.checkpoint-durable");
    EXPECT_EQ(files().size(), 5U);
    make_log(19);
    EXPECT_EQ(files().size(), 3U);
}

}  // namespace
}  // namespace consultd::audit
