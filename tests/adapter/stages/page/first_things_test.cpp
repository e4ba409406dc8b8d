// What must not be cut from the first screen, nor missed there.
#include <gtest/gtest.h>

#include "tests/adapter/stages/page/page_text.h"

namespace consultd {
namespace {

using namespace consultd::testing;

std::string resource(const std::string& type, const std::string& id, const std::string& more) {
    return R"({"resourceType":")" + type + R"(","id":")" + id + "\"," + more + "}";
}
std::string condition(const std::string& name, const std::string& more = "") {
    return resource("Condition", id_of(name),
                    R"("code":{"text":")" + name +
                        R"("},"clinicalStatus":)"
                        R"({"coding":[{"code":"active"}]})" +
                        more);
}
std::string observation(const std::string& id, const std::string& code, const std::string& value,
                        const std::string& day = "2026-10-01") {
    return resource(
        "Observation", id,
        R"("status":"final","code":)" + code + R"(,"effectiveDateTime":")" + day + "\"," + value);
}
std::vector<std::string> many(std::size_t count, const auto& make) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(make(std::to_string(i)));
    return out;
}

TEST(FirstThings, ASevereReactionIsNeverCutBehindPollens) {
    auto texts = many(16, [](const std::string& i) {
        return resource("AllergyIntolerance", "a" + i,
                        R"("criticality":"low","code":{"text":"Pollen )" + i + R"("})");
    });
    texts.push_back(resource("AllergyIntolerance", "zz",
                             R"("code":{"text":"Cisplatin"},"reaction":[{"severity":"severe",)"
                             R"("manifestation":[{"text":"Anaphylaxis"}]}])"));
    EXPECT_TRUE(has(Said(texts).fact("Allergies"), "Cisplatin"));
}

TEST(FirstThings, ASevereEventIsNotCutBehindManyOfOneNameNorAFlagWithoutADate) {
    auto texts = many(12, [](const std::string& i) {
        return resource(
            "AdverseEvent", "n" + i,
            R"("actuality":"actual","event":{"text":"Nausea )" + i + R"("},"date":"2026-10-01")");
    });
    texts.push_back(resource("AdverseEvent", "t",
                             R"("actuality":"actual","event":{"text":"Tamponade"},"seriousness":)"
                             R"({"coding":[{"code":"serious"}]},"date":"2020-10-01")"));
    for (int i = 0; i < 12; ++i)
        texts.push_back(resource("Flag", "f" + std::to_string(i),
                                 R"("status":"active","code":{"text":"Flag )" + std::to_string(i) +
                                     R"("},"period":{"start":"2026-01-01"})"));
    texts.push_back(resource("Flag", "m", R"("status":"active","code":{"text":"MRSA carrier"})"));
    const Said said(texts);
    EXPECT_TRUE(has(said.fact("Adverse events"), "Tamponade")) << said.fact("Adverse events");
    EXPECT_TRUE(has(said.fact("Alerts"), "MRSA carrier")) << said.fact("Alerts");
}

TEST(FirstThings, ThePatientIsCalledByTheNameAndNumberOfToday) {
    PacketInput input = packet_input(std::vector<std::string>{
        R"({"resourceType":"Patient","id":"p","birthDate":"2027-01-01","name":[)"
        R"({"use":"old","family":"Oldname"},{"family":"Ended","period":{"end":"2010"}},)"
        R"({"use":"anonymous","family":"Anon"},{"use":"official","family":"Newname"}],)"
        R"("identifier":[{"use":"old","value":"OLDID"},{"use":"official","value":"NEWID"}]})"});
    const Packet packet = *assemble(input, knowledge());
    const std::string html(packet.html);
    EXPECT_TRUE(has(html, "<h1><bdi>Newname</bdi>") || has(html, "<h1>Newname"))
        << html.substr(html.find("<h1>"), 60);
    EXPECT_TRUE(has(html, "<title>Consult packet · Newname</title>"));
    const std::string said = text_of_html(html.substr(html.find("<body>")));
    EXPECT_TRUE(has(said, "NEWID"));
    EXPECT_FALSE(has(said, "OLDID | ") || has(said, "-1 years"));
    EXPECT_TRUE(has(said, "in the future"));
}

