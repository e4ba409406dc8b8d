// Whole synthetic patients through the stage: what it promises of every record, on records of real
// size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "adapter/stages/normalize/normalize.h"
#include "fhir/r4/walk.h"
#include "tests/adapter/stages/normalize/record_of.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

void count_numbers(JsonView value, std::multiset<std::string>& texts) {
    if (value.is_number()) texts.emplace(value.number());
    for (const JsonView item : value.items()) count_numbers(item, texts);
    for (const fhir::JsonMember& member : value.members()) count_numbers(member.value, texts);
}

// Literal references that lead to none of `held`.
class Dangling final : public fhir::r4::Walker {
public:
    explicit Dangling(std::set<std::string, std::less<>> held) : held_(std::move(held)) {}
    fhir::r4::Edit reference(const fhir::r4::Visit& visit) override {
        const std::string_view text = visit.value["reference"].string();
        if (!text.empty() && !text.starts_with('#') && !held_.contains(text))
            found.push_back(visit.path.text());
        if (text.empty() && !visit.value.has("identifier") && !visit.value.has("display") &&
            !visit.value.has("extension"))
            found.push_back(visit.path.text());
        return fhir::r4::Edit::keep();
    }
    std::vector<std::string> found;

private:
    std::set<std::string, std::less<>> held_;
};

std::vector<std::filesystem::path> patients() {
    std::vector<std::filesystem::path> files;
    const char* folder = std::getenv("CONSULTD_DATA");
    if (!folder) return files;
    for (const char* sub : {"synthea-r4", "synthea-r4/large"})
        for (const auto& file :
             std::filesystem::directory_iterator(std::filesystem::path(folder) / sub))
            if (file.path().extension() == ".json") files.push_back(file.path());
    return files;
}

class SyntheaTest : public testing::Test {
protected:
    void SetUp() override {
        if (patients().empty()) GTEST_SKIP() << "CONSULTD_DATA is not set";
    }
    template <class Check>
    static void for_each_patient(const Check& check) {
        for (const auto& file : patients()) {
            SCOPED_TRACE(file.filename().string());
            std::stringstream text;
            text << std::ifstream(file).rdbuf();
            const Record record = record_of_bundle(parse_json(text.str()));
            const auto normalized = normalize(record);
            ASSERT_TRUE(normalized.ok());
            check(record, *normalized);
        }
    }
    static std::set<std::string> folded(const Normalized& normalized) {
        std::set<std::string> sources;
        for (const auto& merged : normalized.merged) sources.insert(merged.source);
        return sources;
    }
};

TEST_F(SyntheaTest, EveryNumberKeepsItsDigits) {
    for_each_patient([](const Record& record, const Normalized& normalized) {
        std::multiset<std::string> before, after;
        const auto gone = folded(normalized);
        for (const PulledResource& pulled : record.resources)
            if (!gone.contains(pulled.source)) count_numbers(pulled.resource.json(), before);
        for (const PacketResource& resource : normalized.resources)
            count_numbers(resource.resource.json(), after);
        EXPECT_EQ(before, after);
        EXPECT_FALSE(after.empty());
    });
}

TEST_F(SyntheaTest, EveryReferenceLeadsInsideOrSaysWhatItMeans) {
    for_each_patient([](const Record&, const Normalized& normalized) {
        std::set<std::string, std::less<>> held;
        for (const PacketResource& resource : normalized.resources) held.insert(resource.full_url);
        Dangling dangling(held);
        for (const PacketResource& resource : normalized.resources)
            walk(resource.resource.json(), dangling);
        EXPECT_THAT(dangling.found, testing::IsEmpty());
    });
}

TEST_F(SyntheaTest, EveryResourceIsDeliveredOrFoldedIntoOneThatIs) {
    for_each_patient([](const Record& record, const Normalized& normalized) {
        std::set<std::string> held, names = folded(normalized);
        for (const PacketResource& resource : normalized.resources) {
            held.insert(resource.full_url);
            EXPECT_TRUE(names.insert(resource.source).second);
        }
        for (const auto& merged : normalized.merged) EXPECT_TRUE(held.contains(merged.into));
        EXPECT_EQ(names.size(), record.resources.size());
    });
}

TEST_F(SyntheaTest, TheChangesTakenBackGiveTheRecordAsItCame) {
    for_each_patient([](const Record& record, const Normalized& normalized) {
        std::vector<Json> delivered;
        for (const PacketResource& resource : normalized.resources)
            delivered.push_back(resource.resource.json());
        const auto restored = undo(delivered, normalized.changes);
        ASSERT_TRUE(restored.ok()) << restored.error().message();
        std::map<std::string, JsonView> originals;
        for (const PulledResource& pulled : record.resources)
            originals.emplace(pulled.source, pulled.resource.json());
        for (std::size_t i = 0; i < restored->size(); ++i)
            EXPECT_TRUE(same_value((*restored)[i], originals[normalized.resources[i].source]));
    });
}

TEST_F(SyntheaTest, TheSameRecordGivesTheSameBytes) {
    for_each_patient([](const Record& record, const Normalized& normalized) {
        const auto again = normalize(record);
        ASSERT_TRUE(again.ok());
        ASSERT_EQ(again->resources.size(), normalized.resources.size());
        for (std::size_t i = 0; i < normalized.resources.size(); ++i)
            EXPECT_EQ(again->resources[i].resource.json().print(),
                      normalized.resources[i].resource.json().print());
        EXPECT_EQ(again->changes.size(), normalized.changes.size());
    });
}

}  // namespace
}  // namespace consultd
