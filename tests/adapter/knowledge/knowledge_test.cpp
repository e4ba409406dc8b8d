#include "adapter/knowledge/knowledge.h"

#include <set>

#include "adapter/knowledge/built_in.h"
#include "knowledge_fixture.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;
using testing::built_in;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::problems_of;
using testing::text_of;

const std::string podiatry = R"({"name": "podiatry", "version": "2026-12-01",
  "description": "Feet.",
  "items": [{"id": "gait", "title": "Gait analysis", "types": ["DiagnosticReport"],
             "words": ["gait"], "source": "https://example.org/feet"}],
  "checklist": ["problems", "gait"]})";

KnowledgeText specialty(std::string text) {
    return text_of(KnowledgeKind::Specialty, std::move(text));
}

// Each object that is a row: it stands in a list of a file of ours, or is an element of a map.
void collect_rows(JsonView value, std::vector<JsonView>& rows) {
    for (const fhir::JsonMember& member : value.members()) {
        for (const JsonView item : member.value.items())
            if (item.is_object()) rows.push_back(item);
        collect_rows(member.value, rows);
    }
}

TEST(BuiltInKnowledge, EachFileLoadsAndTogetherTheyHaveNoProblem) {
    EXPECT_TRUE(problems_of({}).empty());
    EXPECT_FALSE(built_in().plan.rows.empty());
    EXPECT_FALSE(built_in().quirks.bound_extensions.empty());
    EXPECT_FALSE(built_in().specialties.vital_signs.empty());
    EXPECT_FALSE(built_in().specialties.stages.empty());
}

TEST(BuiltInKnowledge, EveryRowNamesItsSource) {
    std::set<std::string_view> folders;
    std::size_t sources = 0;
    for (const BuiltInFile& file : built_in_files) {
        folders.insert(file.path.substr(0, file.path.find('/')));
        const Json json = Json::parse(std::string(file.text)).value();
        EXPECT_FALSE(json["description"].string().empty()) << file.path;
        std::vector<JsonView> rows;
        if (!json.has("resourceType")) collect_rows(json, rows);
        for (const JsonView row : rows) {
            EXPECT_FALSE(row["source"].string().empty()) << file.path << row.print();
            ++sources;
        }
        for (const JsonView group : json["group"].items())
            for (const JsonView element : group["element"].items())
                for (const JsonView target : element["target"].items())
                    EXPECT_FALSE(target["comment"].string().empty()) << file.path;
    }
    EXPECT_EQ(folders.size(), 5U);
    EXPECT_GT(sources, 130U);
}

TEST(KnowledgeDigest, IsTheSameForTheSameContentHoweverItIsListed) {
    const KnowledgeText first = specialty(podiatry);
    const KnowledgeText second =
        text_of(KnowledgeKind::Sensitivity,
                R"({"name":"own","version":"2026-01-01","description":"d","rows":[{"label":"HIV",)"
                R"("system":"urn:local","codes":"X1","source":"s"}]})",
                "y.json");
    KnowledgeText spaced = first;
    spaced.text = " // a comment\n" + spaced.text;
    spaced.file = "elsewhere.json";
    EXPECT_EQ(built_in_knowledge().digest, built_in().digest);
    EXPECT_EQ(testing::with({first, second}).digest, testing::with({second, spaced}).digest);
    EXPECT_EQ(built_in().digest.size(), 64U);
}

TEST(KnowledgeDigest, AnyChangedRowChangesIt) {
    const std::string before = testing::with({specialty(podiatry)}).digest;
    EXPECT_NE(before, built_in().digest);
    std::set<std::string> digests{before};
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"\"gait\"],", "\"walk\"],"},
             {"Gait analysis", "Gait"},
             {"example.org/feet", "example.org/foot"},
             {R"("problems", "gait")", R"("gait", "problems")"}}) {
        std::string text = podiatry;
        text.replace(text.find(from), from.size(), to);
        EXPECT_TRUE(digests.insert(testing::with({specialty(text)}).digest).second) << to;
    }
}

TEST(KnowledgeVersion, IsTheDayOfTheNewestFile) {
    EXPECT_EQ(testing::with({specialty(podiatry)}).version, "2026-12-01");
    EXPECT_EQ(built_in().version.size(), 10U);
    EXPECT_LT(built_in().version, "2026-12-01");
}

