// Every resource of the big data set: it parses, prints back to the same value, and validates, or
// the fault we name is really in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "fhir/r4/validate.h"

namespace consultd::fhir::r4 {
namespace {

// file name → the errors that are really in it.
using RealFaults = std::map<std::string, std::vector<std::string>>;

std::vector<std::string> number_texts(JsonView value) {
    std::vector<std::string> texts;
    if (value.is_number()) texts.emplace_back(value.number());
    for (const JsonView item : value.items())
        for (std::string& text : number_texts(item)) texts.push_back(std::move(text));
    for (const JsonMember& member : value.members())
        for (std::string& text : number_texts(member.value)) texts.push_back(std::move(text));
    return texts;
}

class ExamplesTest : public testing::Test {
protected:
    void SetUp() override {
        const char* folder = std::getenv("CONSULTD_DATA");
        if (!folder) GTEST_SKIP() << "CONSULTD_DATA is not set";
        data_ = folder;
    }

    // How many files it looked at.
    std::size_t check_all(const std::string& folder, const RealFaults& faults) {
        std::size_t files = 0;
        RealFaults found;
        for (const auto& file : std::filesystem::directory_iterator(data_ / folder)) {
            if (file.path().extension() != ".json") continue;
            ++files;
            const std::string name = file.path().filename().string();
            for (std::string& path : check_one(file.path(), name))
                found[name].push_back(std::move(path));
        }
        EXPECT_EQ(found, faults);
        return files;
    }

private:
    std::vector<std::string> check_one(const std::filesystem::path& path, const std::string& name) {
        std::stringstream text;
        text << std::ifstream(path).rdbuf();
        const auto parsed = Json::parse(text.str());
        EXPECT_TRUE(parsed.ok()) << name;
        if (!parsed) return {"unreadable"};
        const auto again = Json::parse(parsed->print());
        EXPECT_TRUE(again.ok()) << name;
        if (!again) return {"does not print back"};
        EXPECT_TRUE(same_value(*again, *parsed)) << name;
        EXPECT_EQ(number_texts(*again), number_texts(*parsed)) << name;
        std::vector<std::string> errors;
        for (const Finding& finding : validate(*parsed))
            if (finding.severity == Finding::Severity::Error)
                errors.push_back(finding.path + ": " + finding.text.c_str());
        return errors;
    }

    std::filesystem::path data_;
};

// presentedForm[0].hash is not the SHA-1 of its data (the HL7 validator finds it too). R4 does not
// let DeviceUseStatement.reasonReference lead to a Procedure, and the example's does
// (https://hl7.org/fhir/R4/deviceusestatement-definitions.html#DeviceUseStatement.reasonReference).
TEST_F(ExamplesTest, TheOfficialExamplesHaveNoFaultsButTheirOwn) {
    EXPECT_EQ(check_all("r4-examples",
                        {{"DiagnosticReport-example-pgx.json",
                          {"DiagnosticReport.presentedForm[0]: the hash is not that of the data"}},
                         {"DeviceUseStatement-example.json",
                          {"DeviceUseStatement.reasonReference[0]: a resource of this type may not "
                           "be referred to here"}}}),
              156U);
}

// The entry's fullUrl ends in another id than its resource's (the HL7 validator finds it too).
TEST_F(ExamplesTest, UsCoreExamplesHaveNoFaultsButTheirOwn) {
    EXPECT_GE(check_all("us-core/examples-6.1.0",
                        {{"Bundle-66c8856b-ba11-4876-8aa8-467aad8c11a2.json",
                          {"Bundle.entry[2].fullUrl: the fullUrl names another resource than the "
                           "entry's"}}}),
              49U);
}

TEST_F(ExamplesTest, SyntheaPatientsHaveNoFaults) {
    EXPECT_GE(check_all("synthea-r4", {}), 8U);
    EXPECT_GE(check_all("synthea-r4/large", {}), 1U);
}

}  // namespace
}  // namespace consultd::fhir::r4
