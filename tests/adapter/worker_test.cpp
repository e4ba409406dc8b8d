#include "adapter/worker.h"

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

class WorkerTest : public testing::HospitalPair {
protected:
    Worker worker() {
        const PipelineInForce in_force = [this] {
            return std::shared_ptr<Pipeline>(std::shared_ptr<void>(), pipeline.get());
        };
        return Worker(in_force, *store, clock, log, "test");
    }
};

TEST_F(WorkerTest, DueTransfersAreDoneStepByStep) {
    EXPECT_FALSE(worker().run_once({}).value());
    ask();
    for (const TransferState next : {Prepared, Sending, Delivered}) {
        EXPECT_TRUE(worker().run_once({}).value());
        EXPECT_EQ(transfer().state, next);
    }
    EXPECT_FALSE(worker().run_once({}).value()) << "it is looked after again when it is due";
    clock.advance(config.destinations.at("center").follow.every);
    EXPECT_TRUE(worker().run_once({}).value());
    EXPECT_EQ(posts(), 1u);
}

TEST_F(WorkerTest, TransferInOtherHandsIsLeftAlone) {
    ask();
    claim("somebody");
    EXPECT_FALSE(worker().run_once({}).value());
    EXPECT_FALSE(worker().run_once(id, {}).value());
    clock.advance(Worker::lease_span + Milliseconds(1));
    EXPECT_TRUE(worker().run_once(id, {}).value());
}

TEST_F(WorkerTest, LeaseIsGivenBackAfterEachStep) {
    ask();
    EXPECT_TRUE(worker().run_once({}).value());
    EXPECT_TRUE(worker().run_once(id, {}).value());
}

TEST_F(WorkerTest, StopEndsTheLoopAndLosesNothing) {
    ask();
    std::stop_source stop;
    on_crash_point = [&](std::string_view point) {
        if (point == "pipeline.prepared") stop.request_stop();
    };
    EXPECT_TRUE(worker().run(stop.get_token(), Milliseconds(10)).ok());
    EXPECT_EQ(transfer().state, Prepared);
    EXPECT_TRUE(log.errors.empty());
}

}  // namespace
}  // namespace consultd