TEST(FirstThings, APregnancyIsSaidHoweverItIsWrittenAndForgottenWhenItIsOver) {
    for (const std::string& text :
         {condition("Schwangerschaft", R"(,"onsetDateTime":"2026-09-01")"),
          observation("t", R"({"text":"hCG","coding":[{"code":"2106-3"}]})",
                      R"("valueString":"Positive")"),
          observation("e", R"({"text":"Delivery date estimated","coding":[{"code":"11778-8"}]})",
                      R"("valueDateTime":"2027-05-01")"),
          observation("s", R"({"text":"Pregnancy status"})", R"("valueString":"Pregnant")")}) {
        EXPECT_NE(Said({text}).fact("Pregnancy"), "") << text;
    }
    EXPECT_EQ(Said({observation("s", R"({"text":"Pregnancy status"})",
                                R"("valueString":"Pregnant")", "2015-01-01")})
                  .fact("Pregnancy"),
              "");
}

TEST(FirstThings, ADirectiveNotToResuscitateIsAmongTheAlerts) {
    for (const std::string& text :
         {resource("Consent", "c",
                   R"("status":"active","scope":{"coding":[{"code":"adr"}]},)"
                   R"("category":[{"text":"DNR"}])"),
          observation("o", R"({"text":"Code status"})", R"("valueString":"DNR")")})
        EXPECT_TRUE(has(Said({text}).fact("Advance directives"), "DNR")) << text;
}

TEST(FirstThings, LettersStandWithTheirOpeningWords) {
    const Said said({resource("DocumentReference", "d",
                              R"("status":"current","type":{"text":"Clinic letter"},"date":)"
                              R"("2026-10-01T08:00:00Z","content":[{"attachment":{"contentType":)"
                              R"("text/plain","data":"UGxhbjogc3dpdGNoLg=="}}])")});
    EXPECT_TRUE(has(said.fact("Letters and documents, latest"), "“Plan: switch.”"))
        << said.first_screen();
}

TEST(FirstThings, WhatWasStoppedForAReasonAndDoneOnceIsNotCut) {
    auto texts = many(8, [](const std::string& i) {
        return resource("MedicationRequest", "m" + i,
                        R"("status":"completed","intent":"order","authoredOn":"2026-10-01",)"
                        R"("medicationCodeableConcept":{"text":"Cream )" +
                            i + R"("})");
    });
    texts.push_back(resource("MedicationRequest", "s",
                             R"("status":"stopped","intent":"order","authoredOn":"2020-10-01",)"
                             R"("medicationCodeableConcept":{"text":"Trastuzumab"},)"
                             R"("statusReason":{"text":"cardiomyopathy"})"));
    for (int i = 0; i < 8; ++i)
        texts.push_back(resource("Procedure", "p" + std::to_string(i),
                                 R"("status":"completed","performedDateTime":"2026-10-01","code":)"
                                 R"({"text":"Depression screening )" +
                                     std::to_string(i) + R"("})"));
    texts.push_back(resource("Procedure", "x",
                             R"("status":"completed","performedDateTime":)"
                             R"("2019","code":{"text":"Mastectomy"})"));
    const Said said(texts, {}, "breast");
    EXPECT_TRUE(has(said.fact("Ended"), "Trastuzumab")) << said.fact("Ended");
    EXPECT_TRUE(has(said.fact("Procedures, latest"), "Mastectomy"));
}

