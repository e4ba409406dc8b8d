#include "fhir/client/capability.h"

#include "tests/fhir/client/fhir_conversation.h"

namespace consultd::fhir {
namespace {

using testing::answer;
using testing::json_answer;

const std::string statement =
    R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[
  {"mode":"client","resource":[{"type":"Binary","interaction":[{"code":"read"}]}]},
  {"mode":"server","interaction":[{"code":"transaction"}],"searchParam":[{"name":"_lastUpdated"}],
   "resource":[
    {"type":"Patient","interaction":[{"code":"read"},{"code":"search-type"}],"updateCreate":true,
     "operation":[{"name":"$everything"},{"name":"match"}]},
    {"type":"Observation","searchParam":[{"name":"patient"},{"name":"category"}],
     "searchInclude":["Observation:subject"],"searchRevInclude":["Provenance:target"],
     "conditionalCreate":true}]}]})";

class CapabilityTest : public ConversationTest {
protected:
    static Result<Capability> from(std::string text) {
        return Capability::from(Json::parse(std::move(text)).value());
    }
};

TEST_F(CapabilityTest, ReadsWhatTheServerOffers) {
    transport_.on("GET", "https://ehr.example/fhir/metadata", json_answer(200, statement));
    const auto capability = Capability::read(client_, call());
    ASSERT_TRUE(capability.ok()) << capability.error().message();
    EXPECT_TRUE(capability->can("Patient", "read"));
    EXPECT_FALSE(capability->can("Observation", "read"));
    EXPECT_FALSE(capability->can("Binary", "read")) << "that is what the server does as a client";
    EXPECT_TRUE(capability->can_search("Observation", "category"));
    EXPECT_TRUE(capability->can_search("Patient", "_lastUpdated"));
    EXPECT_FALSE(capability->can_search("Patient", "category"));
    EXPECT_FALSE(capability->can_search("Condition", "_lastUpdated"));
    EXPECT_TRUE(capability->has_operation("Patient", "everything"));
    EXPECT_TRUE(capability->has_operation("Patient", "match"));
    EXPECT_TRUE(capability->can_system("transaction"));
    EXPECT_FALSE(capability->can_system("batch"));
    EXPECT_TRUE(capability->find("Patient")->update_create);
    EXPECT_TRUE(capability->find("Observation")->conditional_create);
    EXPECT_TRUE(capability->find("Observation")->revincludes.contains("Provenance:target"));
    EXPECT_EQ(capability->find("Condition"), nullptr);
}

TEST_F(CapabilityTest, AnotherVersionOrNoFhirServerIsUnsupported) {
    for (
        const char* other :
        {R"({"resourceType":"Conformance","fhirVersion":"1.0.2"})",
         R"({"resourceType":"CapabilityStatement","fhirVersion":"3.0.2","rest":[{"mode":"server"}]})",
         R"({"resourceType":"CapabilityStatement","fhirVersion":"4.3.0","rest":[{"mode":"server"}]})",
         R"({"resourceType":"CapabilityStatement","rest":[{"mode":"server"}]})",
         R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[{"mode":"client"}]})"})
        EXPECT_EQ(kind_of(from(other)), ErrorKind::Unsupported) << other;
    EXPECT_EQ(kind_of(from(R"({"resourceType":"Patient"})")), ErrorKind::Malformed);
    transport_.on("GET", "https://ehr.example/fhir/metadata", answer(404, "text/html", "<html/>"));
    EXPECT_EQ(kind_of(Capability::read(client_, call())), ErrorKind::Unsupported);
}

TEST_F(CapabilityTest, ServerThatIsDownIsUnavailable) {
    transport_.on("GET", "https://ehr.example/fhir/metadata", answer(502, "", ""));
    EXPECT_EQ(kind_of(Capability::read(client_, call())), ErrorKind::Unavailable);
}

// Shapes that break the definition are passed over, not trusted and not fatal.
TEST_F(CapabilityTest, OddShapesOfferNothing) {
    const auto capability = from(
        R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[{"mode":"server",
            "resource":[{"type":7},{"interaction":[]},"x",{"type":"Patient","searchParam":{"name":"a"}}]}]})");
    ASSERT_TRUE(capability.ok());
    EXPECT_EQ(capability->types().size(), 1U);
    EXPECT_FALSE(capability->can_search("Patient", "a"));
}

}  // namespace
}  // namespace consultd::fhir
