#include "adapter/stages/deliver/order_resources.h"

#include <gtest/gtest.h>

#include "adapter/stages/deliver/deliver.h"
#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using namespace consultd::testing;

const std::string patient_urn = "urn:uuid:11111111-1111-4111-8111-111111111111";

// The documents of a transaction whose document Bundle has these labels.
std::vector<fhir::Json> documents_of(const fhir::Json& labels) {
    PacketInput input;
    input.request.transfer_id = "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b";
    input.patient = patient_urn;
    input.resources.push_back(
        {patient_urn, patient_urn,
         fhir::Resource::from(json_of(R"({"resourceType":"Patient","id":"p"})")).value()});
    Packet packet;
    packet.bundle = json_of(R"({"resourceType":"Bundle","type":"document"})");
    if (!labels.is_null())
        packet.bundle = packet.bundle.with("meta", fhir::Json::object({{"security", labels}}));
    const config::Deliver settings;
    const DestinationCapability capability;
    const std::optional<std::string> nobody;
    const fhir::Json consent = json_of("{}");
    const Result<std::string> made = make_transaction({.packet = packet,
                                                       .input = input,
                                                       .consent = consent,
                                                       .capability = capability,
                                                       .patient_there = nobody,
                                                       .settings = settings});
    EXPECT_TRUE(made.ok());
    std::vector<fhir::Json> found;
    const fhir::Json transaction = json_of(made.value());
    for (const fhir::JsonView entry : transaction["entry"].items())
        if (entry.at("resource", "resourceType").string() == "DocumentReference")
            found.push_back(transaction.share(entry["resource"]));
    return found;
}

// Whoever looks at the list of documents sees what they hold: the document's own high-water mark.
TEST(OrderResources, TheDocumentsAreLabelledAsWhatTheyHold) {
    const fhir::Json labels = json_of(
        R"([{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"},
            {"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"42CFRPart2"}])");
    ASSERT_EQ(documents_of(labels).size(), 2U);
    for (const fhir::Json& one : documents_of(labels)) {
        EXPECT_EQ(one.at("meta", "security").print(), labels.print());
        ASSERT_EQ(one["securityLabel"].size(), 2U);
        EXPECT_EQ(one["securityLabel"].items()[1]["coding"].items()[0]["code"].string(),
                  "42CFRPart2");
    }
    for (const fhir::Json& one : documents_of({})) {
        EXPECT_FALSE(one.has("securityLabel"));
        EXPECT_FALSE(one.at("meta", "security").is_array());
    }
}

}  // namespace
}  // namespace consultd
