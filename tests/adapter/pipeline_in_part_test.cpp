// A wish to withdraw that comes when a part of the record is at the destination, and no more.
#include <gtest/gtest.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

// One by one, as the destination takes no transactions.
class InPartTest : public testing::HospitalPair {
protected:
    InPartTest() { refuse({}); }
    static bool is_write_of(const fhir::HttpRequest& request, const std::string& path) {
        return request.method == "POST" && request.url.path() == "/fhir" + path;
    }
    // Beside transactions, what is created of these types: "/Communication".
    void refuse(std::vector<std::string> types, int status = 405) {
        destination_says = [types, status](const fhir::HttpRequest& request) {
            bool is_refused = is_write_of(request, "");
            int with = 405;
            for (const std::string& type : types)
                if (is_write_of(request, type)) is_refused = true, with = status;
            return is_refused ? std::optional<Answer>(refusal(with)) : std::nullopt;
        };
    }
    void delete_on_withdrawal() {
        config.destinations.at("center").deliver.delete_on_withdrawal = true;
        restart();
    }
    // The wish comes when so many requests were answered.
    TransferState run_with_wish_after(int answers) {
        ask();
        on_crash_point = [this, answers](std::string_view point) mutable {
            if (point != "pipeline.answered" || --answers != 0) return;
            EXPECT_TRUE(store->ask_withdrawal(id, clock.now()).ok());
        };
        return run_until(Withdrawn);
    }
    TransferState retry() {
        EXPECT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
        EXPECT_EQ(transfer().state, Uncertain) << "it is not called delivered";
        return run_until(Withdrawn);
    }
    std::string part(Part part) { return open_part(*store, sealer, id, part).value(); }
    std::size_t record_there() const {
        return destination.resources().size() - destination.count_of("Patient") -
               destination.count_of("Communication") - destination.count_of("Task");
    }
};

// Nothing more goes, the destination is told, and the receipt names the parts.
TEST_F(InPartTest, TheRestIsStoppedAndTheReceiptNamesTheParts) {
    EXPECT_EQ(run_with_wish_after(4), Withdrawn);
    EXPECT_EQ(destination.count_of("Task"), 0u);
    EXPECT_EQ(destination.count_of("Communication"), 1u);
    EXPECT_EQ(posts(), 5u);
    EXPECT_EQ(outcome(), "in-part");
    for (const auto& [key, json] : destination.resources())
        EXPECT_NE(part(Part::Withdrawal).find(key), std::string::npos) << key;
    EXPECT_EQ(count("DELETE", ""), 0u) << "unasked, nothing is deleted";
}

TEST_F(InPartTest, WhatNobodyTakesIsForAPerson) {
    refuse({"/Communication"});
    EXPECT_EQ(run_with_wish_after(4), Held);
    EXPECT_EQ(transfer().reason, "withdrawn-in-part");
    EXPECT_EQ(outcome(), "in-part");
    destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
    EXPECT_EQ(retry(), Withdrawn);
    EXPECT_EQ(destination.count_of("Task"), 0u);
    EXPECT_EQ(destination.count_of("Communication"), 1u);
}

TEST_F(InPartTest, ADestinationThatIsDownIsToldAgain) {
    refuse({"/Communication"}, 503);
    ask();
    int left = 4;
    on_crash_point = [&](std::string_view point) {
        if (point != "pipeline.answered" || --left != 0) return;
        EXPECT_TRUE(store->ask_withdrawal(id, clock.now()).ok());
    };
    for (int steps = 0; steps < 8; ++steps) step();
    EXPECT_TRUE(is_runnable(transfer().state));
    refuse({});
    EXPECT_EQ(run_until(Withdrawn), Withdrawn);
    EXPECT_EQ(destination.count_of("Communication"), 1u);
}

// Where the configuration says so: each with its answer. The chart is nobody's to delete.
TEST_F(InPartTest, WhatLiesThereIsDeletedIfTheConfigurationSaysSo) {
    delete_on_withdrawal();
    EXPECT_EQ(run_with_wish_after(6), Withdrawn);
    EXPECT_EQ(record_there(), 0u);
    EXPECT_EQ(destination.count_of("Patient"), 1u);
    const std::string lines = part(Part::Deletions);
    EXPECT_EQ(std::ranges::count(lines, '\n'), 4) << lines;
    EXPECT_EQ(lines.find("refused"), std::string::npos) << lines;
    const std::string receipt = part(Part::Withdrawal);
    EXPECT_NE(receipt.find(crypto::hex(crypto::sha256(lines))), std::string::npos);
    EXPECT_NE(receipt.find("Patient/"), std::string::npos) << "what stays is named";
}

