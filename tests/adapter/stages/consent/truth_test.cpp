// Consents at random, decided by a second evaluator that is slow and obvious: truth/make.py.
#include <fstream>
#include <string>

#include "consent_fixture.h"
#include "tests/support/source_folder.h"

namespace consultd::testing {
namespace {

class TruthTest : public ConsentTest {};

TEST_F(TruthTest, EveryConsentDecidesAsTheObviousEvaluatorDoes) {
    std::ifstream file(source_folder() + "/tests/adapter/stages/consent/truth/truth.ndjson");
    std::string line;
    ASSERT_TRUE(std::getline(file, line));
    std::vector<std::string> record;
    const fhir::Json head = json(line);
    for (const fhir::JsonView one : head["resources"].items()) record.push_back(one.print());
    int consents = 0;
    for (; std::getline(file, line); ++consents) {
        const fhir::Json row = json(line);
        std::string kept;
        for (const PacketResource& one : apply(consent(row["provision"].print()), record).resources)
            if (one.source != "Patient/p") kept += one.resource.id();
        ASSERT_EQ(kept, row["kept"].string()) << line;
    }
    EXPECT_GE(consents, 500);
}

}  // namespace
}  // namespace consultd::testing
