#include "adapter/offer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace consultd {
namespace {

using fhir::Json;
using enum Offered::Standing;

class OfferTest : public ::testing::Test {
protected:
    static std::string resource(const std::string& type, const std::string& id,
                                const std::string& more) {
        const bool has_subject = type != "Binary" && type != "Patient";
        return R"({"resourceType":")" + type + R"(","id":")" + id + "\"" +
               (has_subject ? R"(,"subject":{"reference":"Patient/p"})" : "") + more + "}";
    }
    // What is offered of these, under a Consent that lets everything be read but what is private.
    Offers offered(const std::vector<std::string>& texts) {
        Record record{.base_url = "https://ehr.example/fhir", .patient = "Patient/p"};
        record.resources.push_back(pulled(
            resource("Patient", "p", R"(,"name":[{"family":"Doe"}],"birthDate":"1970-01-01")")));
        for (const std::string& text : texts) record.resources.push_back(pulled(text));
        std::ranges::sort(record.resources, {}, &PulledResource::source);
        const Request request{.transfer_id = "0d9e0a0e-6a3e-4c53-9f0b-5c4bb5a1f4a1",
                              .as_of = parse_instant("2026-11-23T12:00:00Z").value()};
        static const Knowledge knowledge = built_in_knowledge();
        const auto offer = offer_of(record, consent(), request, knowledge, {});
        EXPECT_TRUE(offer.ok()) << offer.error().message();
        return offer ? *offer : Offers();
    }
    static Json consent() {
        return Json::parse(R"({"resourceType":"Consent","status":"active","scope":{"coding":[{
            "system":"http://terminology.hl7.org/CodeSystem/consentscope",
            "code":"patient-privacy"}]},"category":[{"coding":[{"system":"http://loinc.org",
            "code":"59284-0"}]}],"dateTime":"2026-11-01","policy":[{"uri":"http://e.org/p"}],
            "patient":{"reference":"Patient/p"},"provision":{"type":"permit","provision":[{
            "type":"deny","securityLabel":[
            {"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"SUD"},
            {"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIV"}]}]}})")
            .value();
    }
    static PulledResource pulled(const std::string& text) {
        fhir::Resource one = fhir::Resource::from(Json::parse(text).value()).value();
        return {one.key(), "https://ehr.example/fhir/" + one.key(), one};
    }
    static std::map<std::string, Offered::Standing> standings(const Offers& offer) {
        std::map<std::string, Offered::Standing> by_source;
        for (const Offered& one : offer) by_source[one.source] = one.standing;
        return by_source;
    }
};

TEST_F(OfferTest, EachHasItsNameItsDateAndHowItStands) {
    const Offers offer = offered(
        {resource("Condition", "plain", R"(,"code":{"text":"Melanoma"},"onsetDateTime":"2019-04")"),
         resource("Condition", "hiv", R"(,"code":{"coding":[{"system":
             "http://hl7.org/fhir/sid/icd-10-cm","code":"B20"}],"text":"HIV disease"})"),
         resource("Observation", "smoking", R"(,"status":"final",
             "code":{"text":"Tobacco smoking status"},"effectiveDateTime":"2024-05-06")")});
    const auto by_source = standings(offer);
    EXPECT_EQ(by_source.at("Condition/plain"), Open);
    EXPECT_EQ(by_source.at("Condition/hiv"), Stays);
    EXPECT_EQ(by_source.at("Observation/smoking"), Possible);
    for (const Offered& one : offer_in(text_of(offer)))
        EXPECT_EQ(one.reason, one.source == "Condition/hiv"         ? "sensitivity:HIV"
                              : one.source == "Observation/smoking" ? "sensitivity:SUD"
                                                                    : "");
    for (const Offered& one : offer)
        if (one.source == "Condition/plain") {
            EXPECT_EQ(one.name, "Melanoma");
            EXPECT_EQ(one.date, "2019-04") << "partial stays partial";
        }
}

// Named once, with what it is made of: the patient decides on it whole.
TEST_F(OfferTest, ADocumentThatCannotBeReadComesWithItsBytes) {
    const Offers offer =
        offered({resource("Binary", "b", R"(,"contentType":"image/png","data":"iVBORw0KGgo=")"),
                 resource("DocumentReference", "d", R"(,"status":"current",
                     "type":{"text":"Photo of the scar"},
                     "content":[{"attachment":{"contentType":"image/png","url":"Binary/b"}}])")});
    const auto by_source = standings(offer);
    EXPECT_EQ(by_source.count("Binary/b"), 0u);
    ASSERT_EQ(by_source.at("DocumentReference/d"), Unread);
    for (const Offered& one : offer)
        if (one.standing == Unread) {
            EXPECT_EQ(one.bytes, std::vector<std::string>{"Binary/b"});
        }
}

TEST_F(OfferTest, WhatIsKeptIsReadAsItWas) {
    const Offers offer{{"Observation/1", "Lab \"one\"", "2024", Possible, {}},
                       {"DocumentReference/2", "Bild für Ärzte", "", Unread, {"Binary/3"}}};
    const Offers again = offer_in(text_of(offer));
    ASSERT_EQ(again.size(), 2u);
    EXPECT_EQ(again[0].name, offer[0].name);
    EXPECT_EQ(again[0].standing, Possible);
    EXPECT_EQ(again[1].name, offer[1].name);
    EXPECT_EQ(again[1].bytes, offer[1].bytes);
    EXPECT_TRUE(offer_in("no json").empty());
}

}  // namespace
}  // namespace consultd
