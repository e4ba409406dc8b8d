#include "adapter/audit/act.h"

#include <gtest/gtest.h>

#include "adapter/audit/event_reader.h"

namespace consultd::audit {
namespace {

using What = Act::What;

Act act(What what) {
    return {.what = what,
            .who = "anna",
            .transfer_id = "t-1",
            .patient_pseudonym = "abc",
            .destination_name = "Cancer Center",
            .destination_base_url = "https://center.example/fhir",
            .details = {{"chart", "Patient/77"}},
            .recorded = Instant(Milliseconds(0))};
}

TEST(ActTest, EachIsToldFromTheOthersAndFromADisclosure) {
    std::set<std::string_view> names;
    for (const What what : {What::Query, What::Decision, What::ReadPacket, What::ReadOpinion,
                            What::Opinion, What::Withdrawal, What::Order, What::Cancel, What::Retry,
                            What::Choice, What::Approval, What::Deletion}) {
        const fhir::Json event = act_event(act(what), "id-1");
        EXPECT_TRUE(names.insert(name_of(what)).second);
        EXPECT_TRUE(has_own_subtype(event, name_of(what)));
        EXPECT_FALSE(outcome_in(event));
        EXPECT_EQ(act_in(event), what);
        EXPECT_EQ(transfer_of(event), "t-1");
        EXPECT_EQ(entity_of(event, "urn:consultd:patient-pseudonym")
                      .at("what", "identifier", "value")
                      .string(),
                  "abc");
    }
}

// agent.requestor: a person where there is one, else ourselves; never both.
TEST(ActTest, SaysWhoAskedForIt) {
    for (const char* who : {"anna", ""}) {
        Act said = act(What::Decision);
        said.who = who;
        const fhir::Json event = act_event(said, "id-1");
        std::string requestor;
        for (const fhir::JsonView agent : event["agent"].items())
            if (agent["requestor"].is_true()) requestor += agent.at("who", "display").string();
        EXPECT_EQ(requestor, *who == '\0' ? "consultd" : who);
        EXPECT_EQ(agent_of(event, "110152").at("who", "display").string(), "Cancer Center");
    }
}

// An operator and a shell user of one name are two people.
TEST(ActTest, SaysOfWhichListTheNameIs) {
    Act said = act(What::Cancel);
    said.who_system = "urn:consultd:operator";
    const fhir::Json event = act_event(said, "id-1");
    EXPECT_EQ(requestor_of(event)["system"].string(), "urn:consultd:operator");
    EXPECT_EQ(requestor_of(event)["value"].string(), "anna");
    EXPECT_TRUE(requestor_of(act_event(act(What::Cancel), "id-1")).is_null());
}

TEST(ActTest, HasNoEmptyTexts) {
    const fhir::Json event = act_event({.what = What::ReadOpinion, .transfer_id = "t-1"}, "id-1");
    EXPECT_EQ(event.print().find("\"\""), std::string::npos) << event.print();
}

}  // namespace
}  // namespace consultd::audit
