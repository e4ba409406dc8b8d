// The files that a configuration names, beside what is built in.
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LoadKnowledgeTest : public ::testing::Test {
protected:
    LoadKnowledgeTest() {
        std::string pattern = std::filesystem::temp_directory_path() / "consultd-knowledge-XXXXXX";
        EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = std::filesystem::canonical(pattern).string();
    }
    ~LoadKnowledgeTest() override { std::filesystem::remove_all(folder); }

    void write_plan(const std::string& file, const std::string& type) const {
        std::ofstream(folder + "/" + file)
            << R"({"name":")" << file.substr(0, file.find('.'))
            << R"(","version":"2026-01-01","description":"d","searches":[{"type":")" << type
            << R"(","source":"s"}]})";
    }
    std::vector<std::string> problems(const std::string& pattern) const {
        std::vector<std::string> lines;
        const LoadedKnowledge loaded = load_knowledge({.plans = {folder + "/" + pattern}});
        for (const config::Problem& one : loaded.problems)
            lines.push_back(one.path + " " + one.text);
        EXPECT_EQ(loaded.knowledge.has_value(), lines.empty());
        return lines;
    }
    std::string folder;
};

// What is wrong with a file is told by the place of its name in the list, whatever stands before.
TEST_F(LoadKnowledgeTest, APlaceIsThatOfTheConfiguration) {
    write_plan("bad.json", "NoType");
    const LoadedKnowledge loaded =
        load_knowledge({.plans = {"", folder + "/bad.json", folder + "/none.json"}});
    ASSERT_EQ(loaded.problems.size(), 2U);
    EXPECT_EQ(loaded.problems[0].path, "/knowledge/plans/2");
    EXPECT_EQ(loaded.problems[1].path, "/knowledge/plans/1");
}

TEST_F(LoadKnowledgeTest, APatternNamesTheFilesOfOneFolder) {
    write_plan("a.json", "Library");
    write_plan("b.json", "Measure");
    write_plan(".hidden.json", "Basic");
    write_plan("c.txt", "Basic");
    const LoadedKnowledge loaded = load_knowledge({.plans = {folder + "/*.json"}});
    ASSERT_TRUE(loaded.knowledge.has_value());
    EXPECT_EQ(loaded.knowledge->plan.rows.size(), testing::built_in().plan.rows.size() + 2);
    // The same content has the same digest, whichever way it is named.
    const LoadedKnowledge again =
        load_knowledge({.plans = {folder + "/b.json", folder + "/a.json"}});
    EXPECT_EQ(again.knowledge.value().digest, loaded.knowledge->digest);
    EXPECT_EQ(load_knowledge({}).knowledge.value().digest, testing::built_in().digest);
}

TEST_F(LoadKnowledgeTest, AFileWhoseNameLooksLikeAPatternIsItself) {
    write_plan("[a].json", "Library");
    std::filesystem::rename(folder + "/[a].json", folder + "/[x].json");
    EXPECT_THAT(problems("[x].json"), ElementsAre(HasSubstr("[x].json: /name must match")));
}

TEST_F(LoadKnowledgeTest, EveryProblemIsToldWithItsFileAndPlace) {
    write_plan("a.json", "Nonsense");
    write_plan("b.json", "Library");
    EXPECT_THAT(problems("*.json"),
                ElementsAre("/knowledge/plans/0 " + folder +
                            "/a.json: /searches/0/type is no resource type of R4"));
    EXPECT_THAT(problems("none-*.json"), ElementsAre(HasSubstr("none-*.json: names no file")));
    EXPECT_THAT(problems("."), ElementsAre(HasSubstr("is no regular file")));
}

// A pipe would be waited for without end.
TEST_F(LoadKnowledgeTest, APipeIsNoFileOfKnowledge) {
    ASSERT_EQ(::mkfifo((folder + "/pipe.json").c_str(), 0600), 0);
    EXPECT_THAT(problems("*.json"), ElementsAre(HasSubstr("pipe.json: is no regular file")));
}

// What the operator moves decides, so the digest says it.
TEST(LoadKnowledge, TakesWhatIsWithheldUnspokenFromTheConfiguration) {
    const LoadedKnowledge loaded = load_knowledge({}, {{{"MH", "SEX.pregnancy"}}});
    ASSERT_TRUE(loaded.knowledge.has_value());
    const Sensitivity& sensitivity = loaded.knowledge->sensitivity;
    EXPECT_TRUE(sensitivity.is_unspoken(*sensitivity.of_name("Depression").front().row));
    EXPECT_FALSE(sensitivity.is_unspoken(*sensitivity.of_name("HIV infection").front().row));
    EXPECT_NE(loaded.knowledge->digest, testing::built_in().digest);
    EXPECT_EQ(load_knowledge({}, {{{"SUD", "HIV", "PSYTHPN", "SDV", "SEX.abortion", "SEX.gender",
                                    "SEX.orientation"}}})
                  .knowledge.value()
                  .digest,
              testing::built_in().digest);
    const LoadedKnowledge wrong = load_knowledge({}, {{{"MOOD", "SEX.weather"}}});
    EXPECT_FALSE(wrong.knowledge.has_value());
    ASSERT_EQ(wrong.problems.size(), 2U);
    EXPECT_EQ(wrong.problems[1].path, "/consent/unspoken/1");
}

// 42 CFR 2.32 (a): one of two statements; the short one is built in, the other is a long list.
TEST(LoadKnowledge, TakesTheNoticeOfThePart2FromTheConfigurationAsOneLine) {
    EXPECT_EQ(testing::built_in().part2_notice,
              "42 CFR part 2 prohibits unauthorized use or disclosure of these records.");
    const LoadedKnowledge loaded = load_knowledge(
        {}, {.unspoken = {}, .part2 = true, .part2_notice = "This record\n  is protected.\n"});
    EXPECT_EQ(loaded.knowledge.value().part2_notice, "This record is protected.");
    EXPECT_NE(loaded.knowledge->digest, testing::built_in().digest);
    EXPECT_FALSE(load_knowledge({}, {.unspoken = {}, .part2 = true, .part2_notice = " "})
                     .knowledge.has_value());
    const LoadedKnowledge abroad =
        load_knowledge({}, {.unspoken = {}, .part2 = false, .part2_notice = {}});
    EXPECT_FALSE(abroad.knowledge.value().sensitivity.has_part2());
    EXPECT_NE(abroad.knowledge->digest, testing::built_in().digest);
}

}  // namespace
}  // namespace consultd
