// Found is what is of the right kind and says something; what only sounds like it is not, and what
// the record names in its own language is.
#include "adapter/stages/completeness/evidence.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapter/stages/completeness/completeness.h"
#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;
using Texts = std::vector<std::string>;

// Of an item that is not asked for where it is not there: not found.
ItemState state_of(std::string_view specialty, std::string_view item, const Texts& texts) {
    const PacketInput input = packet_input(texts);
    const Reading reading(input.resources, input.patient, input.request.as_of);
    for (const ChecklistItem& one :
         check_list(knowledge().specialties, specialty, input.request.as_of, reading, {}))
        if (one.row->id == item) return one.state;
    return ItemState::NotFound;
}

std::string named(const std::string& type, const std::string& name, std::string more = "") {
    if (type == "DiagnosticReport" && more.empty())
        more = R"(,"effectiveDateTime":"2026-11-01","conclusion":"said")";
    if (type == "DocumentReference" && more.empty())
        more = R"(,"date":"2026-11-01T00:00:00Z","content":[{"attachment":{"data":"c2FpZA=="}}])";
    return R"({"resourceType":")" + type + R"(","id":"x","status":")" +
           (type == "Procedure"           ? "completed"
            : type == "DocumentReference" ? "current"
            : type == "Device"            ? "active"
                                          : "final") +
           R"(",")" + (type == "DocumentReference" || type == "Device" ? "type" : "code") +
           R"(":{"text":")" + name + R"("})" + more + "}";
}
std::string result(const std::string& name, const std::string& value = "4.1") {
    return named("Observation", name,
                 R"(,"effectiveDateTime":"2026-11-01","valueString":")" + value + R"(")");
}

struct Row {
    const char* specialty;
    const char* item;
    const char* type;
    const char* name;
};

// The names that the page's key values know are the names of the checklists.
TEST(Evidence, AResultIsFoundByEachNameThatThePageKnows) {
    const std::array<const char*, 3> rows[] = {{"rheumatology", "acute-phase", "ESR"},
                                               {"rheumatology", "acute-phase", "CRP"},
                                               {"rheumatology", "rheumatoid", "Anti-CCP"},
                                               {"rheumatology", "rheumatoid", "ACPA"},
                                               {"rheumatology", "rheumatoid", "RF"},
                                               {"rheumatology", "antinuclear", "ANA"},
                                               {"rheumatology", "antinuclear", "Anti-dsDNA"},
                                               {"rheumatology", "complement", "C3"},
                                               {"rheumatology", "complement", "Complement C4"},
                                               {"rheumatology", "activity", "DAS28-CRP"},
                                               {"myeloma", "blood-count", "Hemoglobin"},
                                               {"oncology", "blood-count", "H\u00e4moglobin"},
                                               {"oncology", "chemistry", "Kreatinin"},
                                               {"cardiology", "chemistry", "eGFR"},
                                               {"cardiology", "echo", "EF"},
                                               {"cardiology", "cardiac-markers", "NTproBNP"},
                                               {"lung", "lung-drivers", "ALK"},
                                               {"lung", "pd-l1", "Programmed death ligand 1"},
                                               {"breast", "receptors", "ER (IHC)"},
                                               {"breast", "receptors", "Her-2/neu FISH"},
                                               {"breast", "proliferation", "MIB-1"},
                                               {"prostate", "psa", "Prostate Specific Ag"},
                                               {"prostate", "gleason", "ISUP grade"},
                                               {"colorectal", "mismatch-repair", "dMMR"},
                                               {"aml-mds", "aml-genes", "SF3B1"},
                                               {"aml-mds", "mrd", "MRD (flow)"},
                                               {"aml-mds", "cytogenetics", "del(5q)"},
                                               {"lymphoma", "lymphoma-scores", "FLIPI"},
                                               {"lymphoma", "stage", "Ann Arbor stage"},
                                               {"myeloma", "stage", "R-ISS"},
                                               {"myeloma", "cytogenetics", "t(4;14)"},
                                               {"myeloma", "m-protein", "M-spike"},
                                               {"neurology", "csf", "OCB"},
                                               {"neurology", "neuro-antibodies", "NMO-IgG"},
                                               {"neurology", "course", "Seizure frequency"},
                                               {"cardiology", "nyha", "CHA2DS2-VASc score"}};
    for (const auto& [specialty, item, name] : rows)
        EXPECT_EQ(state_of(specialty, item, {result(name)}), ItemState::Found)
            << specialty << ' ' << item << ' ' << name;
}