TEST(Knowledge, AFileWithTheNameOfABuiltInOneTakesItsPlace) {
    const Knowledge knowledge = testing::with({text_of(
        KnowledgeKind::Plan, R"({"name":"compartment","version":"2026-01-01","description":"d",)"
                             R"("searches":[{"type":"Flag","source":"s"}]})")});
    const auto has = [&](std::string_view type) {
        return std::ranges::any_of(knowledge.plan.rows,
                                   [&](const PlanRow& row) { return row.type == type; });
    };
    EXPECT_TRUE(has("Flag"));
    EXPECT_TRUE(has("Condition"));
    EXPECT_FALSE(has("Media"));
}

TEST(Knowledge, TwoAddedFilesOfOneNameAreAProblem) {
    EXPECT_THAT(problems_of({specialty(podiatry), specialty(podiatry)}),
                ElementsAre("/knowledge/test/0 x.json: /name is the name of another file of this "
                            "kind"));
}

// An operator sees all of it at once, with file and place.
TEST(Knowledge, EveryProblemOfEveryFileIsListed) {
    const auto problems = problems_of(
        {text_of(KnowledgeKind::Plan, "{\n  \"name\": oops }", "plan.json"),
         text_of(KnowledgeKind::Sensitivity,
                 R"({"name":"s","version":"2026-01-01","description":"d","rows":[{"label":"HIVE",)"
                 R"("system":"http://loinc.org","codes":"1-8","source":"s"},)"
                 R"({"label":"HIV","code":["1-8"],"system":"http://loinc.org"}]})",
                 "sensitivity.json"),
         text_of(KnowledgeKind::Quirk, R"({"name":"Q","version":"1","description":"d"})",
                 "quirk.json")});
    EXPECT_THAT(problems,
                ElementsAre(HasSubstr("plan.json: line 2: "),
                            HasSubstr("sensitivity.json: /rows/1/source is missing"),
                            HasSubstr("sensitivity.json: /rows/1/code is not known here; did you "
                                      "mean \"codes\"?"),
                            HasSubstr("quirk.json: /boundExtensions is missing"),
                            HasSubstr("quirk.json: /name must match"),
                            HasSubstr("quirk.json: /version must match"),
                            HasSubstr("sensitivity.json: /rows/0/label is no sensitivity code")));
}

TEST(Knowledge, ARowWithoutASourceIsRefusedInEachKind) {
    const std::pair<KnowledgeKind, std::string> files[] = {
        {KnowledgeKind::Plan, R"("searches":[{"type":"Flag"}])"},
        {KnowledgeKind::Sensitivity,
         R"("rows":[{"label":"HIV","system":"http://loinc.org","codes":"1-8"}])"},
        {KnowledgeKind::Specialty,
         R"("checklist":["problems"],"items":[{"id":"x","title":"X","types":["Flag"]}])"},
        {KnowledgeKind::Specialty,
         R"("checklist":["problems"],"stages":[{"codes":{"urn:x":["1"]}}])"},
        {KnowledgeKind::Quirk,
         R"("boundExtensions":[{"seen":"here","type":"Patient","extension":"urn:x","part":"p","codes":{"urn:x":["1"]}}])"}};
    for (const auto& [kind, rows] : files) {
        const auto problems = problems_of({text_of(
            kind, R"({"name":"n","version":"2026-01-01","description":"d",)" + rows + "}")});
        EXPECT_THAT(problems, ElementsAre(HasSubstr("/source is missing"))) << rows;
    }
}

TEST(Knowledge, AFileOfNoKnownKindOfFhirIsRefused) {
    EXPECT_THAT(problems_of({text_of(KnowledgeKind::Map, R"({"resourceType":"ValueSet"})")}),
                ElementsAre(HasSubstr("/resourceType must be ConceptMap")));
    EXPECT_FALSE(problems_of({text_of(KnowledgeKind::Map, "[]")}).empty());
    EXPECT_FALSE(problems_of({text_of(KnowledgeKind::Plan, "7")}).empty());
}

}  // namespace
}  // namespace consultd
