// Which results a reader takes together: never those of two specimens, whatever they are called,
// and always those of one quantity in one specimen, whoever measured it.
#include "adapter/stages/reading/analytes.h"

#include <gtest/gtest.h>

#include "tests/adapter/stages/page/page_text.h"

namespace consultd {
namespace {

using namespace consultd::testing;

constexpr const char* sodium_codes[] = {
    R"({"coding":[{"system":"urn:lab","code":"NA"}]})",
    R"({"coding":[{"system":"urn:lab","code":"NA","display":"Sodium"}]})",
    R"({"text":"Sodium"})",
    R"({"coding":[{"system":"http://loinc.org","code":"2951-2","display":"Sodium"}]})",
    R"({"coding":[{"system":"urn:lab","code":"TRY"}],"text":"Tryptase"})",
    R"({"coding":[{"system":"http://loinc.org","code":"99999-9"}],"text":"Tryptase"})"};

// What its Specimen says of a type, by code, by display and by text; and of a report.
const std::map<std::string, std::vector<std::string>> specimen_types = {
    {"blood",
     {R"({"coding":[{"system":"http://snomed.info/sct","code":"119364003"}]})",
      R"({"coding":[{"code":"PLAS"}]})", R"({"text":"Venous blood"})",
      R"({"coding":[{"display":"Serum specimen"}]})"}},
    {"urine",
     {R"({"coding":[{"system":"http://snomed.info/sct","code":"122575003"}]})",
      R"({"coding":[{"code":"UR"}]})", R"({"text":"Urine, 24 hours"})"}},
    {"arterial", {R"({"text":"Arterial blood"})", R"({"coding":[{"code":"BLDA"}]})"}},
    {"cord", {R"({"text":"Umbilical cord blood"})"}},
    {"csf", {R"({"text":"CSF"})", R"({"coding":[{"code":"CSF","display":"fluid"}]})"}},
    {"pleural", {R"({"text":"Pleural fluid"})"}},
    {"other", {R"({"text":"Nail clippings"})"}}};

class AnalytesTest : public ::testing::Test {
protected:
    void add(const std::string& code, const std::string& more = "") {
        ++count_;
        texts_.push_back(R"({"resourceType":"Observation","id":"o)" + std::to_string(count_) +
                         R"(","status":"final","code":)" + code + more +
                         R"(,"effectiveDateTime":"2026-01-0)" + std::to_string(count_) + R"("})");
    }
    void add_in(const std::string& code, const std::string& type) {
        add(code, R"(,"contained":[{"resourceType":"Specimen","id":"s","type":)" + type +
                      R"(}],"specimen":{"reference":"#s"})");
    }
    // How many analytes they are, by the specialty's tables.
    std::vector<Analyte> analytes(std::string_view specialty = "oncology") {
        input_ = packet_input(texts_);
        reading_.emplace(input_.resources, input_.patient, input_.request.as_of);
        std::vector<const Statement*> values;
        for (const Statement& one : reading_->all())
            if (one.resource().type() == "Observation") values.push_back(&one);
        sort_newest_first(values);
        const Specialties& all = knowledge().specialties;
        return Analytes(*reading_, all.find(specialty).specialty, all).of(values);
    }
    void clear() {
        texts_.clear();
        count_ = 0;
    }

    std::vector<std::string> texts_;
    int count_ = 0;
    PacketInput input_;
    std::optional<Reading> reading_;
};

TEST_F(AnalytesTest, TwoSpecimensAreNeverOneRowAndOneIsNeverTwo) {
    for (const char* code : sodium_codes)
        for (const auto& [kind, types] : specimen_types)
            for (const auto& [other_kind, other_types] : specimen_types)
                for (const std::string& type : types)
                    for (const std::string& other : other_types) {
                        clear();
                        add_in(code, type);
                        add_in(code, other);
                        EXPECT_EQ(analytes().size(), kind == other_kind ? 1U : 2U)
                            << code << type << other;
                    }
}

TEST_F(AnalytesTest, TheSpecimenOfAReportIsThatOfItsResults) {
    constexpr const char* local = R"({"coding":[{"system":"urn:lab","code":"CREA"}],)"
                                  R"("text":"Creatinine"})";
    add(local);
    add_in(local, R"({"text":"Serum"})");
    texts_.push_back(
        R"({"resourceType":"DiagnosticReport","id":"r","status":"final","code":{},)"
        R"("contained":[{"resourceType":"Specimen","id":"s","type":{"text":"Urine"}}],)"
        R"("specimen":[{"reference":"#s"}],)"
        R"("result":[{"reference":"Observation/o1"}]})");
    const std::vector<Analyte> found = analytes();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].apart, "code CREA, Serum");
    EXPECT_EQ(found[1].beside, "Urine");
}

