#include "adapter/stages/deliver/match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "match_fixture.h"

namespace consultd::match_tests {
namespace {

TEST_F(MatchTest, OneWithOurNumberNameBirthDateAndGenderIsTheOne) {
    chart("77", {number, name, born, woman});
    const auto found = match({number, name, born, woman});
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->finding, Finding::Certain);
    EXPECT_EQ(found->patient, "Patient/77");
}

TEST_F(MatchTest, TheSamePersonIsFoundHoweverTheNameIsWritten) {
    for (const char* written : {R"({"family":"MUELLER","given":["ROSALIND"]})",
                                R"({"family":"Muller","given":["Rosalind","A."]})",
                                R"({"family":"Müller","given":["Rosalind-Amaya"]})",
                                R"({"family":"Müller","given":["Rosalind Amaya"]})",
                                R"({"family":"Jones","given":["Rosalind"]},
                                   {"use":"maiden","family":"Müller","given":["Rosalind"]})"}) {
        chart("77", {number, R"("name":[)" + std::string(written) + "]", born, woman});
        EXPECT_EQ(finding(), Finding::Certain) << written;
    }
}

// Each of these shares the number, and may yet be a sister, a spouse, or a mistake of a clerk.
TEST_F(MatchTest, AnythingLessThanCertainIsForAPerson) {
    const std::string family_only = R"("name":[{"family":"Müller"}])";
    const std::string sister = R"("name":[{"family":"Müller","given":["Beatrice"]}])";
    const std::string other_second = R"("name":[{"family":"Müller","given":["Rosalind","Iris"]}])";
    const std::string nickname =
        R"("name":[{"use":"nickname","family":"Müller","given":["Rosalind"]}])";
    const std::vector<std::vector<std::string>> charts{
        {number},
        {number, name, born},
        {number, name, woman},
        {number, born, woman},
        {number, family_only, born, woman},
        {number, sister, born, woman},
        {number, other_second, born, woman},
        {number, nickname, born, woman},
        {number, name, R"("birthDate":"1970-05-07")", woman},
        {number, name, R"("birthDate":"1970")", woman},
        {number, name, R"("birthDate":"1970-05")", woman},
        {number, name, born, R"("gender":"male")"},
        {number, name, born, R"("gender":"unknown")"},
        {number, name, born, woman, R"("active":false)"},
        {number, name, born, woman, R"("deceasedBoolean":true)"},
        {number, name, born, woman,
         R"("link":[{"type":"replaced-by","other":{"reference":"Patient/9"}}])"}};
    for (const std::vector<std::string>& members : charts) {
        chart("77", members);
        const auto found = match({number, name, born, woman});
        ASSERT_TRUE(found.ok()) << all_of(members);
        EXPECT_EQ(found->finding, Finding::Unsure) << all_of(members);
        EXPECT_EQ(found->similar.size(), 1U) << all_of(members);
    }
}

// A household's insurance number, a bare number, one out of use.
TEST_F(MatchTest, NumberThatIsNotOnePersonsAloneIsNotStrong) {
    const auto with = [](const std::string& member) {
        return R"("identifier":[{"system":"urn:n","value":"1")" + member + "}]";
    };
    const auto typed = [&](const std::string& code) {
        return with(R"(,"type":{"coding":[{"system":
            "http://terminology.hl7.org/CodeSystem/v2-0203","code":")" +
                    code + R"("}]})");
    };
    for (const std::string& weak : {typed("MB"), typed("SN"), typed("AN"), typed("MRT"), with(""),
                                    with(R"(,"type":{"text":"MR"})")}) {
        chart("77", {weak, name, born, woman});
        EXPECT_EQ(match({weak, name, born, woman})->finding, Finding::Unsure) << weak;
    }
    for (const std::string& strong : {typed("MR"), typed("PI"), typed("SS"), typed("NNCHE")}) {
        chart("77", {strong, name, born, woman});
        EXPECT_EQ(match({strong, name, born, woman})->finding, Finding::Certain) << strong;
    }
    // What one side calls a payer's number is none of the person's, whatever the other calls it.
    chart("77", {typed("MB"), name, born, woman});
    EXPECT_EQ(match({typed("MR"), name, born, woman})->finding, Finding::Unsure);
    rules.strong_systems.insert("urn:n");
    chart("77", {with(""), name, born, woman});
    EXPECT_EQ(match({with(""), name, born, woman})->finding, Finding::Certain);
}

