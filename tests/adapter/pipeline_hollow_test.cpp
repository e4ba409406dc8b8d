// Receivers that answer for all of it, and keep less: what lies there is held against what was
// sent, not by its names alone.
#include <gtest/gtest.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

class HollowTest : public testing::HospitalPair {
protected:
    // What is kept of that type, once it has answered.
    void keep(const std::string& type, std::function<fhir::Json(const fhir::Json&)> kept) {
        for (const auto& [key, json] : std::map(destination.resources())) destination.erase(key);
        destination_says = [this, type,
                            kept](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (request.method != "POST" || request.url.path() != "/fhir") return std::nullopt;
            Answer answer = destination.transport().send(request, {});
            for (const auto& [key, json] : std::map(destination.resources()))
                if (key.starts_with(type + "/")) destination.put(kept(json).print());
            return answer;
        };
    }
    void expect_held(const std::string& type) {
        ask();
        EXPECT_EQ(run_until(Delivered), Held);
        EXPECT_EQ(transfer().reason, "not-all-taken");
        EXPECT_EQ(posts(), 1u) << "nothing is sent beside it";
        const std::string told = open_part(*store, sealer, id, Part::Refusals).value();
        EXPECT_NE(told.find("\"type\":\"" + type + "\""), std::string::npos) << told;
        EXPECT_NE(told.find("\"differs\":true"), std::string::npos) << told;
        EXPECT_EQ(outcome(), "in-part");
    }
};

TEST_F(HollowTest, AnObservationWithoutItsValueIsNotDelivered) {
    keep("Observation", [](const fhir::Json& json) { return json.without("valueQuantity"); });
    expect_held("Observation");
}

TEST_F(HollowTest, AStatusThatTakesItBackIsNotDelivered) {
    keep("Observation",
         [](const fhir::Json& json) { return json.with("status", "entered-in-error"); });
    expect_held("Observation");
}

TEST_F(HollowTest, ADocumentBundleThatLostItsLastEntryIsNotDelivered) {
    keep("Bundle", [](const fhir::Json& json) {
        std::vector<fhir::Json> entries;
        const auto items = json["entry"].items();
        for (const fhir::JsonView& entry : items.first(items.size() - 1))
            entries.push_back(json.share(entry));
        return json.with("entry", fhir::Json::array(std::move(entries)));
    });
    expect_held("Bundle");
}

TEST_F(HollowTest, AnOrderWithoutItsQuestionIsNotDelivered) {
    keep("ServiceRequest", [](const fhir::Json& json) {
        return json.without("note").without("reasonCode").without("patientInstruction");
    });
    expect_held("ServiceRequest");
}

TEST_F(HollowTest, ADocumentThatLeadsNowhereIsNotDelivered) {
    keep("DocumentReference", [](const fhir::Json& json) {
        return json.with("content", testing::json_of(R"([{"attachment":{"url":"Binary/99999"}}])"));
    });
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(outcome(), "in-part");
}

// They work on it at once: that is no difference.
TEST_F(HollowTest, ATaskThatIsAcceptedMeanwhileIsDelivered) {
    keep("Task", [](const fhir::Json& json) {
        return json.with("status", "accepted")
            .with("meta", testing::json_of(R"({"versionId":"2"})"));
    });
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
}

}  // namespace
}  // namespace consultd