TEST(FirstThings, VisitDiagnosesAreBehindThePatientsProblemsAndSevereOnesBeforeThem) {
    auto texts = many(10, [](const std::string& i) {
        return condition("Visit " + i, R"(,"recordedDate":"2026-10-01","category":)"
                                       R"([{"coding":[{"code":"encounter-diagnosis"}]}])");
    });
    texts.push_back(condition("Kidney failure", R"(,"recordedDate":"2019-10-01")"));
    texts.push_back(condition("Cord compression", R"(,"severity":{"coding":[{"code":"24484000"}]},)"
                                                  R"("recordedDate":"2018-10-01")"));
    const std::string problems = Said(texts).fact("Problems");
    EXPECT_TRUE(has(problems, "Kidney failure")) << problems;
    EXPECT_LT(problems.find("Cord compression"), problems.find("Kidney failure")) << problems;
}

TEST(FirstThings, ThatThereIsNoneIsNoDoseAndNoProcedure) {
    const Said said(
        {resource("Procedure", "p",
                  R"("status":"completed","code":{"text":)"
                  R"("No known procedures"})"),
         resource("Immunization", "i",
                  R"("status":"completed","vaccineCode":{"coding":[{"code":)"
                  R"("no-known-immunizations","display":"No known immunizations"}]})")});
    EXPECT_EQ(said.fact("Procedures, latest"), "");
    EXPECT_FALSE(has(said.page(), "1 dose") || has(said.page(), "1 procedure"));
    EXPECT_NE(said.state_of("immunizations"), "found");
}

// What the laboratory says stands in the page and in the document, whatever form it has.
TEST(FirstThings, PanicValuesAreCriticalByWordsAndByComponents) {
    const Said said(
        {observation("a", R"({"text":"Lactate"})",
                     R"("valueQuantity":{"value":9,"unit":"mmol/L"},"interpretation":)"
                     R"([{"text":"PANIC VALUE"}])"),
         observation("b", R"({"text":"Blood gas"})",
                     R"("component":[{"code":{"text":"pH"},"valueQuantity":{"value":6.9},)"
                     R"("interpretation":[{"coding":[{"code":"LL"}]}]}])"),
         observation(
             "c", R"({"text":"Glucose"})",
             R"("valueQuantity":{"value":45,"unit":"mg/dL"},"specimen":{"display":"CSF"})")});
    const std::string critical = said.fact("Critical values");
    EXPECT_TRUE(has(critical, "Lactate 9 mmol/L PANIC VALUE")) << critical;
    EXPECT_TRUE(has(critical, "pH critically low")) << critical;
    EXPECT_TRUE(has(said.narratives(), "9 mmol/L, PANIC VALUE"));
    EXPECT_TRUE(has(said.narratives(), "pH critically low"));
    EXPECT_TRUE(has(said.narratives(), "Glucose, CSF"));
}

TEST(FirstThings, WhatIsSaidNotToBeCriticalIsNoAlert) {
    for (const char* words : {"not critical", "Non-critical", "nicht kritisch"}) {
        const Said said({observation(
            "a", R"({"text":"Lactate"})",
            R"("valueQuantity":{"value":2,"unit":"mmol/L"},"interpretation":[{"text":")" +
                std::string(words) + R"("}])")});
        EXPECT_EQ(said.fact("Critical values"), "") << words;
        EXPECT_TRUE(has(said.page(), words)) << words;
    }
}

TEST(FirstThings, AUnitAndACodeThatDisagreeAreBothSaid) {
    const auto albumin = [](const char* unit, const char* code) {
        return Said({observation("a", R"({"text":"Albumin"})",
                                 std::string(R"("valueQuantity":{"value":3.1,"unit":")") + unit +
                                     R"(","system":"http://unitsofmeasure.org","code":")" + code +
                                     R"("})")})
            .page();
    };
    EXPECT_TRUE(has(albumin("g/L", "g/dL"), "3.1 g/L (code: g/dL)"));
    for (const auto& [unit, code] :
         {std::pair{"ug/l", "ug/L"}, {"µg/L", "ug/L"}, {"/min", "{beats}/min"}})
        EXPECT_FALSE(has(albumin(unit, code), "(code:")) << unit;
}

std::string ordered(const std::string& name, const std::string& day,
                    const std::string& more = R"("status":"active")") {
    return resource("MedicationRequest", id_of(name),
                    R"("intent":"order","medicationCodeableConcept":{"text":")" + name +
                        R"("},"authoredOn":")" + day + "\"," + more);
}