// A number without its system says nothing of whose it is; and nobody is passed over for it.
TEST_F(MatchTest, BareNumberNeitherProvesNorIsPassedOver) {
    const std::string bare = R"("identifier":[{"value":"1"}])";
    chart("77", {bare, name, born, woman});
    EXPECT_EQ(match({bare, name, born, woman})->finding, Finding::Unsure);
    EXPECT_EQ(finding(), Finding::Unsure) << "ours is of a system, theirs is of none";
    chart("77", {number});
    EXPECT_EQ(match({bare, name, born, woman})->finding, Finding::Unsure) << "no name there";
}

TEST_F(MatchTest, ChartWithoutANameThatSharesAnyNumberIsNoReasonForANewOne) {
    const std::string payer =
        R"("identifier":[{"system":"urn:payer","value":"9","type":{"coding":[{"system":
        "http://terminology.hl7.org/CodeSystem/v2-0203","code":"MB"}]}}])";
    for (const std::string& shared : {number, payer}) {
        chart("77", {shared});
        const auto found = match({shared, name, born, woman});
        ASSERT_TRUE(found.ok());
        EXPECT_EQ(found->finding, Finding::Unsure);
        EXPECT_EQ(found->similar.size(), 1U);
    }
}

TEST_F(MatchTest, NobodySimilarMeansANewChart) {
    EXPECT_EQ(finding(), Finding::Nobody);
    chart("5", {R"("name":[{"family":"Müller","given":["Rosalind"]}])",
                R"("birthDate":"1971-06-05")", woman});
    chart("6", {R"("name":[{"family":"Other","given":["Rosalie"]}])", born, woman});
    chart("7", {R"("name":[{"family":"Other","given":["Rosalind"]}])", born, R"("gender":"male")"});
    chart("8", {name, R"("gender":"male")"});
    EXPECT_EQ(finding(), Finding::Nobody);
}

// A chart without our number, of that name and birth date or year: none is made beside it unasked.
TEST_F(MatchTest, SimilarChartWithoutOurNumberIsForAPerson) {
    for (const char* date : {"1970-05-06", "1970", "1970-09-09"}) {
        chart("5",
              {R"("name":[{"family":"Müller"}])", R"("birthDate":")" + std::string(date) + "\""});
        EXPECT_EQ(finding(), Finding::Unsure) << date;
    }
    chart("5", {R"("name":[{"family":"Mueller","given":["R."]}])", born});
    EXPECT_EQ(finding(), Finding::Unsure);
}

TEST_F(MatchTest, TwinWithAChartOfHerOwnIsNotTheOne) {
    chart("77", {number, name, born, woman});
    chart("78", {R"("name":[{"family":"Müller","given":["Beatrice"]}])", born, woman});
    EXPECT_EQ(match({number, name, born, woman})->patient, "Patient/77");
}

TEST_F(MatchTest, TwoChartsThatMayBeTheOneAreNeverPickedFrom) {
    chart("77", {number, name, born, woman});
    chart("78", {number, R"("name":[{"family":"Müller","given":["Beatrice"]}])", born, woman});
    EXPECT_EQ(finding(), Finding::Unsure);
    chart("78", {name, born});
    EXPECT_EQ(finding(), Finding::Unsure);
}

// Two charts were made one there: the old one says which has its place, and is nobody else's.
TEST_F(MatchTest, ChartThatTheCertainOneHasReplacedIsNoRivalOfIt) {
    const auto replaced_by = [](const std::string& key) {
        return R"("active":false,"link":[{"type":"replaced-by","other":{"reference":")" + key +
               R"("}}])";
    };
    chart("77", {number, name, born, woman});
    for (const char* place : {"Patient/77", "https://ehr.example/fhir/Patient/77"}) {
        chart("76", {number, name, born, woman, replaced_by(place)});
        EXPECT_EQ(match({number, name, born, woman})->patient, "Patient/77") << place;
    }
    for (const char* elsewhere : {"Patient/78", "https://other.example/fhir/Patient/77", ""}) {
        chart("76", {number, name, born, woman, replaced_by(elsewhere)});
        EXPECT_EQ(finding(), Finding::Unsure) << elsewhere;
    }
    server.erase("Patient/77");
    chart("76", {number, name, born, woman, replaced_by("Patient/77")});
    EXPECT_EQ(finding(), Finding::Unsure) << "nobody is filed in a chart that is out of use";
}