TEST_F(InPartTest, WhatItDoesNotLetUsDeleteIsInTheReceiptWithItsAnswer) {
    delete_on_withdrawal();
    destination_says = [](const fhir::HttpRequest& request) {
        return is_write_of(request, "") || request.method == "DELETE"
                   ? std::optional<Answer>(refusal(405))
                   : std::nullopt;
    };
    EXPECT_EQ(run_with_wish_after(6), Withdrawn);
    EXPECT_NE(part(Part::Deletions).find("\"outcome\":\"refused\",\"status\":405"),
              std::string::npos);
    EXPECT_EQ(destination.count_of("Communication"), 1u) << "it is asked to";
}

// Deleted half way, and then it is down: the rest is deleted when it is up again, though nothing
// answers for what was there any more.
TEST_F(InPartTest, ADeletionThatIsBrokenOffGoesOn) {
    delete_on_withdrawal();
    int deletions = 0;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (is_write_of(request, "")) return Answer(refusal(405));
        if (request.method == "DELETE" && ++deletions == 3) return Answer(refusal(503));
        return std::nullopt;
    };
    EXPECT_EQ(run_with_wish_after(6), Withdrawn);
    EXPECT_EQ(record_there(), 0u);
    EXPECT_EQ(audited("withdrawal").size(), 1u);
}

TEST_F(InPartTest, ADeathAmidDeletionsGoesOn) {
    delete_on_withdrawal();
    int deletions = 0;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (is_write_of(request, "")) return Answer(refusal(405));
        if (request.method == "DELETE" && ++deletions == 3) throw testing::Died();
        return std::nullopt;
    };
    EXPECT_THROW(run_with_wish_after(6), testing::Died);
    restart();
    EXPECT_EQ(run_until(Withdrawn), Withdrawn);
    EXPECT_EQ(record_there(), 0u);
    EXPECT_EQ(outcome(), "in-part");
    EXPECT_EQ(destination.count_of("Communication"), 1u);
}

// It says "in part" once, however often it is looked at, and with which parts; when the rest is
// there after all, it is sent.
TEST_F(InPartTest, WhatIsThereInPartIsInTheLogUntilAllOfItIs) {
    destination_says = [this](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (request.url.path().find("/Consent/") == std::string::npos) return std::nullopt;
        return Answer(refusal(404));
    };
    ask();
    ASSERT_EQ(run_until(Delivered), Held);
    ASSERT_EQ(transfer().reason, "uncertain");
    EXPECT_EQ(outcome(), "in-part");
    EXPECT_FALSE(transfer().outcome_index) << "it is no end";
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    ASSERT_EQ(run_until(Delivered), Held);
    const std::vector<fhir::Json> said = audited("disclosure-outcome");
    ASSERT_EQ(said.size(), 1u);
    for (const auto& [key, json] : destination.resources())
        EXPECT_EQ(said[0].print().find(key) == std::string::npos, key.starts_with("Consent/"));
    restart();
    destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(outcome(), "sent");
}

// What was held because it is not whole can be taken back as well, its Task too.
TEST_F(InPartTest, WhatWasNotAllTakenIsTakenBack) {
    delete_on_withdrawal();
    destination_says = [this](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_write_of(request, "")) return std::nullopt;
        // Entry by entry, and not this one.
        Answer answer = destination.transport().send(request, {});
        const std::string taken = R"("status":"201 Created","location":"Consent/)";
        const std::size_t at = answer->body.find(taken);
        EXPECT_NE(at, std::string::npos) << answer->body;
        answer->body.replace(at, taken.size(), R"("status":"422","location":"Consent/)");
        for (const auto& [key, json] : std::map(destination.resources()))
            if (key.starts_with("Consent/")) destination.erase(key);
        return answer;
    };
    ask();
    ASSERT_EQ(run_until(Delivered), Held);
    ASSERT_EQ(transfer().reason, "not-all-taken");
    EXPECT_EQ(store->ask_withdrawal(id, clock.now()).value()->state, Uncertain);
    EXPECT_EQ(run_until(Withdrawn), Withdrawn);
    EXPECT_EQ(record_there(), 0u);
    ASSERT_EQ(destination.count_of("Task"), 1u);
    for (const auto& [key, json] : destination.resources()) {
        if (key.starts_with("Task/")) {
            EXPECT_EQ(json["status"].string(), "cancelled");
        }
    }
    EXPECT_NE(part(Part::Withdrawal).find("task-cancelled"), std::string::npos);
    EXPECT_EQ(outcome(), "in-part");
}

}  // namespace
}  // namespace consultd
