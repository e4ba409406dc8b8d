#include "adapter/stages/deliver/content.h"

#include <gtest/gtest.h>

#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using testing::json_of;

// An Observation of a new chart, and a DocumentReference with its Binary.
class ContentTest : public ::testing::Test {
protected:
    ContentTest() {
        for (const char* type :
             {"Patient", "Observation", "Binary", "DocumentReference", "Bundle"}) {
            AccountEntry entry{.type = type};
            entry.location = std::string(type) + "/7";
            entry.request = 1;
            account.entries.push_back(std::move(entry));
        }
    }
    bool says(std::size_t place, const std::string& there,
              SentContent::Places places = SentContent::Places::AreKnown) const {
        return content.is_said_by(json_of(there), place, account, places);
    }
    bool observation_says(const std::string& members) const {
        return says(1, R"({"resourceType":"Observation","id":"7",)" + members + "}");
    }
    const fhir::Json transaction = json_of(R"({"entry":[
        {"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient"}},
        {"fullUrl":"urn:uuid:o","resource":{"resourceType":"Observation","status":"final",
         "subject":{"reference":"urn:uuid:p","display":"A"},"code":{"coding":[{"system":"s","code":"c",
         "display":"C"},{"system":"s2","code":"c2"}],"text":"Words"},
         "effectiveDateTime":"2026-01-01T10:00:00+01:00","valueQuantity":{"value":14.0,"unit":"g/dL"},
         "extension":[{"url":"u","valueString":"x"}],"text":{"status":"generated","div":"<div/>"}}},
        {"fullUrl":"urn:uuid:b","resource":{"resourceType":"Binary","contentType":"text/html","data":"QQ=="}},
        {"fullUrl":"urn:uuid:d","resource":{"resourceType":"DocumentReference","status":"current",
         "content":[{"attachment":{"contentType":"text/html","url":"urn:uuid:b"}}]}},
        {"fullUrl":"urn:uuid:e","resource":{"resourceType":"Bundle","type":"document","entry":[
         {"fullUrl":"urn:uuid:c","resource":{"resourceType":"Composition","id":"c","status":"final",
          "contained":[{"resourceType":"Device","id":"author"}]}}]}}]})");
    const SentContent content{transaction};
    Account account;
    const std::string status = R"("status":"final")";
    const std::string subject = R"(,"subject":{"reference":"Patient/7"})";
    const std::string code = R"(,"code":{"coding":[{"system":"s","code":"c"},)"
                             R"({"system":"s2","code":"c2"}],"text":"Words"})";
    const std::string time = R"(,"effectiveDateTime":"2026-01-01T10:00:00+01:00")";
    const std::string value = R"(,"valueQuantity":{"value":14.0,"unit":"g/dL"})";
};

TEST_F(ContentTest, WhatAServerPutsThereItselfIsNoDifference) {
    EXPECT_TRUE(observation_says(status + subject + code + time + value));
    EXPECT_TRUE(observation_says(
        status + R"(,"subject":{"reference":"https://there.example/fhir/Patient/7"})" + code +
        R"(,"effectiveDateTime":"2026-01-01T09:00:00Z","valueQuantity":{"value":14,"unit":"g/dL"},)"
        R"("meta":{"tag":[{"code":"theirs"}]},"issued":"2026-01-02T00:00:00Z",)"
        R"("text":{"status":"generated","div":"<div>theirs</div>"})"))
        << "places, zones, digits, narratives, and more than was sent";
    EXPECT_TRUE(observation_says(status + subject +
                                 R"(,"code":{"coding":[{"system":"s2","code":"c2"},{"system":"s",)"
                                 R"("code":"c"},{"system":"more","code":"m"}],"text":"Words"})" +
                                 time + value));
}

TEST_F(ContentTest, WhatItLeavesOutOrSaysOtherwiseIsOne) {
    EXPECT_FALSE(observation_says(status)) << "hollow";
    EXPECT_FALSE(observation_says(status + code + time + value)) << "of nobody";
    EXPECT_FALSE(
        observation_says(R"("status":"entered-in-error")" + subject + code + time + value));
    EXPECT_FALSE(observation_says(status + subject + code + time +
                                  R"(,"valueQuantity":{"value":99,"unit":"g/dL"})"));
    EXPECT_FALSE(
        observation_says(status + subject + code + time + R"(,"valueQuantity":{"value":14.0})"))
        << "without its unit";
    EXPECT_FALSE(observation_says(
        status + subject + R"(,"code":{"coding":[{"system":"s","code":"c"}],"text":"Words"})" +
        time + value));
    EXPECT_FALSE(
        observation_says(status + R"(,"subject":{"reference":"Group/7"})" + code + time + value));
}