// Of a name that is a text alone nobody knows what in it is the family name.
TEST_F(MatchTest, ChartWithTheNameAsTextAloneIsForAPerson) {
    chart("5", {R"("name":[{"text":"Frau Rosalind MUELLER"}])", born, woman});
    EXPECT_EQ(finding(), Finding::Unsure);
    chart("5", {R"("name":[{"text":"Frau Rosalind Amsel"}])", born, woman});
    EXPECT_EQ(finding(), Finding::Nobody);
}

// A server that ignores the parameters answers with everybody.
TEST_F(MatchTest, StrangersInAnAnswerAreNotTaken) {
    server.plant("Patient", R"({"resourceType":"Patient","id":"9","birthDate":"1955-05-06"})");
    EXPECT_EQ(finding(), Finding::Nobody);
}

TEST_F(MatchTest, WhoCannotBeToldFromOthersGetsNoNewChartUnasked) {
    EXPECT_EQ(match({number, name, woman})->finding, Finding::Unsure);
    EXPECT_EQ(match({number, born, woman})->finding, Finding::Unsure);
}

// The searches have a limit, and what was not asked was not answered.
TEST_F(MatchTest, MoreNumbersOrNamesThanAreAskedForLeaveItOpen) {
    std::string numbers, names;
    for (int count = 0; count < 30; ++count) {
        const std::string comma = count == 0 ? "" : ",", no = std::to_string(count);
        numbers += comma + R"({"system":"urn:other","value":")" + no + R"("})";
        names += comma + R"({"family":"Name)" +
                 std::string(1, static_cast<char>('a' + count % 26)) + no +
                 R"(","given":["Rosalind"]})";
    }
    EXPECT_EQ(finding(), Finding::Nobody);
    EXPECT_NE(match({R"("identifier":[)" + numbers + "]", name, born, woman})->finding,
              Finding::Nobody);
    EXPECT_NE(match({number, R"("name":[)" + names + "]", born, woman})->finding, Finding::Nobody);
}

// It counts three, and shows none: that is not "nobody".
TEST_F(MatchTest, SearchThatSaysItselfThatItIsNotAllThereIsLeavesItOpen) {
    only_answer("Patient/_search", R"("total":3)");
    const auto found = match({number, name, born, woman});
    EXPECT_EQ(found->finding, Finding::Unsure);
    EXPECT_FALSE(found->is_whole);
    only_answer("Patient/_search", R"("total":0)");
    EXPECT_EQ(finding(), Finding::Nobody);
}

