// The checklists of completeness, as a table. Sources of the codes: HL7/fhir-mCODE-ig,
// HL7/genomics- reporting, US Core clinical notes, HL7/CDA-ccda, hl7.fhir.uv.ips, LOINC's document
// ontology. Sources of the items: what second-opinion programmes ask for (City of Hope, Cleveland
// Clinic, NCI), the CAP bone marrow synoptic guideline (Arch Pathol Lab Med 2016;140:932), BMC
// Rheumatol 2019 on referral letters.
#include "adapter/stages/completeness/completeness.h"

namespace consultd {
namespace {

using S = StaticText;
constexpr std::span<const S> any = {};

constexpr S condition[] = {"Condition"};
constexpr S medicines[] = {"MedicationRequest", "MedicationStatement", "MedicationDispense",
                           "MedicationAdministration"};
constexpr S allergy[] = {"AllergyIntolerance"};
constexpr S immunization[] = {"Immunization"};
constexpr S procedure[] = {"Procedure"};
constexpr S observation[] = {"Observation"};
constexpr S notes[] = {"DocumentReference", "DiagnosticReport", "Composition"};
constexpr S report_or_value[] = {"DiagnosticReport", "Observation", "DocumentReference"};
constexpr S history[] = {"FamilyMemberHistory"};
constexpr S imaging_study[] = {"ImagingStudy"};
constexpr S plan[] = {"CarePlan", "DocumentReference"};
constexpr S slides[] = {"Media"};

constexpr S laboratory[] = {"laboratory"};
constexpr S vitals[] = {"vital-signs"};
constexpr S social[] = {"social-history"};
constexpr S pathology[] = {"LP7839-6", "PAT", "SP", "CP", "CTH"};
constexpr S imaging[] = {"LP29684-5", "RAD", "imaging", "CT", "RX", "NMR", "RUS", "NMS"};
constexpr S genetics[] = {"GE", "LP32689-7"};

// A specialist's consult note is a visit note too.
constexpr S note_codes[] = {"11488-4", "34117-2", "18842-5", "11506-3", "34105-7", "51845-6",
                            "34805-2", "34779-9", "34831-8", "34797-1", "34839-1", "34099-2",
                            "34795-5", "34761-7", "34798-9", "34814-4", "34111-5", "34112-3"};
constexpr S note_words[] = {"consult note", "progress note", "discharge summary", "visit note",
                            "history and physical"};
constexpr S vital_codes[] = {"85354-9", "55284-4", "8480-6", "8867-4", "8310-5", "29463-7"};
constexpr S operative[] = {"11504-8", "28570-0", "28573-4"};
constexpr S operative_words[] = {"operative note", "operation note", "procedure note"};
constexpr S imaging_codes[] = {"18748-4", "18747-6", "18755-9", "18758-3", "18760-9"};
constexpr S imaging_words[] = {"ct ", "mri", "x-ray", "xray", "radiograph", "ultrasound", "pet"};
constexpr S pathology_codes[] = {"11526-1", "11529-5", "33717-0", "33716-2", "22637-3"};
constexpr S pathology_words[] = {"pathology", "biopsy", "histolog", "cytolog"};
constexpr S biomarkers[] = {"16112-5", "16113-3", "48676-1", "85319-2", "85337-4", "94076-7"};
constexpr S biomarker_words[] = {"pd-l1", "braf", "her2", "estrogen receptor", "mutational burden"};
constexpr S molecular[] = {"81247-9", "51969-4", "69548-6"};
constexpr S molecular_words[] = {"molecular", "genom", "sequenc", "gene panel", "next generation"};
constexpr S stage[] = {"21908-9", "21905-5", "21906-3", "21907-1", "21902-2",   "21899-0",
                       "21900-6", "21901-4", "21914-7", "21911-3", "399537006", "399588009"};
constexpr S stage_words[] = {"stage group", "tnm", "ajcc"};
constexpr S performance[] = {"89247-1", "89262-0", "89243-0"};
constexpr S performance_words[] = {"ecog", "karnofsky", "performance status"};
constexpr S radiotherapy[] = {"1217123003", "34831-8", "34832-6"};
constexpr S radiotherapy_words[] = {"radiotherapy", "radiation therapy", "radiosurgery",
                                    "teletherapy",  "brachytherapy",     "irradiation"};
constexpr S tumour_markers[] = {"2039-6", "10334-1", "2857-1", "14804-9", "2532-0"};
constexpr S cbc[] = {"58410-2", "57021-8", "718-7",   "6690-2",
                     "777-3",   "4544-3",  "26464-8", "26515-7"};
constexpr S chemistry[] = {"2160-0", "38483-4", "1975-2", "1742-6", "6768-6", "24323-8", "33914-3"};
constexpr S heart[] = {"10230-1", "11522-0", "28032-1"};
constexpr S heart_words[] = {"ejection fraction", "echocardiog", "lvef"};
constexpr S oncology_notes[] = {"34805-2", "34779-9"};
constexpr S oncology_words[] = {"tumor board", "tumour board", "oncology"};
constexpr S film[] = {"6742-1"};
constexpr S film_words[] = {"blood film", "peripheral smear", "blood smear"};
constexpr S marrow[] = {"33721-2", "48807-2", "721631001"};
constexpr S marrow_words[] = {"bone marrow"};
constexpr S flow[] = {"33719-6", "101119-6"};
constexpr S flow_words[] = {"flow cytometry", "immunophenotyp"};
constexpr S cytogenetics[] = {"29770-5", "50619-6"};
constexpr S cytogenetics_words[] = {"karyotype", "cytogenetic", "fish "};
constexpr S protein_words[] = {"electrophoresis", "immunofixation", "light chain"};
constexpr S ldh[] = {"14804-9", "2532-0", "6301-6", "3084-1"};
constexpr S iron[] = {"2276-4", "2132-9", "2284-8"};
constexpr S transfusion_words[] = {"transfusion"};
constexpr S blood_bank[] = {"33720-4"};
constexpr S acute_phase[] = {"4537-7", "1988-5", "30341-2", "30522-7"};
constexpr S rheumatoid[] = {"11572-5", "33935-8", "14627-4"};
constexpr S antinuclear[] = {"5048-4", "5130-0", "8061-4", "31348-6"};
constexpr S complement[] = {"4498-2", "4485-9"};
constexpr S urine_words[] = {"urinalysis", "protein/creatinine", "urine protein"};
constexpr S urine[] = {"2888-6", "2889-4", "24356-8", "2890-2"};
constexpr S phospholipid_words[] = {"cardiolipin", "lupus anticoagulant", "glycoprotein", "anca"};
constexpr S rheumatology_notes[] = {"34839-1"};
constexpr S rheumatology_words[] = {"rheumatology"};
constexpr S plan_codes[] = {"18776-5", "51847-2"};
constexpr S plan_words[] = {"assessment", "care plan"};

constexpr unsigned all = ChecklistRow::All, onc = ChecklistRow::Oncology,
                   hem = ChecklistRow::Haematology, rheum = ChecklistRow::Rheumatology;

constexpr ChecklistRow rows[] = {
    {"problems", "Problem list", all, condition, any, any, any},
    {"medicines", "Medicines, now and past", all, medicines, any, any, any},
    {"allergies", "Allergies", all, allergy, any, any, any},
    {"immunizations", "Immunizations", all, immunization, any, any, any},
    {"procedures", "Operations and procedures", all, procedure, any, any, any},
    {"family-history", "Family history", all, history, any, any, any},
    {"social-history", "Social history", all, observation, any, social, any},
    {"notes", "Latest visit note or discharge summary", all, notes, note_codes, any, note_words,
     180},
    {"operative-notes", "Operative or procedure notes", all, notes, operative, any,
     operative_words},
    {"laboratory", "Laboratory results", all, observation, any, laboratory, any, 90},
    {"vitals", "Vital signs and weight", all, observation, vital_codes, vitals, any, 90},
    {"plan", "Plan proposed by the first team", all, plan, plan_codes, any, plan_words},
    {"imaging-reports", "Imaging reports", onc | rheum | ChecklistRow::General, notes,
     imaging_codes, imaging, imaging_words, 60},
    {"images", "CT, MRI and other images", all, imaging_study, any, any, any, 0, "imaging-reports"},
    {"pathology", "Pathology reports", all, notes, pathology_codes, pathology, pathology_words},
    {"slides", "Slides or blocks", onc | hem, slides, any, any, any, 0, "pathology"},
    {"biomarkers", "Biomarkers", onc, report_or_value, biomarkers, any, biomarker_words},
    {"molecular", "Molecular or genomic report", onc | hem, report_or_value, molecular, genetics,
     molecular_words},
    {"stage", "Stage", onc, observation, stage, any, stage_words},
    {"performance", "Performance status", onc | hem, observation, performance, any,
     performance_words, 90},
    {"radiotherapy", "Radiotherapy", onc, procedure, radiotherapy, any, radiotherapy_words},
    {"tumour-markers", "Tumor markers, LDH", onc, observation, tumour_markers, any, any, 60},
    {"blood-count", "Blood count", onc | hem | rheum, observation, cbc, any, any, 30},
    {"chemistry", "Liver and kidney values", onc | hem | rheum, observation, chemistry, any, any,
     30},
    {"heart", "Heart function (LVEF)", onc, report_or_value, heart, any, heart_words, 180},
    {"oncology-note", "Oncology letter or tumor board note", onc | hem, notes, oncology_notes, any,
     oncology_words, 180},
    {"blood-film", "Blood film report", hem, report_or_value, film, any, film_words},
    {"marrow", "Marrow biopsy or aspirate report", hem, report_or_value, marrow, any, marrow_words},
    {"flow", "Flow cytometry", hem, report_or_value, flow, any, flow_words},
    {"cytogenetics", "Cytogenetics", hem, report_or_value, cytogenetics, any, cytogenetics_words},
    {"proteins", "Protein electrophoresis, light chains", hem, report_or_value, any, any,
     protein_words},
    {"ldh", "LDH, uric acid", hem, observation, ldh, any, any, 60},
    {"iron", "Iron, B12, folate", hem, observation, iron, any, any},
    {"transfusions", "Transfusion history", hem, procedure, blood_bank, any, transfusion_words},
    {"acute-phase", "ESR, CRP", rheum, observation, acute_phase, any, any, 90},
    {"rheumatoid", "Rheumatoid factor, anti-CCP", rheum, observation, rheumatoid, any, any},
    {"antinuclear", "ANA, anti-dsDNA", rheum, observation, antinuclear, any, any},
    {"complement", "Complement C3, C4", rheum, observation, complement, any, any, 180},
    {"antiphospholipid", "Antiphospholipid antibodies, ANCA", rheum, report_or_value, any, any,
     phospholipid_words},
    {"urine", "Urinalysis, urine protein", rheum, report_or_value, urine, any, urine_words, 90},
    {"rheumatology-note", "Rheumatology consultation", rheum, notes, rheumatology_notes, any,
     rheumatology_words, 180},
};

}  // namespace

std::span<const ChecklistRow> checklist_rows() { return rows; }

}  // namespace consultd