// What the specialty treats with is older than what was ordered last week, and decides more.
TEST(FirstThings, WhatTheSpecialtyTreatsWithIsBeforeTheCreams) {
    const std::map<const char*, std::vector<const char*>> treatments = {
        {"breast", {"Palbociclib 125 mg", "Denosumab", "Trastuzumab"}},
        {"cardiology", {"Bisoprolol", "Sacubitril", "Apixaban"}},
        {"rheumatology", {"Methotrexat", "Etanercept"}},
        {"neurology", {"Natalizumab", "Lamotrigine"}},
        {"myeloma", {"Lenalidomide", "Bortezomib"}}};
    for (const auto& [specialty, names] : treatments) {
        auto texts =
            many(14, [](const std::string& i) { return ordered("Cream " + i, "2026-11-01"); });
        for (const char* name : names) texts.push_back(ordered(name, "2022-01-01"));
        const std::string now = Said(texts, {}, specialty).fact("Medicines now");
        for (const char* name : names) EXPECT_TRUE(has(now, name)) << name << ": " << now;
    }
}

TEST(FirstThings, AProhibitionInForceIsFirstAndNotCutBehindTheLiftedOnes) {
    const std::string forbidden = R"("doNotPerform":true,"status":)";
    std::vector<std::string> texts{ordered("Gentamicin", "2015-01-01", forbidden + "\"active\"")};
    for (const char* status : {"completed", "cancelled", "stopped", "draft"})
        for (const char* more : {"a", "b"})
            texts.push_back(ordered("Lifted " + std::string(status) + more, "2026-01-01",
                                    forbidden + '"' + status + '"'));
    texts.push_back(ordered("Ended", "2026-01-01",
                            forbidden + R"("active","dosageInstruction":[{"timing":{"repeat":)"
                                        R"({"boundsPeriod":{"end":"2026-02-01"}}}}])"));
    const std::string said = Said(texts).fact("Do not give");
    EXPECT_TRUE(has(said, "Gentamicin") && has(said, "more")) << said;
    EXPECT_LT(said.find("Gentamicin"), said.find("Lifted")) << said;
    EXPECT_TRUE(has(Said(texts).lists(), "Ended do not give, ended 1 Feb 2026"));
}

TEST(FirstThings, WhatIsNotFinalTakesNoCriticalValueBack) {
    const auto glucose = [](const std::string& id, const char* status, const char* more,
                            const char* day) {
        std::string text = observation(id, R"({"text":"Glucose"})", more, day);
        return text.replace(text.find("final"), 5, status);
    };
    const char* low = R"("valueQuantity":{"value":25,"unit":"mg/dL"},"interpretation":)"
                      R"([{"coding":[{"code":"LL"}]}])";
    const char* fine = R"("valueQuantity":{"value":110,"unit":"mg/dL"})";
    EXPECT_TRUE(has(Said({glucose("a", "final", low, "2026-11-01"),
                          glucose("b", "preliminary", fine, "2026-11-02")})
                        .fact("Critical values"),
                    "25 mg/dL"));
    EXPECT_EQ(
        Said({glucose("a", "final", low, "2026-11-01"), glucose("b", "final", fine, "2026-11-02")})
            .fact("Critical values"),
        "");
    const std::string unknown =
        Said({glucose("a", "unknown", low, "2026-11-01")}).fact("Critical values");
    EXPECT_TRUE(has(unknown, "25 mg/dL") && has(unknown, "status unknown")) << unknown;
}

