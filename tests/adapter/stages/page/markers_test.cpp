// What decides in a specialty stands on the first screen, whatever the hospital calls it.
#include <gtest/gtest.h>

#include "tests/adapter/stages/page/page_text.h"

namespace consultd {
namespace {

using namespace consultd::testing;

using Names = std::vector<const char*>;

std::string observation(const std::string& id, const std::string& code, const std::string& value) {
    return R"({"resourceType":"Observation","id":")" + id + R"(","status":"final","code":)" + code +
           R"(,"effectiveDateTime":"2026-11-01","valueString":")" + value + R"("})";
}
std::string problem(const std::string& id, const std::string& name, const std::string& more = "") {
    return R"({"resourceType":"Condition","id":")" + id + R"(","code":{"text":")" + name +
           R"("},"clinicalStatus":{"coding":[{"code":"active"}]})" + more + "}";
}

// The first screen of a record of results so called, "value-0 value-1 …" in their order.
std::string first_screen_of(const std::string& specialty, const Names& names,
                            const std::string& disease) {
    std::vector<std::string> texts{problem("c", disease)};
    for (std::size_t i = 0; i < names.size(); ++i)
        texts.push_back(observation("o" + std::to_string(i),
                                    R"({"text":")" + std::string(names[i]) + R"("})",
                                    "value-" + std::to_string(i) + "."));
    return Said(texts, {}, specialty).first_screen();
}

void expect_all(const std::string& specialty, const Names& names,
                const std::string& disease = "a problem") {
    const std::string said = first_screen_of(specialty, names, disease);
    for (std::size_t i = 0; i < names.size(); ++i)
        EXPECT_TRUE(has(said, "value-" + std::to_string(i) + ".")) << specialty << ": " << names[i];
}

TEST(Markers, OfEachSpecialtyStandOnTheFirstScreenByTheirNames) {
    expect_all("lung",
               {"ALK", "RET", "EGFR exon 19", "EGFR-Mutation", "EGFR p.T790M",
                "Anaplastic lymphoma kinase", "Programmed death ligand 1", "MET ex14", "NTRK1",
                "STK11", "ROS1 FISH", "KRAS G12C", "PDL1 (22C3)", "TMB", "ALK IHC"});
    expect_all("breast", {"ER", "ER status", "ER (IHC)", "Estrogen receptors", "PR", "PgR",
                          "PR status", "HER-2", "Her-2/neu FISH", "ERBB2", "MIB-1", "Grade",
                          "Histologic grade", "PIK3CA", "ESR1 mutation", "BRCA1/2"});
    expect_all("prostate", {"tPSA", "Prostate Specific Ag", "ISUP grade", "Gleason 4+3", "AR-V7",
                            "PI-RADS", "BRCA2", "Clinical TNM", "cT stage"});
    expect_all("colorectal", {"dMMR", "pMMR", "PMS2", "RAS", "Carcinoembryonic Ag", "DPYD genotype",
                              "UGT1A1", "pTNM", "MSI status", "NRAS"});
    expect_all("aml-mds", {"MRD", "Measurable residual disease", "del(5q)", "Monosomy 7", "SF3B1",
                           "Blast %", "IPSS-R", "IPSS-M", "ELN risk", "JAK2", "BCR::ABL1 p210",
                           "Karyotype", "NPM1 VAF", "LVEF"});
    expect_all("lymphoma", {"Ann Arbor", "Lugano stage", "IPI", "FLIPI", "MIPI", "Deauville",
                            "CD20", "TP53", "Cell of origin", "IGHV", "EBER", "R-IPI", "BCL2"});
    expect_all("myeloma", {"ISS", "R-ISS", "R2-ISS", "Durie-Salmon", "M-spike", "FLC ratio", "B2M",
                           "del(17p)", "t(4;14)", "t(14;16)", "1q gain", "Plasma cells", "IgG",
                           "Bence Jones protein 24h urine", "Calcium", "Albumin"});
    expect_all("rheumatology", {"anti-CCP",
                                "CCP antibodies",
                                "ACPA",
                                "RF",
                                "ANA",
                                "ANA titer",
                                "Antinuclear antibody",
                                "dsDNA Ab",
                                "ENA",
                                "anti-Sm",
                                "anti-Ro",
                                "SSA",
                                "anti-Jo-1",
                                "PR3",
                                "MPO",
                                "HLA-B27",
                                "DAS28",
                                "DAS28-ESR",
                                "CDAI",
                                "SDAI",
                                "BASDAI",
                                "ASDAS",
                                "SLEDAI",
                                "HAQ",
                                "Uric acid",
                                "CK",
                                "aPL",
                                "Swollen joint count",
                                "QuantiFERON-TB"});
    expect_all("neurology",
               {"OCB", "JCV index", "NMO-IgG", "NfL", "mRS", "Seizure frequency", "EEG",
                "Valproate level", "AChR antibody", "IgG index", "Lymphocytes", "Sodium",
                "HLA-B*15:02", "Relapses in last 12 months", "Pregnancy status"});
    expect_all("cardiology", {"EF", "LV EF", "NTproBNP", "proBNP", "hs-TnT", "CHA2DS2-VASc",
                              "HAS-BLED", "INR", "QTc", "QRS duration", "Heart rate", "Potassium",
                              "LDL", "Lp(a)", "TSH", "Ferritin", "TSAT", "Heart rhythm"});
}

