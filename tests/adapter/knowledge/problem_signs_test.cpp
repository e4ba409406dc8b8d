// The disease itself stands first, in whichever language and with whichever national edition of
// ICD-10 the record names it.
#include "adapter/knowledge/problem_signs.h"

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using testing::built_in;

fhir::Json icd10(const std::string& code,
                 const std::string& system = "http://fhir.de/CodeSystem/bfarm/icd-10-gm") {
    return fhir::Json::parse(R"({"coding":[{"system":")" + system + R"(","code":")" + code +
                             R"("}]})")
        .value();
}

bool tells_first(std::string_view specialty, std::string_view called, const fhir::Json& code = {}) {
    return built_in().specialties.find(specialty).specialty.problems.hold(code, called);
}

TEST(ProblemSigns, APieceOfIcd10IsFromItsFirstToItsLastCode) {
    ProblemSigns signs;
    signs.add(fhir::Json::parse(R"({"icd10":"C76-C80 D01.0-D01.2 I48"})").value());
    for (const char* code : {"C76", "C78.1", "C80.9", "D01.2", "I48.0", "i48"})
        EXPECT_TRUE(signs.hold(icd10(code), "")) << code;
    for (const char* code : {"C75.9", "C81", "D01.3", "D01", "I4", "I49", ""})
        EXPECT_FALSE(signs.hold(icd10(code), "")) << code;
    EXPECT_TRUE(signs.hold(icd10("I48.0", "urn:oid:2.16.840.1.113883.6.90"), ""));
    EXPECT_FALSE(signs.hold(icd10("I48", "urn:oid:1.2.3"), "")) << "codes of another system";
}

TEST(ProblemSigns, EachSpecialtyKnowsItsDiseasesByCodeAlone) {
    const std::pair<const char*, const char*> codes[] = {
        {"breast", "C50.4"},      {"lung", "C34.1"},        {"prostate", "C61"},
        {"colorectal", "C20"},    {"oncology", "C18.7"},    {"hematology", "C81.9"},
        {"hematology", "C91.10"}, {"cardiology", "I50.13"}, {"cardiology", "I48.0"},
        {"neurology", "G35.1"},   {"rheumatology", "M05.9"}};
    for (const auto& [specialty, code] : codes) {
        EXPECT_TRUE(tells_first(specialty, "", icd10(code))) << specialty << ' ' << code;
        EXPECT_FALSE(tells_first(specialty, "", icd10("J06.9"))) << specialty;
    }
}

TEST(ProblemSigns, EachSpecialtyKnowsItsDiseasesByTheirNamesInFiveLanguages) {
    const std::pair<const char*, std::vector<const char*>> names[] = {
        {"breast",
         {"Mammakarzinom", "Ca mammae sin", "Borstkanker", "Cancer du sein", "C\u00e1ncer de mama",
          "DCIS left breast", "Liver metastases"}},
        {"lung",
         {"Bronchialkarzinom", "Longkanker", "NSCLC", "SCLC", "Mesothelioma",
          "Adenocarcinoma of right upper lobe of lung"}},
        {"colorectal", {"Rektumkarzinom", "Darmkrebs", "Lynch syndrome", "FAP"}},
        {"prostate", {"Prostatakarzinom", "CRPC", "C\u00e1ncer de pr\u00f3stata"}},
        {"hematology",
         {"Morbus Hodgkin", "CLL", "CML", "ITP", "Polycythemia vera", "GVHD", "MGUS",
          "Essential thrombocythemia", "Hemophilia A", "Leuk\u00e4mie",
          "Waldenstr\u00f6m macroglobulinemia", "Myelofibrosis"}},
        {"lymphoma", {"DLBCL", "Hodgkin disease", "CLL"}},
        {"myeloma", {"MGUS", "Plasmacytoma", "AL amyloidosis"}},
        {"cardiology",
         {"Herzinsuffizienz", "Boezemfibrilleren", "HFrEF", "NSTEMI", "Long QT syndrome",
          "Brugada syndrome", "WPW syndrome", "Sick sinus syndrome", "Insuffisance cardiaque",
          "Insuficiencia cardiaca"}},
        {"neurology",
         {"Multiple Sklerose", "Relapsing remitting MS", "ALS", "NMOSD", "CIDP",
          "Guillain-Barr\u00e9 syndrome", "Trigeminal neuralgia", "Epilepsie"}},
        {"rheumatology",
         {"Reumato\u00efde artritis", "SLE", "Giant cell arteritis", "Dermatomyositis",
          "Granulomatosis with polyangiitis", "Beh\u00e7et disease", "Adult-onset Still disease"}}};
    for (const auto& [specialty, diseases] : names)
        for (const char* disease : diseases)
            EXPECT_TRUE(tells_first(specialty, disease)) << specialty << ": " << disease;
}

TEST(ProblemSigns, WhatIsOfNoneOfThemIsToldFirstNowhere) {
    for (const char* specialty :
         {"oncology", "breast", "hematology", "cardiology", "neurology", "rheumatology"})
        for (const char* problem :
             {"Minor thing 3", "Acute upper respiratory infection", "Erectile dysfunction",
              "Family history of cancer", "Ringworm", "Fracture of wrist"})
            EXPECT_FALSE(tells_first(specialty, problem)) << specialty << ": " << problem;
}

}  // namespace
}  // namespace consultd