// What sounds like it: each of these once stood as found.
TEST(Evidence, AFalseFriendIsNotFound) {
    const Row rows[] = {
        {"cardiology", "catheterization", "Procedure", "Urinary catheterization"},
        {"cardiology", "catheterization", "Procedure", "Fluorescein angiography of retina"},
        {"cardiology", "electrophysiology", "Procedure", "Endometrial ablation"},
        {"cardiology", "implants", "Device", "Ureteral stent"},
        {"cardiology", "implants", "DocumentReference", "ICD-10 coding sheet"},
        {"cardiology", "ecg", "Observation", "Fetal ECG"},
        {"cardiology", "lipids", "Observation", "Cholesterol crystals in synovial fluid"},
        {"cardiology", "echo", "Observation", "Echo time (MRI)"},
        {"oncology", "pathology", "DocumentReference", "Speech-language pathology note"},
        {"oncology", "pathology", "DiagnosticReport", "Speech pathology evaluation"},
        {"oncology", "pathology", "DocumentReference", "Biopsy consent form"},
        {"oncology", "imaging-reports", "DocumentReference", "CT appointment letter"},
        {"oncology", "imaging-reports", "DocumentReference", "PET scan preparation instructions"},
        {"oncology", "imaging-reports", "DocumentReference", "Patient instructions: Ultrasound"},
        {"colorectal", "mismatch-repair", "Observation", "MMR vaccine titer IgG"},
        {"breast", "brca", "Observation", "Family history of breast cancer BRCA"},
        {"breast", "receptors", "Observation", "ER visit"},
        {"lung", "brain-imaging", "Procedure", "Radiotherapy to brain"},
        {"lung", "lung-drivers", "Observation", "ALK PHOS"},
        {"neurology", "mri-head-spine", "DocumentReference", "MRI knee"},
        {"neurology", "eeg", "Observation", "EEG electrode site"},
        {"neurology", "csf", "Observation", "CSF leak test"},
        {"aml-mds", "transplant", "Observation", "HLA-B27"},
        {"aml-mds", "transplant", "Procedure", "Kidney transplant biopsy"},
        {"aml-mds", "marrow", "Procedure", "Bone marrow harvest"}};
    for (const Row& row : rows) {
        const std::string text = std::string_view(row.type) == "Observation"
                                     ? result(row.name)
                                     : named(row.type, row.name);
        EXPECT_EQ(state_of(row.specialty, row.item, {text}), ItemState::NotFound) << row.name;
    }
    EXPECT_EQ(state_of("cardiology", "implants", {named("Device", "Pacemaker")}), ItemState::Found);
    EXPECT_EQ(state_of("cardiology", "implants",
                       {R"({"resourceType":"Device","id":"d","status":"inactive",
                            "type":{"text":"Pacemaker"}})"}),
              ItemState::NotFound);
    // In mL/min it is a filtration rate, and no gene.
    EXPECT_EQ(state_of("lung", "lung-drivers",
                       {named("Observation", "EGFR",
                              R"(,"valueQuantity":{"value":55,"unit":"mL/min/1.73m2"})")}),
              ItemState::NotFound);
}

// What a consultant needs is what was found, and not that somebody looked.
TEST(Evidence, AnExaminationWithoutItsReportIsDoneAndItsReportIsAskedFor) {
    const Row rows[] = {{"hematology", "marrow", "Procedure", "Bone marrow biopsy"},
                        {"lymphoma", "node-biopsy", "Procedure", "Lymph node biopsy"},
                        {"cardiology", "echo", "Procedure", "Transthoracic echocardiography"},
                        {"cardiology", "catheterization", "Procedure", "Coronary angiography"},
                        {"oncology", "heart", "Procedure", "Echocardiography (procedure)"},
                        {"neurology", "eeg", "Procedure", "EEG"},
                        {"lung", "lung-function", "Procedure", "Spirometry"},
                        {"breast", "mammography", "Procedure", "Screening mammography"},
                        {"myeloma", "bone-imaging", "Procedure", "Skeletal survey"},
                        {"melanoma", "sentinel-node", "Procedure", "Sentinel node biopsy"},
                        {"colorectal", "colonoscopy", "Procedure", "Colonoscopy"}};
    for (const Row& row : rows)
        EXPECT_EQ(state_of(row.specialty, row.item, {named(row.type, row.name)}),
                  ItemState::DoneOnly)
            << row.name;
    EXPECT_EQ(state_of("prostate", "prostate-imaging",
                       {R"({"resourceType":"ImagingStudy","id":"i","status":"available",
                            "description":"PSMA PET/CT"})"}),
              ItemState::DoneOnly);
    const std::string report = R"({"resourceType":"DiagnosticReport","id":"r","status":"final",
        "code":{"text":"Colonoscopy"},"conclusion":"two polyps"})";
    EXPECT_EQ(state_of("colorectal", "colonoscopy", {named("Procedure", "Colonoscopy"), report}),
              ItemState::Found);
    EXPECT_EQ(state_of("oncology", "radiotherapy", {named("Procedure", "Radiotherapy")}),
              ItemState::Found);  // that it was done is what is asked for
}