TEST(FirstThings, WhereThePatientLiesAndWhatTheyBearIsSaid) {
    const Said said(
        {resource("Encounter", "e",
                  R"("status":"in-progress","class":{"code":"IMP"},"reasonCode":[{"text":)"
                  R"("Status epilepticus"}],"location":[{"location":{"display":"ICU"}}],"period":)"
                  R"({"start":"2026-11-15"})"),
         resource(
             "Encounter", "f",
             R"("status":"in-progress","class":{"code":"AMB"},"reasonCode":[{"text":"Check"}])"),
         resource("EpisodeOfCare", "p", R"("status":"active","type":[{"text":"Palliative care"}])"),
         resource("Device", "d",
                  R"("status":"active","type":{"text":"Pacemaker"},"safety":)"
                  R"([{"text":"MR Unsafe"}])")});
    const std::string care = said.fact("Under care now");
    EXPECT_TRUE(has(care, "Status epilepticus in progress, inpatient, ICU, 15 Nov 2026")) << care;
    EXPECT_TRUE(has(care, "Palliative care") && !has(care, "Check")) << care;
    EXPECT_TRUE(has(said.fact("Devices"), "Pacemaker, MR Unsafe"));
}

TEST(FirstThings, AnOperationThatIsOrderedIsPlanned) {
    const auto asked = [](const std::string& id, const std::string& more) {
        return resource("ServiceRequest", id,
                        R"("status":"active","intent":"order","authoredOn":"2026-10-20","code":)"
                        R"({"text":")" +
                            id + "\"}" + more);
    };
    const std::string planned =
        Said({asked("Mastectomy", R"(,"occurrenceDateTime":"2026-12-01")"),
              asked("Colectomy", R"(,"category":[{"coding":[{"code":"387713003"}]}])"),
              asked("Lipids", "")})
            .fact("Planned");
    EXPECT_TRUE(has(planned, "Mastectomy") && has(planned, "Colectomy")) << planned;
    EXPECT_FALSE(has(planned, "Lipids")) << planned;
}

// "Vitamin D deficiency" is no harm that vitamin D did.
TEST(FirstThings, AProblemThatAMedicineCausedIsBeforeOneThatItIsFor) {
    auto texts = many(12, [](const std::string& i) {
        return condition("Minor thing " + i, R"(,"recordedDate":"2026-10-01")");
    });
    texts.push_back(condition("Vitamin D deficiency", R"(,"recordedDate":"2026-01-02")"));
    texts.push_back(
        condition("Cardiomyopathy due to trastuzumab", R"(,"recordedDate":"2026-01-01")"));
    texts.push_back(ordered("Vitamin D", "2026-01-01"));
    texts.push_back(ordered("Trastuzumab", "2026-01-01"));
    const std::string problems = Said(texts).fact("Problems");
    EXPECT_TRUE(has(problems, "trastuzumab")) << problems;
    EXPECT_FALSE(has(problems, "Vitamin")) << problems;
}

// https://hl7.org/fhir/R4/list-definitions.html#List.emptyReason
TEST(FirstThings, WhatTheSourceSaysOfAnEmptyListStaysItsWord) {
    const auto list = [](const std::string& loinc, const std::string& why) {
        return resource("List", "l" + loinc,
                        R"("status":"current","mode":"snapshot","code":{"coding":[{"code":")" +
                            loinc + R"("}]},"title":"A list","emptyReason":{"coding":[{"code":")" +
                            why + "\"}]}");
    };
    const Said nil({list("48765-2", "nilknown"), list("10160-0", "notasked")});
    EXPECT_TRUE(has(nil.fact("Allergies"), "nil known")) << nil.fact("Allergies");
    EXPECT_FALSE(has(nil.fact("Allergies"), "not found"));
    EXPECT_EQ(nil.state_of("allergies"), "found");
    EXPECT_TRUE(has(nil.narratives(), "No known allergies")) << nil.narratives();
    EXPECT_TRUE(has(nil.fact("Medicines now"), "not asked")) << nil.fact("Medicines now");
    EXPECT_EQ(nil.state_of("medicines"), "not found");
    EXPECT_TRUE(has(nil.narratives(), "No information about medications"));
    // What stands in the record speaks against it.
    EXPECT_FALSE(has(Said({list("11450-4", "nilknown"), condition("Gout")}).narratives(),
                     "No known problems"));
}

}  // namespace
}  // namespace consultd
