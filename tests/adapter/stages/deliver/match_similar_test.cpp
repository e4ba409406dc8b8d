// Whether somebody at the destination is similar: nobody is made a second chart for unasked, and
// who is new waits for nobody.
#include <gtest/gtest.h>

#include "match_fixture.h"

namespace consultd::match_tests {
namespace {

// The common way waits for nobody: a thousand charts of others, some born the same day, some of
// the same family name, some of the same given name.
TEST_F(MatchTest, NewAmongAThousandOthersGetsAChart) {
    const std::vector<std::string> families{"Müller", "Meier", "Novak", "Quill", "Okafor"};
    const std::vector<std::string> given{"Rosalind", "Beatrice", "Ada", "Karl", "Iris", "Tom"};
    for (int count = 0; count < 1000; ++count) {
        const auto of = [&](const std::vector<std::string>& words, int step) {
            return words[static_cast<std::size_t>(count / step) % words.size()];
        };
        const bool is_of_the_day = count % 50 == 0;
        const std::string year = std::to_string(1920 + count % 50);
        chart(std::to_string(count),
              {R"("name":[{"family":")" + of({families.begin() + 1, families.end()}, 1) +
                   R"(","given":[")" +
                   (is_of_the_day ? of({given.begin() + 1, given.end()}, 50) : of(given, 7)) +
                   R"("]}])",
               is_of_the_day
                   ? born
                   : R"("birthDate":")" + year + R"(-03-1)" + std::to_string(count % 9) + '"',
               count % 2 == 0 ? woman : R"("gender":"male")"});
        if (count % 10 == 0)
            chart("m" + std::to_string(count),
                  {R"("name":[{"family":"Müller","given":[")" + of(given, 10) + R"("]}])",
                   R"("birthDate":")" + year + R"(-11-20")", woman});
    }
    const std::size_t before = server.transport().requests().size();
    EXPECT_EQ(finding(), Finding::Nobody);
    EXPECT_LT(server.transport().requests().size() - before, 30u);
}

// Charts of one person were seen to differ in each of these ways: a person says whether they are.
TEST_F(MatchTest, ChartThatDiffersAsChartsOfOnePersonDoIsForAPerson) {
    const auto called = [](const std::string& family, const std::string& first) {
        return R"("name":[{"family":")" + family + R"(","given":[")" + first + R"("]}])";
    };
    const std::string phone = R"("telecom":[{"system":"phone","value":"+43 664 555-123"}])";
    const std::vector<std::vector<std::string>> charts{
        {called("Müler", "Rosalind"), born, woman},
        {called("Muellre", "Rosalind"), born, R"("gender":"male")"},
        {called("Moeller", "Rosalnid"), born},
        {called("Müllers", "R."), born},
        {called("Rosalind", "Müller"), born},
        {called("Novak", "Lindy"), born, R"("telecom":[{"value":"0664/555123"}])"},
        {called("Müller", "Rosalind"), woman},
        {called("Müller", "Rosalind"), R"("birthDate":"1971-05-06")", woman},
        {called("Müller", "Rosalind"), R"("birthDate":"1970-06-05")", woman},
        {R"("name":[{"family":"Novak","given":["Lindy"]},{"use":"old","family":"Müller"}])", born}};
    for (const std::vector<std::string>& members : charts) {
        chart("77", members);
        const auto found = match({number, name, born, woman, phone});
        ASSERT_TRUE(found.ok()) << all_of(members);
        EXPECT_EQ(found->finding, Finding::Unsure) << all_of(members);
        EXPECT_EQ(found->similar.size(), 1U) << all_of(members);
    }
}

// The common way must not wait for a person.
TEST_F(MatchTest, ANamesakeOfOneDayWithAnotherFamilyNameIsNobodySimilar) {
    chart("77", {R"("name":[{"family":"Novak","given":["Rosalind"]}])", born, woman});
    EXPECT_EQ(finding(), Finding::Nobody);
}

}  // namespace
}  // namespace consultd::match_tests
