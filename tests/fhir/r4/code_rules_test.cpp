#include "fhir/r4/code_rules.h"

#include <gtest/gtest.h>

namespace consultd::fhir::r4 {
namespace {

// Guides for signatures write parameters that RFC 2045 wants in quotation marks without them.
TEST(CodeRulesTest, AMimeTypeMayHaveParametersAsTheyAreWritten) {
    const Element& type = *find_type("Binary")->find("contentType");
    for (const char* right : {"application/fhir+json;canonicalization=http://hl7.org/fhir/"
                              "canonicalization/json#document",
                              "text/html; charset=utf-8", "a/b;c=\"d e\""})
        EXPECT_TRUE(has_required_form(type, right)) << right;
    for (const char* wrong : {"application", "a/b;=c", "a/b;c", "a/b;c=", "a/b;c=\"d"})
        EXPECT_FALSE(has_required_form(type, wrong)) << wrong;
}

}  // namespace
}  // namespace consultd::fhir::r4