// What somebody attests to in a document are its words.
TEST_F(ContentTest, NarrativeOfADocumentIsTheOneThatWasSent) {
    const auto document = [](const std::string& words) {
        return R"({"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:c","resource":{
            "resourceType":"Composition","section":[{"text":{"status":"generated","div":"<div>)" +
               words + R"(</div>"}}]}}]})";
    };
    const fhir::Json sent =
        json_of(R"({"entry":[{"fullUrl":"urn:uuid:e","resource":)" + document("No fever") + "}]}");
    Account one;
    one.entries.push_back({.type = "Bundle"});
    const auto is_said = [&](const std::string& words) {
        return SentContent(sent).is_said_by(json_of(document(words)), 0, one,
                                            SentContent::Places::AreKnown);
    };
    EXPECT_TRUE(is_said("No <i>fever</i>"));
    EXPECT_FALSE(is_said("Fever"));
    EXPECT_FALSE(is_said(""));
}

// Whoever opens a page as a text, or as nothing that is known, cannot read it.
TEST_F(ContentTest, BinaryIsOfTheTypeThatWasSent) {
    const auto binary = [](const std::string& members) {
        return R"({"resourceType":"Binary","id":"7",)" + members + "}";
    };
    const fhir::Json sent = json_of(R"({"entry":[{"fullUrl":"urn:uuid:b","resource":)" +
                                    binary(R"("contentType":"text/html","data":"QQ==")") + "}]}");
    const SentContent page(sent);
    const auto is_said = [&](const std::string& members) {
        return page.is_said_by(json_of(binary(members)), 0, account, SentContent::Places::AreKnown);
    };
    EXPECT_TRUE(is_said(R"("contentType":"text/HTML; charset=utf-8","data":"QQ==")"));
    EXPECT_FALSE(is_said(R"("contentType":"text/plain","data":"QQ==")"));
    EXPECT_FALSE(is_said(R"("data":"QQ==")"));
    EXPECT_TRUE(page.is_of_type("text/html", 0));
    EXPECT_FALSE(page.is_of_type("application/octet-stream", 0));
}

// One element of each kind, as it was sent and as it lies there.
struct Kept {
    const char *ours, *theirs;
    bool is_same;
};
class KeptTest : public ::testing::TestWithParam<Kept> {};

TEST_P(KeptTest, IsTheSameOrIsNot) {
    const auto resource = [](const char* members) {
        return std::string(R"({"resourceType":"Observation",)") + members + "}";
    };
    const fhir::Json transaction = json_of(R"({"entry":[{"fullUrl":"urn:uuid:o","resource":)" +
                                           resource(GetParam().ours) + "}]}");
    Account account;
    account.entries.push_back({.type = "Observation"});
    EXPECT_EQ(SentContent(transaction)
                  .is_said_by(json_of(resource(GetParam().theirs)), 0, account,
                              SentContent::Places::AreKnown),
              GetParam().is_same)
        << GetParam().ours << "\n"
        << GetParam().theirs;
}

