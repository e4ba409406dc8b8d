#include "adapter/web/refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/json.h"
#include "fhir/r4/validate.h"

namespace consultd::web {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(RefusalsTest, ProgramsAreToldInFhirAndPeopleInAPage) {
    for (const int status : {400, 413, 431, 500, 501, 503, 505, 418}) {
        for (const char* path : {"/fhir", "/fhir/Task", ""}) {
            const ServerResponse response = refusal_by_server(status, path);
            EXPECT_EQ(response.status, status);
            const auto json = fhir::Json::parse(response.body);
            ASSERT_TRUE(json) << response.body;
            EXPECT_EQ((*json)["resourceType"].string(), "OperationOutcome");
            EXPECT_THAT(fhir::r4::validate(*json), IsEmpty());
        }
        for (const char* path : {"/", "/portal", "/fhirish"}) {
            const ServerResponse response = refusal_by_server(status, path);
            EXPECT_THAT(response.body, HasSubstr("<h1>"));
        }
    }
}

TEST(RefusalsTest, WhoIsTooManySaysWhenToComeBack) {
    const ServerResponse response = refusal_by_server(503, "/fhir/Task");
    EXPECT_EQ(response.headers.back(), (std::pair<std::string, std::string>("Retry-After", "1")));
}

}  // namespace
}  // namespace consultd::web
