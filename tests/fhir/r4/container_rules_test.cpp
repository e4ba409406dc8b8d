#include "fhir/r4/container_rules.h"

#include <gtest/gtest.h>

namespace consultd::fhir::r4 {
namespace {

// https://hl7.org/fhir/R4/references.html#literal
TEST(ContainerRulesTest, ATextThatCanBeNoReferenceIsNone) {
    for (const char* text : {"not a reference", "Foo/p", "Patient/Patient/p", "Patient", "p",
                             "https://x.example/a b", ":x", "Foo?identifier=a"})
        EXPECT_FALSE(is_literal(text)) << text;
    for (const char* text :
         {"Patient/p", "Patient/p/_history/2", "https://x.example/fhir/Patient/p", "urn:uuid:1",
          "https://x.example/any", "Patient?identifier=a|b"})
        EXPECT_TRUE(is_literal(text)) << text;
}

TEST(ContainerRulesTest, ValidateTellsIt) {
    const Json encounter = Json::parse(R"({"resourceType":"Encounter","status":"finished",
        "class":{"code":"AMB"},"subject":{"reference":"not a reference"}})")
                               .value();
    const std::vector<Finding> found = validate(encounter);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].path, "Encounter.subject");
}

}  // namespace
}  // namespace consultd::fhir::r4