constexpr Kept kept[] = {
    // A label is kept, beside others; one that is lost, or another, is less confidential.
    {R"("meta":{"security":[{"system":"s","code":"R","display":"restricted"}]})",
     R"("meta":{"security":[{"system":"t","code":"x"},{"system":"s","code":"R"}]})", true},
    {R"("meta":{"security":[{"system":"s","code":"R"}]})", R"("meta":{"tag":[{"code":"R"}]})",
     false},
    {R"("meta":{"security":[{"system":"s","code":"R"}]})",
     R"("meta":{"security":[{"system":"s","code":"N"}]})", false},
    // A narrative of its own, or none; not a part of the one that was sent, nor a broken one.
    {R"("text":{"status":"generated","div":"<div>All is well, but not now</div>"})",
     R"("text":{"status":"generated","div":"<div><p>Theirs</p></div>"})", true},
    {R"("text":{"status":"generated","div":"<div>All is well, but not now</div>"})",
     R"("text":{"status":"generated","div":"<div>All is <b>well</b>,  but not now</div>"})", true},
    {R"("text":{"status":"generated","div":"<div>All is well, but not now</div>"})",
     R"("language":"en")", true},
    {R"("text":{"status":"generated","div":"<div>All is well, but not now</div>"})",
     R"("text":{"status":"generated","div":"<div>All is well</div>"})", false},
    {R"("text":{"status":"generated","div":"<div>All is well, but not now</div>"})",
     R"("text":{"status":"generated","div":"<div>All is well...</div>"})", false},
    {R"("text":{"status":"generated","div":"<div>All is well, but not now</div>"})",
     R"("text":{"status":"generated","div":"<div>All is well"})", false},
    // One that says more than the elements do is said.
    {R"("text":{"status":"additional","div":"<div>All is well, but not now</div>"})",
     R"("text":{"status":"additional","div":"<div>All is well, but not now </div>"})", true},
    {R"("text":{"status":"additional","div":"<div>All is well, but not now</div>"})",
     R"("text":{"status":"generated","div":"<div>Theirs</div>"})", false},
    {R"("text":{"status":"additional","div":"<div>All is well, but not now</div>"})",
     R"("language":"en")", false},
    // Times: another zone, more digits; not another time, nor a part of it, nor more than it says.
    {R"("effectiveDateTime":"2026-01-01T10:00:00Z")",
     R"("effectiveDateTime":"2026-01-01T10:00:00.000Z")", true},
    {R"("effectiveDateTime":"2026-01-01T10:00:00Z")",
     R"("effectiveDateTime":"2026-01-01T10:00:00+00:00")", true},
    {R"("effectiveDateTime":"2026-01-01T23:30:00-05:00")",
     R"("effectiveDateTime":"2026-01-02T04:30:00Z")", true},
    {R"("valueTime":"10:00:00")", R"("valueTime":"10:00:00.000")", true},
    {R"("valueTime":"10:00:00")", R"("valueTime":"10:00:01")", false},
    {R"("effectiveDateTime":"2026-01-01T10:00:00Z")", R"("effectiveDateTime":"2026-01-01")", false},
    {R"("effectiveDateTime":"2026-01-01T10:00:00Z")",
     R"("effectiveDateTime":"2026-01-01T10:00:00+01:00")", false},
    {R"("effectiveDateTime":"2026-01")", R"("effectiveDateTime":"2026-01-01")", false},
    {R"("effectiveDateTime":"2026-01-01")", R"("effectiveDateTime":"2026-01-01T00:00:00Z")", false},
    // Numbers.
    {R"("valueInteger":1)", R"("valueInteger":1)", true},
    {R"("valueQuantity":{"value":1.00})", R"("valueQuantity":{"value":1})", true},
    {R"("valueQuantity":{"value":100})", R"("valueQuantity":{"value":1E2})", true},
    {R"("valueQuantity":{"value":1.005})", R"("valueQuantity":{"value":1.01})", false},
    {R"("valueQuantity":{"value":1.5})", R"("valueQuantity":{"value":"1.5"})", false},
    {R"("valueQuantity":{"value":1,"comparator":"<"})", R"("valueQuantity":{"value":1})", false},
    // Units: what a code says as well may be written otherwise; converted, it is another number.
    {R"("valueQuantity":{"value":5,"unit":"mm Hg","system":"http://unitsofmeasure.org","code":"mm[Hg]"})",
     R"("valueQuantity":{"value":5,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"})",
     true},
    {R"("valueQuantity":{"value":5,"unit":"mm Hg","system":"http://unitsofmeasure.org","code":"mm[Hg]"})",
     R"("valueQuantity":{"value":5,"unit":"mm Hg"})", false},
    {R"("valueQuantity":{"value":5,"unit":"mg/dL"})", R"("valueQuantity":{"value":5})", false},
    {R"("valueQuantity":{"value":5,"unit":"mg/dL"})", R"("valueQuantity":{"value":5,"unit":"g/L"})",
     false},
    {R"("valueQuantity":{"value":500,"system":"http://unitsofmeasure.org","code":"mg"})",
     R"("valueQuantity":{"value":0.5,"system":"http://unitsofmeasure.org","code":"g"})", false},
    // Text: by however much its words are told apart, but told apart.
    {R"("valueString":" two \r\n words ")", R"("valueString":"two words")", true},
    {R"("valueString":"take 1 2x daily")", R"("valueString":"take 12x daily")", false},
    {R"("valueString":"no rash")", R"("valueString":"No rash")", false},
    {R"("valueString":"a long text")", R"("valueString":"a long te")", false},
    {R"("valueAttachment":{"data":"QUJD"})", R"("valueAttachment":{"data":"QU\r\nJD"})", true},
    {R"("valueAttachment":{"data":"QUJD"})", R"("valueAttachment":{"data":"QUJE"})", false},
    // Codes: by another name of the system, with more beside them; and words that stand alone.
    {R"("code":{"coding":[{"system":"http://loinc.org","code":"1-8"}]})",
     R"("code":{"coding":[{"system":"urn:oid:2.16.840.1.113883.6.1","code":"1-8"}]})", true},
    {R"("code":{"coding":[{"system":"http://loinc.org","code":"1-8","display":"A"}]})",
     R"("code":{"coding":[{"system":"http://loinc.org","code":"1-8","display":"B"}]})", true},
    {R"("code":{"coding":[{"system":"http://loinc.org","code":"1-8"}]})",
     R"("code":{"coding":[{"system":"http://snomed.info/sct","code":"1-8"}]})", false},
    {R"("code":{"coding":[{"display":"A"}]})", R"("code":{"coding":[{"system":"urn:x"}]})", false},
    {R"("code":{"coding":[{"system":"s","code":"c"}],"text":"A"})",
     R"("code":{"coding":[{"system":"s","code":"c"}]})", false},
    {R"("performer":[{"display":"Dr. A"}])", R"("performer":[{"type":"Practitioner"}])", false},
    {R"("performer":[{"reference":"Practitioner/1","display":"Dr. A"}])",
     R"("performer":[{"reference":"https://x.example/fhir/Practitioner/1"}])", true},
    // Lists: in another order, with more; not with less. Ids of elements are whoever wrote them's.
    {R"("component":[{"id":"a","valueInteger":1},{"valueInteger":2}])",
     R"("component":[{"valueInteger":2},{"valueInteger":1},{"valueInteger":3}])", true},
    {R"("component":[{"valueInteger":1},{"valueInteger":2}])",
     R"("component":[{"valueInteger":1},{"valueInteger":3}])", false},
    {R"("note":[{"text":"A"}])", R"("note":[])", false},
    // What is not understood, and what turns it round.
    {R"("modifierExtension":[{"url":"u","valueBoolean":true}])", R"("status":"final")", false},
    {R"("doNotPerform":true)", R"("doNotPerform":false)", false},
    {R"("doNotPerform":true)", R"("status":"final")", false},
    {R"("status":"final","extension":[{"url":"u","valueBoolean":true}])",
     R"("status":"final","text":{"status":"generated","div":"<div/>"},"meta":{"versionId":"1"})",
     true}};
INSTANTIATE_TEST_SUITE_P(Kinds, KeptTest, ::testing::ValuesIn(kept));

// HAPI FHIR keeps a document's resources by their fullUrls, and drops their ids.
TEST_F(ContentTest, InADocumentTheFullUrlIsTheNameAndTheIdIsTheServers) {
    const auto document = [](const std::string& full_url, const std::string& composition) {
        return R"({"resourceType":"Bundle","id":"7","type":"document","entry":[{"fullUrl":")" +
               full_url + R"(","resource":{"resourceType":"Composition",)" + composition + "}}]}";
    };
    const std::string device = R"(,"contained":[{"resourceType":"Device","id":"author"}])";
    EXPECT_TRUE(says(4, document("urn:uuid:c", R"("id":"c",)" + status + device)));
    EXPECT_TRUE(says(4, document("urn:uuid:c", status + device)));
    EXPECT_TRUE(says(4, document("urn:uuid:c", R"("id":"theirs",)" + status + device)));
    EXPECT_FALSE(says(4, document("urn:uuid:x", R"("id":"c",)" + status + device)));
    EXPECT_FALSE(says(4, document("urn:uuid:c", status)));
    EXPECT_FALSE(
        says(4, document("urn:uuid:c", status + R"(,"contained":[{"resourceType":"Device"}])")))
        << "what refers to it inside leads nowhere";
}

TEST_F(ContentTest, ADocumentLeadsToItsBytes) {
    const auto document = [](const std::string& url) {
        return R"({"resourceType":"DocumentReference","status":"current","content":[{"attachment":)"
               R"({"contentType":"text/html")" +
               url + "}}]}";
    };
    EXPECT_TRUE(says(3, document(R"(,"url":"Binary/7")")));
    EXPECT_TRUE(says(3, document(R"(,"url":"https://there.example/fhir/Binary/7/_history/1")")));
    EXPECT_FALSE(says(3, document(R"(,"url":"Binary/99999")")));
    EXPECT_TRUE(says(3, document(R"(,"url":"Binary/99999")"), SentContent::Places::MayBeUnknown));
    EXPECT_FALSE(says(3, document("")));
    EXPECT_FALSE(says(3, R"({"resourceType":"DocumentReference","status":"current"})"));
}

}  // namespace
}  // namespace consultd