// http://hl7.org/fhir/uv/ips/STU1.1/CodeSystem-absent-unknown-uv-ips.html
TEST(Evidence, ThatThereIsNoneIsNoDoseAndNoProcedure) {
    const auto none = [](const char* type, const char* element, const char* code) {
        return std::string(R"({"resourceType":")") + type + R"(","id":"n","status":"completed",")" +
               element +
               R"(":{"coding":[{"system":)"
               R"("http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips","code":")" +
               code + "\"}]}}";
    };
    const std::string procedure = none("Procedure", "code", "no-known-procedures");
    EXPECT_EQ(state_of("general", "procedures", {procedure}), ItemState::NoneKnown);
    EXPECT_EQ(state_of("general", "immunizations",
                       {none("Immunization", "vaccineCode", "no-known-immunizations")}),
              ItemState::NoneKnown);
    EXPECT_EQ(state_of("general", "procedures", {procedure, named("Procedure", "Appendectomy")}),
              ItemState::Found);
}

TEST(Evidence, WhatDidNotHappenYetAndAPanelWithoutAValueAreNotFound) {
    EXPECT_EQ(state_of("general", "medicines",
                       {R"({"resourceType":"MedicationAdministration","id":"m","status":"on-hold",
                            "medicationCodeableConcept":{"text":"Iron"}})"}),
              ItemState::NotFound);
    const std::string panel = R"({"resourceType":"Observation","id":"c","status":"final",
        "code":{"coding":[{"system":"http://loinc.org","code":"58410-2"}]},
        "effectiveDateTime":"2026-11-02","hasMember":[{"reference":"Observation/x"}]})";
    EXPECT_EQ(state_of("rheumatology", "blood-count", {panel, result("CRP")}), ItemState::NotFound);
    EXPECT_EQ(state_of("rheumatology", "blood-count", {panel, result("Hemoglobin")}),
              ItemState::Found);
    for (const char* word : {"not assessed", "Unknown", "pending", "nicht beurteilt", "onbekend"})
        EXPECT_EQ(state_of("oncology", "performance", {result("ECOG", word)}), ItemState::NotFound)
            << word;
}

// https://hl7.org/fhir/R4/condition-definitions.html#Condition.stage
TEST(Evidence, TheStageOfAProblemIsTheStage) {
    const auto problem = [](const std::string& stage) {
        return R"({"resourceType":"Condition","id":"c","code":{"text":"Lung cancer"},"stage":[)" +
               stage + "]}";
    };
    EXPECT_EQ(state_of("lung", "stage", {problem(R"({"summary":{"text":"IVB"}})")}),
              ItemState::Found);
    EXPECT_EQ(state_of("lung", "stage", {problem(R"({"type":{"text":"Clinical"}})")}),
              ItemState::NotFound);
}

std::string letter(const std::string& base64) {
    return R"({"resourceType":"DocumentReference","id":"d","status":"current","type":{"text":"Clinic letter"},
        "content":[{"attachment":{"contentType":"text/plain","data":")" +
           base64 + R"("}}]})";
}

TEST(Evidence, WhatALetterSaysIsNamedInATextAndNotMissing) {
    // "FLT3-ITD positive, NPM1 mutated. Marrow blasts 40%. Karyotype normal."
    const std::string aml = letter(
        "RkxUMy1JVEQgcG9zaXRpdmUsIE5QTTEgbXV0YXRlZC4gTWFycm93IGJsYXN0cyA0MCUuIEthcnlvdHlwZSBub3Jt"
        "YWwu");
    for (const char* item : {"aml-genes", "blasts", "cytogenetics"})
        EXPECT_EQ(state_of("aml-mds", item, {aml}), ItemState::NamedInText) << item;
    // "LVEF 28 %, NYHA III, NT-proBNP 4200"
    const std::string heart = letter("TFZFRiAyOCAlLCBOWUhBIElJSSwgTlQtcHJvQk5QIDQyMDA=");
    for (const char* item : {"echo", "nyha", "cardiac-markers"})
        EXPECT_EQ(state_of("cardiology", item, {heart}), ItemState::NamedInText) << item;
    EXPECT_EQ(state_of("aml-mds", "aml-genes", {heart}), ItemState::NotFound);
}

