// What a pull has brought is durable, and is asked for once, whatever happens on the way.
#include <gmock/gmock.h>

#include <fstream>
#include <map>

#include "adapter/store/sqlite_database.h"
#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

class PipelineProgressTest : public testing::HospitalPair {
protected:
    PipelineProgressTest() {
        config.sources["general"].pull.page_size = 1;
        config.sources["general"].pull.parallel = 1;
        for (int i = 0; i < 8; ++i)
            source.put(R"({"resourceType":"Condition","id":"x)" + std::to_string(i) +
                       R"(","subject":{"reference":"Patient/anna"},"code":{"text":"C"}})");
        restart();
    }
    // How often the most often asked was asked for and answered.
    std::size_t asked_most() const {
        std::map<std::string, std::size_t> counts;
        for (const std::string& line : source_log)
            if (line.find("metadata") == std::string::npos) ++counts[line];
        std::size_t most = 0;
        for (const auto& [line, count] : counts) most = std::max(most, count);
        return most;
    }
    std::int64_t rows_of(const std::string& table) const {
        auto database =
            SqliteDatabase::open(folder + "/consultd.db", SqliteDatabase::Lock::None).value();
        SqliteStatement count(database->handle(), "SELECT count(*) FROM " + table);
        EXPECT_TRUE(count.step().ok());
        return count.integer();
    }
    bool holds(const std::string& words) const {
        for (const auto& file : std::filesystem::directory_iterator(folder)) {
            if (!file.is_regular_file()) continue;
            std::ifstream in(file.path(), std::ios::binary);
            const std::string bytes((std::istreambuf_iterator<char>(in)), {});
            if (bytes.find(words) != std::string::npos) return true;
        }
        return false;
    }
};

TEST_F(PipelineProgressTest, ACrashInTheMiddleCostsNoRequestTwice) {
    int left = 0;
    on_source_request = [&] {
        if (left > 0 && --left == 0) throw testing::Died();
    };
    ask();
    int deaths = 0;
    for (; transfer().state != Prepared && deaths < 20; ++deaths) {
        left = 6;
        try {
            (void)pipeline->advance(claim(), {});
        } catch (const testing::Died&) {
            restart();
        }
    }
    EXPECT_GT(deaths, 1);
    EXPECT_EQ(transfer().state, Prepared);
    // The request under way when we died may be one more.
    EXPECT_LE(asked_most(), 2u);
    EXPECT_FALSE(holds("anna"));
}

TEST_F(PipelineProgressTest, ARateLimitIsWaitedForWithoutAWorkerAndEndsNoTransfer) {
    int taken = 0;
    on_source_request = [&] {
        if (++taken % 4 != 0) return;
        fhir::HttpResponse no = testing::answer(429, "", "");
        no.headers.add("Retry-After", "3600");
        source.answer_next(no);
    };
    ask();
    const Instant begun = clock.now();
    EXPECT_EQ(run_until(Prepared, 60), Prepared);
    EXPECT_EQ(transfer().attempts, 0u);
    EXPECT_GT(clock.now() - begun, std::chrono::hours(2));
    EXPECT_LE(asked_most(), 2u);
}

// A hospital's proxy that stalls: others' transfers are due, and this one goes on when it does not.
TEST_F(PipelineProgressTest, ASourceThatLetsUsWaitForAMinuteKeepsNoWorkerForASecondOne) {
    bool is_stalled = true;
    int waited = 0;
    on_source_request = [&] {
        if (!is_stalled) return;
        ++waited;
        clock.advance(std::chrono::minutes(1));
        source.answer_next(testing::answer(503, "", ""));
    };
    ask();
    step();
    EXPECT_EQ(waited, 1);
    EXPECT_NE(transfer().state, Held);
    is_stalled = false;
    EXPECT_EQ(run_until(Prepared), Prepared);
}

// However long it asks us to wait each time, also for as long as its answers are kept.
TEST_F(PipelineProgressTest, ASourceThatIsBusyForEverIsHeldAndARetryGoesOnFromThere) {
    for (const int status : {429, 503})
        for (const int wait_s : {0, 3600, 24 * 3600}) {
            SCOPED_TRACE(std::to_string(status) + " " + std::to_string(wait_s));
            bool is_busy = true;
            on_source_request = [&] {
                if (!is_busy || source_log.back().find("Condition") == std::string::npos) return;
                fhir::HttpResponse no = testing::answer(status, "", "");
                if (wait_s > 0) no.headers.add("Retry-After", std::to_string(wait_s));
                source.answer_next(no);
            };
            order.identifiers = {};
            ask();
            EXPECT_EQ(run_until(Prepared, 100), Held);
            EXPECT_EQ(transfer().reason, "rate-limited");
            is_busy = false;
            ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
            EXPECT_EQ(run_until(Prepared), Prepared);
        }
}

TEST_F(PipelineProgressTest, AfterASignInTheRestAloneIsAskedFor) {
    ask();
    source.fail("_offset=5", 401, 1);
    EXPECT_EQ(run_until(Prepared), Held);
    EXPECT_EQ(transfer().reason, "not-authorized");
    const std::size_t before = source_log.size();
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    restart();
    EXPECT_EQ(run_until(Prepared), Prepared);
    EXPECT_LT(source_log.size() - before, before);
    EXPECT_LE(asked_most(), 2u);
}

// What a person has mended at the source must be seen.
TEST_F(PipelineProgressTest, WhatHeldATransferIsAskedForAnewAfterARetry) {
    source.fail("Patient/anna", 400, 1);
    ask();
    EXPECT_EQ(run_until(Prepared), Held);
    EXPECT_EQ(transfer().reason, "unsupported");
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    EXPECT_EQ(run_until(Prepared), Prepared);
}

// The server forgot the search: that one query begins again, and nothing comes twice.
TEST_F(PipelineProgressTest, APageThatExpiredWhileWeWereAwayRestartsThatSearchAlone) {
    ask();
    source.fail("_offset=5", 503, 5);
    step();
    restart();
    source.fail("_offset=5", 410, 1);
    EXPECT_EQ(run_until(Prepared), Prepared);
    EXPECT_EQ(source.requests_for("Observation?"), 1u);
    EXPECT_EQ(transfer().pulled, 11u);
}

// The state itself says nothing of the record, while it is read or later.
TEST_F(PipelineProgressTest, NothingOfItIsInClearAndNothingIsLeftOnceThePacketIsMade) {
    ask();
    source.fail("_offset=5", 503, 5);
    step();
    EXPECT_FALSE(holds("resourceType"));
    EXPECT_EQ(run_until(Prepared), Prepared);
    close();
    EXPECT_FALSE(holds("resourceType"));
    EXPECT_EQ(rows_of("answer"), 0);
    open();
}

}  // namespace
}  // namespace consultd