TEST_F(AnalytesTest, WhatDiffersOnlyInTheNameOfItsSpecimenIsApart) {
    add(R"({"coding":[{"system":"urn:lab","code":"CREA","display":"Creatinine"}]})");
    add(R"({"coding":[{"system":"urn:lab","code":"CREA","display":"Creatinine, urine"}]})");
    EXPECT_EQ(analytes().size(), 2U);
}

TEST_F(AnalytesTest, TheLoincCodeSaysWhatItIsWhereverItStandsAmongTheCodes) {
    add(R"({"coding":[{"system":"http://loinc.org","code":"718-7"}]})");
    add(R"({"coding":[{"system":"urn:lab","code":"X1"},)"
        R"({"system":"http://loinc.org","code":"718-7"}]})");
    add(R"({"coding":[{"system":"urn:lab","code":"HGB"}]})");
    EXPECT_EQ(analytes().size(), 1U);
    add(R"({"coding":[{"system":"urn:lab","code":"X1"}]})");
    EXPECT_EQ(analytes().size(), 2U);
}

// A display is what somebody wrote; the code is what was measured.
TEST_F(AnalytesTest, ACommonNameBringsNoTwoLoincCodesTogether) {
    add(R"({"coding":[{"system":"http://loinc.org","code":"2160-0","display":"Creatinine"}]})");
    add(R"({"coding":[{"system":"http://loinc.org","code":"2161-8","display":"Creatinine"}]})");
    add(R"({"coding":[{"system":"http://loinc.org","code":"2164-2","display":"Creatinine"}],)"
        R"("text":"Creatinine"})");
    EXPECT_EQ(analytes().size(), 3U);
}

TEST_F(AnalytesTest, MassMolesAndLocalCodesOfOneQuantityAreOne) {
    add(R"({"coding":[{"system":"http://loinc.org","code":"2160-0"}]})");
    add(R"({"coding":[{"system":"http://loinc.org","code":"14682-9"}]})");
    add(R"({"coding":[{"system":"urn:a","code":"CREA"}],"text":"Creatinine"})");
    add_in(R"({"coding":[{"system":"urn:b","code":"17","display":"Creat"}]})",
           R"({"text":"Plasma"})");
    EXPECT_EQ(analytes().size(), 1U);
    for (const char* urine : {"2161-8", "14683-7"})
        add(std::string(R"({"coding":[{"system":"http://loinc.org","code":")") + urine + "\"}]}");
    EXPECT_EQ(analytes().size(), 2U);
}

// Where the same code has a specimen elsewhere in the record, it is that; where it has two, nobody
// knows which.
TEST_F(AnalytesTest, WhatSaysNoSpecimenGoesWithTheOnlyOneOfItsCode) {
    constexpr const char* local = R"({"coding":[{"system":"urn:lab","code":"CREA"}],)"
                                  R"("text":"Creatinine"})";
    add(local);
    add_in(local, R"({"text":"Urine"})");
    EXPECT_EQ(analytes().size(), 1U);
    add_in(local, R"({"text":"Serum"})");
    EXPECT_EQ(analytes().size(), 3U);
}

TEST_F(AnalytesTest, AShareInPercentIsNotTheCountOfThatName) {
    const char* local = R"({"coding":[{"system":"urn:a","code":"NE%"}],"text":"Neutrophils"})";
    add(local, R"(,"valueQuantity":{"value":61,"unit":"%"})");
    add(R"({"coding":[{"system":"http://loinc.org","code":"751-8"}],"text":"Neutrophils"})",
        R"(,"valueQuantity":{"value":3.1,"unit":"10*9/L"})");
    EXPECT_EQ(analytes().size(), 2U);
}

TEST_F(AnalytesTest, ScalesAndFormulasOfTheirOwnAreApart) {
    for (const char* code : {"89247-1", "89243-0", "33914-3", "62238-1", "98979-8", "2890-2",
                             "9318-7", "777-3", "32623-1"})
        add(std::string(R"({"coding":[{"system":"http://loinc.org","code":")") + code + "\"}]}");
    EXPECT_EQ(analytes().size(), 9U);
}

// The urine's creatinine stood on the first screen, by its name, as the newest of the blood's.
TEST_F(AnalytesTest, TheFirstScreenNamesTheKeyValueOfItsOwnSpecimenOnly) {
    const auto quantity = [](const char* value) {
        return std::string(R"(,"valueQuantity":{"value":)") + value + R"(,"unit":"mg/dL"})";
    };
    add(R"({"coding":[{"system":"http://loinc.org","code":"2160-0"}],"text":"Creatinine"})",
        quantity("1.1"));
    add(R"({"coding":[{"system":"http://loinc.org","code":"2161-8"}],"text":"Creatinine"})",
        quantity("98"));
    add_in(R"({"coding":[{"system":"urn:lab","code":"CREA"}],"text":"Creatinine"})",
           R"({"text":"Urine"})");
    const std::string newest = Said(texts_).fact("Newest values");
    EXPECT_TRUE(has(newest, "1.1 mg/dL")) << newest;
    EXPECT_FALSE(has(newest, "98")) << newest;
}

TEST_F(AnalytesTest, ThePageNamesTheSpecimenThatIsNotDrawnFromAVein) {
    add_in(R"({"text":"Creatinine"})", R"({"text":"Urine, 24 h"})");
    texts_.back().insert(texts_.back().size() - 1, R"(,"valueString":"9.9","interpretation":)"
                                                   R"([{"coding":[{"code":"HH"}]}])");
    const Said said(texts_);
    EXPECT_TRUE(has(said.fact("Critical values"), "Creatinine, Urine, 24 h 9.9"));
    EXPECT_TRUE(has(said.lists(), "Creatinine, Urine, 24 h"));
}

// The receptor of the metastasis is no newer value of the receptor of the first tumor, nor one gene
// of another, nor a stain of a count of gene copies.
TEST_F(AnalytesTest, AnotherSiteTissueGeneOrMethodIsAnotherThing) {
    const std::string her2 = R"({"text":"HER2"})";
    for (
        const char* of :
        {R"(,"bodySite":{"text":"left breast"})", R"(,"specimen":{"display":"liver metastasis"})",
         R"(,"method":{"text":"IHC"})", R"(,"method":{"text":"FISH"})",
         R"(,"component":[{"code":{"coding":[{"code":"48018-6"}]},"valueCodeableConcept":{"text":"ALK"}}])",
         R"(,"component":[{"code":{"coding":[{"code":"48018-6"}]},"valueCodeableConcept":{"text":"EGFR"}}])",
         R"(,"component":[{"code":{"text":"Target lesion"},"valueString":"L1"}])",
         R"(,"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/observation-geneticsGene","valueCodeableConcept":{"text":"BRCA2"}}])",
         R"(,"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/observation-specimenCode","valueCodeableConcept":{"text":"Pleural fluid"}}])"})
        add(her2, std::string(R"(,"valueString":"positive")") + of);
    EXPECT_EQ(analytes().size(), 9U);
}

// The arm that blood was drawn from or pressed on, the label of a tube and the method of a number
// make no other thing of it.
TEST_F(AnalytesTest, WhereItWasDrawnAndHowItWasCountedIsTheSameThing) {
    const std::string count = R"(,"valueQuantity":{"value":4.17,"unit":"mmol/L"},"category":)"
                              R"([{"coding":[{"code":"laboratory"}]}])";
    for (const char* of : {"", R"(,"bodySite":{"text":"Left arm"})",
                           R"(,"specimen":{"display":"Tube 4711"})", R"(,"method":{"text":"ISE"})"})
        add(R"({"text":"Potassium"})", count + of);
    EXPECT_EQ(analytes().size(), 1U);
}

TEST_F(AnalytesTest, TheNewestCreatinineIsNotThatOfTheDrain) {
    const auto quantity = [](const char* value) {
        return std::string(R"(,"valueQuantity":{"value":)") + value + R"(,"unit":"mg/dL"})";
    };
    add(R"({"text":"Creatinine"})", quantity("1.1"));
    add(R"({"text":"Creatinine"})", quantity("1.9") + R"(,"bodySite":{"text":"drain fluid"})");
    const Said said(texts_);
    EXPECT_TRUE(has(said.fact("Newest values"), "1.1 mg/dL"));
    EXPECT_FALSE(has(said.fact("Newest values"), "1.9"));
    EXPECT_TRUE(has(said.lists(), "Creatinine, drain fluid"));
}

TEST_F(AnalytesTest, AMutationIsNotHiddenBehindAnotherGene) {
    const auto variant = [&](const char* gene, const char* found) {
        add(R"({"coding":[{"system":"http://loinc.org","code":"69548-6"}],"text":"Genetic variant"})",
            std::string(R"(,"valueCodeableConcept":{"text":")") + found +
                R"("},"component":[{"code":{"coding":[{"code":"48018-6"}],"text":"Gene studied"},)" +
                R"("valueCodeableConcept":{"text":")" + gene + R"("}}])");
    };
    variant("EGFR", "Present");
    variant("ALK", "Absent");
    const std::string markers = Said(texts_, {}, "lung").fact("Markers");
    EXPECT_TRUE(has(markers, "Present; Gene studied EGFR")) << markers;
    EXPECT_TRUE(has(markers, "Absent; Gene studied ALK")) << markers;
}

// A value stood under the name of a cancelled record of the same code.
TEST_F(AnalytesTest, AValueStandsUnderItsOwnName) {
    const auto receptor = [&](const char* name, const char* value) {
        add(R"({"coding":[{"system":"http://loinc.org","code":"16112-5"}],"text":")" +
                std::string(name) + R"("})",
            R"(,"valueString":")" + std::string(value) + '"');
    };
    receptor("Receptor of old", "weak");
    receptor("Receptor", "strong");
    receptor("Receptor, donor control", "none");
    texts_.back().replace(texts_.back().find("final"), 5, "cancelled");
    const std::string lists = Said(texts_).lists();
    EXPECT_TRUE(has(lists, "Receptor | strong")) << lists;
    EXPECT_TRUE(has(lists, "Receptor of old weak")) << lists;
    EXPECT_TRUE(has(lists, "Receptor, donor control none")) << lists;
}

TEST_F(AnalytesTest, AWordDoesNotHideTheLastNumber) {
    add(R"({"text":"LDH"})", R"(,"valueQuantity":{"value":300,"unit":"U/L"})");
    add(R"({"text":"LDH"})", R"(,"valueQuantity":{"value":310,"unit":"U/L"})");
    add(R"({"text":"LDH"})", R"(,"valueString":"pending")");
    const std::string newest = Said(texts_).fact("Newest values");
    EXPECT_TRUE(has(newest, "pending") && has(newest, "310 U/L")) << newest;
    EXPECT_FALSE(has(newest, "300")) << newest;
}

TEST_F(AnalytesTest, MarkersOfTheSpecialtyAreKeyValues) {
    const std::map<std::string, std::vector<const char*>> markers = {
        {"prostate", {"2857-1"}},
        {"colorectal", {"2039-6", "24108-3"}},
        {"breast", {"6875-9"}},
        {"lung", {"25390-6"}},
        {"myeloma", {"33358-3", "36916-5", "33944-0", "48378-4", "1952-1"}},
        {"oncology", {"2857-1", "2039-6", "10334-1", "6875-9", "24108-3", "1834-1", "9811-1"}}};
    for (const auto& [specialty, codes] : markers)
        for (const char* code : codes) {
            clear();
            add(std::string(R"({"coding":[{"system":"http://loinc.org","code":")") + code +
                    R"("}],"text":"The marker"})",
                R"(,"valueQuantity":{"value":4.17,"unit":"ng/mL"})");
            EXPECT_TRUE(has(Said(texts_, {}, specialty).fact("Newest values"), "4.17"))
                << specialty << code;
        }
}

// Each named otherwise month by month: what is called newest is the newest of them all.
TEST_F(AnalytesTest, TheNewestIsTheNewestWhateverTheLaboratoryCallsIt) {
    const std::map<std::string, std::vector<std::vector<const char*>>> names = {
        {"aml-mds",
         {{"Hemoglobin", "Haemoglobin", "Hgb", "HGB (POC)", "Hemoglobin, venous", "Hb g/dl",
           "Hämoglobin", "B-Hemoglobin", "Hemoglobine (bloed)"},
          {"Platelets", "PLT", "Thrombocytes", "Thrombozyten", "Platelet count (EDTA)",
           "Trombocyten", "Plaquetas"}}},
        {"oncology",
         {{"Creatinine", "Kreatinin", "Creatinine, serum", "S-Creatinine", "Creatinine (enzymatic)",
           "Créatinine", "Kreatinin im Serum", "Creatinina en suero"},
          {"CEA", "CEA (Abbott)", "Serum CEA", "CEA, serum"}}},
        {"breast", {{"CA 15-3", "CA15-3", "Ca 15.3", "CA-15-3"}}},
        {"cardiology", {{"NT-proBNP", "NT-pro-BNP", "NTproBNP", "NT-proBNP (Roche)"}}},
        {"myeloma",
         {{"M-protein", "M protein (SPEP)", "Paraprotein"},
          {"ECOG", "ECOG PS", "Performance status (ECOG)", "WHO performance status"}}}};
    for (const auto& [specialty, quantities] : names)
        for (const auto& quantity : quantities)
            for (const char* newest : quantity) {
                clear();
                add(R"({"text":")" + std::string(quantity[0]) + R"("})",
                    R"(,"valueQuantity":{"value":1.17,"unit":"u"})");
                add(R"({"text":")" + std::string(newest) + R"("})",
                    R"(,"valueQuantity":{"value":99.7,"unit":"u"})");
                const std::string said = Said(texts_, {}, specialty).fact("Newest values");
                EXPECT_TRUE(has(said, "99.7") && !has(said, "1.17")) << newest << ": " << said;
            }
}

// A word more makes another quantity of it, which is never called the newest of the first.
TEST_F(AnalytesTest, AWordThatMeansAnotherQuantityKeepsItApart) {
    for (const auto& [one, other] :
         std::map<const char*, const char*>{{"Hemoglobin", "Hemoglobin electrophoresis"},
                                            {"Haemoglobin", "Hemoglobin A2"},
                                            {"Hgb", "Hemoglobin (fetal)"},
                                            {"Hb", "Hb S"},
                                            {"Creatinine", "Creatinine clearance"},
                                            {"Creat", "U-Creatinine"},
                                            {"Kreatinin", "Albumin/creatinine ratio"},
                                            {"PSA", "PSA (free)"},
                                            {"Prostate specific antigen", "Free PSA"},
                                            {"Calcium", "Calcium (ionized)"},
                                            {"CRP", "CRP (high sensitivity)"},
                                            {"Neutrophils", "Neutrophils %"},
                                            {"Platelets", "Large platelets"},
                                            {"Potassium", "Potassium channel antibody"},
                                            {"ECOG", "Family performance status questionnaire"}}) {
        clear();
        add(R"({"text":")" + std::string(one) + R"("})");
        add(R"({"text":")" + std::string(other) + R"("})");
        EXPECT_EQ(analytes().size(), 2U) << other;
    }
}

}  // namespace
}  // namespace consultd