TEST(Markers, OfTheDiseaseThatTheRecordHasStandThereForTheSpecialtyAroundIt) {
    expect_all("oncology",
               {"EGFR mutation", "ALK IHC", "ROS1", "KRAS", "PDL1 (22C3)", "MET exon 14"},
               "Adenocarcinoma of right upper lobe of lung");
    expect_all("oncology", {"PgR IHC", "Ki-67", "BRCA1", "HER2/neu FISH"}, "Mammakarzinom");
    expect_all("oncology", {"MSI", "MMR IHC", "RAS", "KRAS", "NRAS"}, "Rektumkarzinom");
    expect_all("oncology", {"Gleason score", "ISUP grade group", "Testosterone"},
               "Prostate cancer");
    expect_all("hematology", {"FLT3-ITD", "NPM1", "TP53", "MRD", "ELN risk"}, "AML");
    expect_all("hematology", {"Ki-67", "BCL2", "BCL6", "IPI"}, "DLBCL");
    expect_all("hematology", {"M-protein", "Free kappa", "Kappa/lambda ratio", "R-ISS", "Calcium"},
               "Multiple myeloma");
}

TEST(Markers, AreFoundByTheirCodesWhateverTheyAreCalled) {
    const std::pair<const char*, Names> codes[] = {
        {"rheumatology", {"26028-1", "3084-1", "33935-8"}},
        {"myeloma", {"48378-4", "33358-3"}},
        {"cardiology",
         {"2823-3", "6301-6", "3016-3", "13457-7", "67151-1", "30934-4", "8806-2", "18043-0",
          "8634-8"}},
        {"colorectal", {"81695-9"}},
        {"lung", {"83052-1"}},
        {"breast", {"29593-1"}},
        {"prostate", {"35266-6"}},
        {"neurology", {"2951-2"}}};
    for (const auto& [specialty, list] : codes)
        for (const char* code : list) {
            const Said said({observation("o",
                                         R"({"coding":[{"system":"http://loinc.org","code":")" +
                                             std::string(code) + R"(","display":"Long name"}]})",
                                         "value-1.")},
                            {}, specialty);
            EXPECT_TRUE(has(said.first_screen(), "value-1.")) << specialty << ' ' << code;
        }
}

// https://hl7.org/fhir/R4/condition-definitions.html#Condition.stage
TEST(Markers, TheStageThatAProblemCarriesStandsThereWithItsKind) {
    const Said said(
        {problem("c", "Lung cancer",
                 R"(,"stage":[{"summary":{"text":"Stage IVB"},"type":{"text":"Clinical"}},
                                 {"summary":{"text":"Stage IIIA"},"type":{"text":"Pathological"}}])")},
        {}, "lung");
    EXPECT_TRUE(
        has(said.fact("Stage"), "Lung cancer Stage IVB (Clinical); Stage IIIA (Pathological)"))
        << said.fact("Stage");
    EXPECT_EQ(said.state_of("stage"), "found");
}

TEST(Markers, TheDiseaseStandsBeforeWhatIsNewerAndMinor) {
    std::vector<std::string> texts;
    for (int i = 0; i < 12; ++i)
        texts.push_back(problem("m" + std::to_string(i), "Minor thing " + std::to_string(i),
                                R"(,"onsetDateTime":"2026-10-01")"));
    texts.push_back(R"({"resourceType":"Condition","id":"d","onsetDateTime":"2015-01-01",
        "clinicalStatus":{"coding":[{"code":"active"}]},"code":{"text":"Ca links","coding":[{"system":
        "http://fhir.de/CodeSystem/bfarm/icd-10-gm","code":"C50.4"}]}})");
    EXPECT_TRUE(has(Said(texts, {}, "breast").fact("Problems"), "Ca links"));
    EXPECT_TRUE(has(Said(texts, {}, "oncology").fact("Problems"), "Ca links"));
}

// What was done and has no report here is asked for, with the day it was done.
TEST(Markers, AnExaminationWithoutItsReportIsToldAndAskedFor) {
    const Said said({R"({"resourceType":"Procedure","id":"p1","status":"completed",
        "performedDateTime":"2026-10-01","code":{"text":"Colonoscopy"}})"},
                    {}, "colorectal");
    EXPECT_EQ(said.state_of("colonoscopy"), "done, its report is not here");
    EXPECT_TRUE(
        has(said.page(), "Colonoscopy: its report; that it was done is here, on 1 Oct 2026"));
}

}  // namespace
}  // namespace consultd
