#include "adapter/disk_room.h"

#include <algorithm>
#include <filesystem>

#include "adapter/worker.h"
#include "hospital_pair.h"
#include "refusing_store.h"

namespace consultd {
namespace {

using enum TransferState;

Error no_room() { return Error(ErrorKind::Storage, "full").with("no-room", 1); }

// A folder that is not there takes as little as a disk that is full.
class DiskRoomTest : public testing::HospitalPair {
protected:
    void make_room() const { std::filesystem::create_directory(place); }
    const std::string place = folder + "/disk";
    DiskRoom room{place, clock};
};

TEST_F(DiskRoomTest, OnlyAWriteThatFoundNoRoomIsNoFailureOfTheDisk) {
    EXPECT_TRUE(is_no_room(no_room()));
    EXPECT_FALSE(is_no_room(Error(ErrorKind::Storage, "fsync failed").with("errno", 5)));
    EXPECT_FALSE(is_no_room(Error(ErrorKind::Unavailable, "x").with("no-room", 1)));
}

TEST_F(DiskRoomTest, IsShortUntilSomethingCanBeMadeDurableAgain) {
    EXPECT_FALSE(room.look());
    EXPECT_TRUE(room.ran_out());
    EXPECT_FALSE(room.ran_out()) << "it is told once";
    clock.advance(std::chrono::seconds(1));
    EXPECT_FALSE(room.look());
    EXPECT_TRUE(room.is_short());
    make_room();
    clock.advance(std::chrono::seconds(1));
    EXPECT_TRUE(room.look());
    EXPECT_FALSE(room.is_short());
    EXPECT_FALSE(room.look());
    EXPECT_TRUE(std::filesystem::is_empty(place));
}

// There is room for a file and none for what is to be written: institutions are not asked each
// second for what we cannot keep.
TEST_F(DiskRoomTest, RoomThatIsNeverEnoughIsTriedLessAndLessOften) {
    make_room();
    Milliseconds waited{0};
    for (int times = 0; times < 20; ++times) {
        ASSERT_TRUE(room.ran_out());
        for (waited = Milliseconds(0); !room.look(); waited += std::chrono::seconds(1))
            clock.advance(std::chrono::seconds(1));
        ASSERT_LE(waited, std::chrono::minutes(10));
    }
    EXPECT_EQ(waited, std::chrono::minutes(10));
    clock.advance(std::chrono::hours(1));
    ASSERT_TRUE(room.ran_out());
    clock.advance(std::chrono::seconds(1));
    EXPECT_TRUE(room.look());
}

// Tells when a worker begins to wait.
class WatchedClock final : public Clock {
public:
    WatchedClock(testing::FakeClock& clock, std::function<void()> on_wait)
        : clock_(clock), on_wait_(std::move(on_wait)) {}
    Instant now() const override { return clock_.now(); }
    MonotonicTime monotonic_now() const override { return clock_.monotonic_now(); }
    bool wait_until(MonotonicTime until, std::stop_token token) override {
        on_wait_();
        return clock_.wait_until(until, token);
    }

private:
    testing::FakeClock& clock_;
    const std::function<void()> on_wait_;
};

TEST_F(DiskRoomTest, WorkPausesWhileThereIsNoRoomAndGoesOnByItself) {
    ask();
    testing::RefusingStore full(*store);
    full.refusals = {no_room(), no_room()};
    Bell bell;
    std::stop_source stop;
    std::size_t waits = 0;
    WatchedClock watched(clock, [&] {
        if (transfer().state == Delivered) stop.request_stop();
        if (++waits < 5) return;
        if (waits == 5) {
            EXPECT_EQ(full.refusals.size(), 1u) << "nothing is tried meanwhile";
        }
        make_room();
        if (room.look()) bell.ring();
    });
    const auto in_force = [this] {
        return std::shared_ptr<Pipeline>(std::shared_ptr<void>(), pipeline.get());
    };
    Worker worker(
        in_force, full, watched, log, "test", [] { return PullShares(); }, &room);
    EXPECT_TRUE(worker.run(stop.get_token(), bell).ok());
    EXPECT_EQ(transfer().state, Delivered);
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(std::ranges::count(log.errors, "no-room"), 2);
}

TEST_F(DiskRoomTest, AFailedWriteOfAnotherKindEndsTheWork) {
    ask();
    testing::RefusingStore broken(*store);
    broken.refusals = {Error(ErrorKind::Storage, "fsync failed")};
    const auto in_force = [this] {
        return std::shared_ptr<Pipeline>(std::shared_ptr<void>(), pipeline.get());
    };
    Worker worker(
        in_force, broken, clock, log, "test", [] { return PullShares(); }, &room);
    EXPECT_EQ(worker.run({}, {}).error().kind(), ErrorKind::Storage);
    EXPECT_FALSE(room.is_short());
}

}  // namespace
}  // namespace consultd