// A test's, sealed, or not this person's: only who made the mark knows.
TEST_F(MatchTest, ChartWithAMarkThatNobodyUnderstandsIsForAPerson) {
    for (const char* mark :
         {R"("modifierExtension":[{"url":"http://x/test-patient","valueBoolean":true}])",
          R"("implicitRules":"http://x")"}) {
        chart("77", {number, name, born, woman, mark});
        EXPECT_EQ(finding(), Finding::Unsure) << mark;
    }
}

// That nothing was found by a search that was refused is no finding.
TEST_F(MatchTest, SearchThatIsRefusedLeavesItOpenAndIsNotAskedByUrl) {
    for (const int status : {400, 404, 405, 501}) {
        // By number, by birth date, by two ways to write the name, with the year and without.
        constexpr int searches = 6;
        server.fail("Patient/_search", status, searches);
        EXPECT_EQ(finding(), Finding::Unsure) << status;
    }
    for (const fhir::HttpRequest& request : server.transport().requests())
        EXPECT_EQ(request.method, "POST");
}

TEST_F(MatchTest, DestinationThatDoesNotAnswerIsAskedAgainLater) {
    server.fail("Patient/_search", 503);
    EXPECT_EQ(match({number, name, born, woman}).error().kind(), ErrorKind::Unavailable);
}

const std::string herself = all_of({R"("id":"77")", number, name, born, woman});
const std::string stranger =
    R"("id":"9","name":[{"family":"Other","given":["Bob"]}],"birthDate":"1950-01-01")";

TEST_F(MatchTest, ChartThatTheDestinationIsCertainOfTooIsTheOne) {
    chart("77", {number, name, born, woman});
    named(graded(herself, "certain"));
    EXPECT_EQ(match({number, name, born, woman})->patient, "Patient/77");
    named(graded(herself, "certain") + "," + graded(stranger, "possible"));
    EXPECT_EQ(match({number, name, born, woman})->patient, "Patient/77");
    named("");
    EXPECT_EQ(match({number, name, born, woman})->patient, "Patient/77");
}

// It knows more of its charts than their face: that one was mixed up, or is a test's.
TEST_F(MatchTest, ChartThatTheDestinationIsLessThanCertainOfIsForAPerson) {
    chart("77", {number, name, born, woman});
    for (const char* grade : {"probable", "possible", "certainly-not", "of its own"}) {
        named(graded(herself, grade));
        const auto found = match({number, name, born, woman});
        EXPECT_EQ(found->finding, Finding::Unsure) << grade;
        EXPECT_NE(found->grades.at("Patient/77"), PatientMatch::Grade::Certain) << grade;
    }
    named(R"({"resource":{"resourceType":"Patient",)" + herself + R"(},"search":{"score":0.1}})");
    EXPECT_EQ(finding(), Finding::Unsure);
    named(R"({"resource":{"resourceType":"Patient",)" + herself + R"(},"search":{"score":1.0}})");
    EXPECT_EQ(finding(), Finding::Certain);
}

TEST_F(MatchTest, WhoeverTheDestinationNamesIsSomebodyToCompareWithOfWhateverFace) {
    for (const char* grade : {"certain", "probable", "possible"}) {
        named(graded(stranger, grade));
        const auto found = match({number, name, born, woman});
        EXPECT_EQ(found->finding, Finding::Unsure) << grade;
        ASSERT_EQ(found->similar.size(), 1U) << grade;
    }
    named(graded(stranger, "certainly-not"));
    EXPECT_EQ(finding(), Finding::Nobody);
    chart("77", {number, name, born, woman});
    named(graded(herself, "certain") + "," + graded(stranger, "certain"));
    EXPECT_EQ(finding(), Finding::Unsure) << "it is certain of two";
}

TEST_F(MatchTest, MatchThatSaysThatThereIsMoreThanItNamesIsNotNobody) {
    const std::string nameless = R"({"resource":{"resourceType":"Patient","birthDate":"1970"}})";
    const std::string warning = R"({"resource":{"resourceType":"OperationOutcome","issue":[
        {"severity":"warning","code":"incomplete"}]},"search":{"mode":"outcome"}})";
    for (const auto& [entries, more] : std::vector<std::pair<std::string, std::string>>{
             {"", R"(,"total":5)"},
             {"", R"(,"link":[{"relation":"next","url":"https://ehr.example/fhir/x"}])"},
             {warning, ""},
             {nameless, ""}}) {
        named(entries, more);
        EXPECT_EQ(finding(), Finding::Unsure) << entries << more;
    }
    answer("$match", R"({"resourceType":"Patient","id":"9"})");
    EXPECT_EQ(finding(), Finding::Unsure) << "no searchset";
}

TEST_F(MatchTest, MatchThatIsRefusedIsAsIfItWereNotOffered) {
    rules.has_match_operation = true;
    for (const int status : {400, 404, 501}) {
        server.fail("$match", status, 1);
        EXPECT_EQ(finding(), Finding::Nobody) << status;
    }
    answer("$match", R"({"resourceType":"OperationOutcome","issue":[
        {"severity":"error","code":"not-supported"}]})");
    EXPECT_EQ(finding(), Finding::Nobody);
}

TEST_F(MatchTest, NothingOfThePatientStandsInAUrl) {
    rules.has_match_operation = true;
    chart("77", {number, name, born, woman});
    ASSERT_TRUE(match({number, name, born, woman}).ok());
    ASSERT_FALSE(server.transport().requests().empty());
    for (const fhir::HttpRequest& request : server.transport().requests()) {
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.url.query(), "");
        EXPECT_THAT(request.url.path(),
                    ::testing::AnyOf("/fhir/Patient/_search", "/fhir/Patient/$match"));
    }
}

}  // namespace
}  // namespace consultd::match_tests
