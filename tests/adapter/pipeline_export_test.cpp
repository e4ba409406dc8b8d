// An export that a source makes for us is ended there, whatever becomes of the transfer.
#include <gmock/gmock.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

class PipelineExportTest : public testing::HospitalPair {
protected:
    PipelineExportTest() {
        config.sources["general"].pull.method = config::Pull::Method::Bulk;
        fhir::HttpResponse begun = testing::answer(202, "", "");
        begun.headers.add("Content-Location", "https://ehr.example/job/1");
        source.fail_with("Patient/$export", begun, 1 << 20);
        on_source_request = [this] {
            if (source_log.back().find("/job/1") == std::string::npos) return;
            const bool is_end = source_log.back().starts_with("DELETE");
            source.answer_next(testing::answer(is_end ? end_status : 202, "", ""));  // never ready
        };
        restart();
    }
    // It has been asked for, and is waited for.
    void wait_for_export() {
        ask();
        while (asked("GET /job/1") == 0) ASSERT_EQ(step(), Pulling);
    }
    std::ptrdiff_t asked(const std::string& line) const {
        return std::ranges::count(source_log, line);
    }
    int end_status = 202;
    void run_errands() { ASSERT_TRUE(pipeline->run_errands().ok()); }
};

TEST_F(PipelineExportTest, AWithdrawalWhileItIsWaitedForEndsItAtTheSource) {
    wait_for_export();
    run_errands();
    EXPECT_EQ(asked("DELETE /job/1"), 0);
    ASSERT_TRUE(store->ask_withdrawal(id, clock.now()).ok());
    ASSERT_EQ(transfer().state, Withdrawn);
    run_errands();
    run_errands();
    EXPECT_EQ(asked("DELETE /job/1"), 1);
    EXPECT_TRUE(store->errands()->empty());
}

// The step is stopped in the middle of a look at its status.
TEST_F(PipelineExportTest, AWithdrawalWhileTheSourceIsAskedEndsItToo) {
    wait_for_export();
    std::stop_source stop;
    const auto answer = std::exchange(on_source_request, [&] {
        ASSERT_TRUE(store->ask_withdrawal(id, clock.now()).ok());
        stop.request_stop();
    });
    clock.advance(transfer().due - clock.now());
    const Lease lease = claim();
    (void)pipeline->advance(lease, stop.get_token());
    on_source_request = answer;
    ASSERT_TRUE(store->release(lease).ok());
    if (transfer().state != Withdrawn) step();
    ASSERT_EQ(transfer().state, Withdrawn);
    run_errands();
    EXPECT_EQ(asked("DELETE /job/1"), 1);
}

TEST_F(PipelineExportTest, ASourceThatDoesNotHearItIsToldAgainAlsoByTheNextProcess) {
    wait_for_export();
    ASSERT_TRUE(store->ask_withdrawal(id, clock.now()).ok());
    end_status = 503;
    run_errands();
    run_errands();  // too soon
    EXPECT_EQ(asked("DELETE /job/1"), 1);
    restart();
    end_status = 405;  // it takes none, and has heard
    run_errands();
    EXPECT_EQ(asked("DELETE /job/1"), 2);
    EXPECT_TRUE(store->errands()->empty());
}

TEST_F(PipelineExportTest, ASourceThatNeverHearsItIsLeftAloneAfterAWeek) {
    wait_for_export();
    ASSERT_TRUE(store->ask_withdrawal(id, clock.now()).ok());
    end_status = 503;
    run_errands();
    EXPECT_FALSE(store->errands()->empty());
    clock.advance(std::chrono::hours(24 * 7 + 1));
    run_errands();
    EXPECT_TRUE(store->errands()->empty());
    EXPECT_EQ(asked("DELETE /job/1"), 1);
}

// Ended by the pull itself, and by nobody else.
TEST_F(PipelineExportTest, OneThatIsGivenUpIsEndedOnce) {
    config.sources["general"].pull.export_within = std::chrono::minutes(10);
    restart();
    ask();
    EXPECT_EQ(run_until(Prepared, 1000), Prepared);
    run_errands();
    EXPECT_EQ(asked("DELETE /job/1"), 1);
    EXPECT_EQ(asked("POST /fhir/Patient/$export"), 1);
}

}  // namespace
}  // namespace consultd