// A page that cannot read the record's language must not say that nothing was found.
TEST(Evidence, ReportsAreFoundByTheirTitlesInFiveLanguages) {
    const std::pair<const char*, std::vector<const char*>> titles[] = {
        {"pathology",
         {"Pathologiebefund", "Histologie Lymphknoten", "Pathologieverslag",
          "Compte rendu anatomopathologique", "Anatom\u00eda patol\u00f3gica",
          "Histopathology report"}},
        {"operative-notes",
         {"OP-Bericht", "Operatieverslag", "Compte rendu op\u00e9ratoire",
          "Informe quir\u00fargico", "Operation record"}},
        {"notes",
         {"Entlassbrief", "Arztbrief Onkologie", "Ontslagbrief", "Lettre de sortie",
          "Informe de alta", "Discharge letter", "Outpatient letter", "Clinic letter - Oncology"}},
        {"imaging-reports",
         {"Computertomographie Thorax", "MRT Sch\u00e4del", "MRI-hersenen", "CT-thorax",
          "IRM c\u00e9r\u00e9brale", "Resonancia magn\u00e9tica", "Plain chest X-ray"}},
        {"oncology-note",
         {"Tumorboard-Protokoll", "MDT outcome", "Arztbrief Onkologie",
          "R\u00e9union de concertation pluridisciplinaire"}},
        {"heart", {"Echokardiographie", "Echocardiografie", "Ecocardiograma"}}};
    for (const auto& [item, names] : titles)
        for (const char* name : names)
            EXPECT_EQ(state_of("oncology", item, {named("DiagnosticReport", name)}),
                      ItemState::Found)
                << item << ": " << name;
    for (const char* name :
         {"Strahlentherapie", "Radiotherapie", "Radioth\u00e9rapie", "Radioterapia"})
        EXPECT_EQ(state_of("oncology", "radiotherapy", {named("Procedure", name)}),
                  ItemState::Found)
            << name;
}

TEST(Evidence, ACategoryThatIsATextIsThatCategory) {
    const auto of_category = [](const std::string& text) {
        return named(
            "Observation", "Some result",
            R"(,"effectiveDateTime":"2026-11-01","valueString":"1","category":[{"text":")" + text +
                R"("}])");
    };
    EXPECT_EQ(state_of("general", "laboratory", {of_category("Laboratory")}), ItemState::Found);
    EXPECT_EQ(state_of("general", "social-history", {of_category("Social History")}),
              ItemState::Found);
    EXPECT_EQ(state_of("general", "laboratory", {of_category("Survey")}), ItemState::NotFound);
}

// An umbrella asks for what decides in the disease that the record has, and in no other.
TEST(Evidence, ASpecialtyAsksForWhatDecidesInTheDiseaseThatTheRecordHas) {
    const std::string breast =
        R"({"resourceType":"Condition","id":"c","code":{"text":"Mammakarzinom"}})";
    EXPECT_EQ(state_of("oncology", "receptors", {breast, result("PgR IHC")}), ItemState::Found);
    EXPECT_EQ(state_of("oncology", "psa", {breast, result("PSA")}), ItemState::NotFound);
    const std::string myeloma = R"({"resourceType":"Condition","id":"c","code":{"coding":[{"system":
        "http://hl7.org/fhir/sid/icd-10-cm","code":"C90.00"}]}})";
    EXPECT_EQ(state_of("hematology", "m-protein", {myeloma, result("M-protein")}),
              ItemState::Found);
}

// A text may hold what the report of an examination would; its day is not that of the examination.
TEST(Evidence, AnExaminationWhoseFindingIsInATextIsNamedThereWithoutADay) {
    const PacketInput input = packet_input(
        Texts{named("Procedure", "Sentinel node biopsy", R"(,"performedDateTime":"2022-10-03")"),
              R"({"resourceType":"DiagnosticReport","id":"r","status":"final",
                  "code":{"text":"Surgical pathology"},"conclusion":"sentinel node: 1 of 2"})"});
    const Reading reading(input.resources, input.patient, input.request.as_of);
    for (const ChecklistItem& one :
         check_list(knowledge().specialties, "melanoma", input.request.as_of, reading, {})) {
        if (one.row->id != "sentinel-node") continue;
        EXPECT_EQ(one.state, ItemState::NamedInText);
        EXPECT_EQ(one.newest, "");
        EXPECT_FALSE(one.age_days);
        return;
    }
    FAIL() << "it is asked for";
}

}  // namespace
}  // namespace consultd
