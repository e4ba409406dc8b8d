// What becomes of each element that R4 has otherwise, type by type: "Changes since" of each R4
// resource page (https://hl7.org/fhir/R4/diff.html), the maps R2toR3 and R3toR4 of
// https://github.com/HL7/fhir-cross-version. A type without a row is not converted; a member that
// is in no row and not in R4 stops its resource.
#include "adapter/stages/intake/older_release.h"

#define CONSULTD_THO "http://terminology.hl7.org/CodeSystem/"

namespace consultd {
namespace {

using Step = ConversionStep;
using enum ConversionStep::Do;

constexpr Step stu3[] = {
    {"Patient", "", Keep},
    {"Practitioner", "", Keep},
    {"PractitionerRole", "", Keep},
    {"Organization", "", Keep},
    {"Location", "", Keep},
    {"RelatedPerson", "", Keep},
    {"Specimen", "", Keep},
    {"Binary", "", Rename, "content", "data"},
    {"Medication", "", Drop, "isBrand", "", "true|false"},
    {"Medication", "", Drop, "isOverTheCounter", "", "true|false"},
    {"Medication", "ingredient", Rename, "amount", "strength"},
    {"Flag", "", List, "category", "category"},
    {"Composition", "", List, "class", "category"},
    {"Composition", "attester", First, "mode", "mode"},
    {"DetectedIssue", "", Rename, "category", "code"},
    {"DetectedIssue", "", Rename, "date", "identifiedDateTime"},

    // https://hl7.org/fhir/R4/familymemberhistory.html; that nobody asked has no place in R4.
    {"FamilyMemberHistory", "", Drop, "notDone", "", "false"},
    {"FamilyMemberHistory", "", Concept, "gender", "sex",
     "http://hl7.org/fhir/administrative-gender"},

    // https://hl7.org/fhir/R4/imagingstudy.html; where a study was kept is no part of the record.
    {"ImagingStudy", "", Rename, "patient", "subject"},
    {"ImagingStudy", "", Encounter, "context", "encounter"},
    {"ImagingStudy", "", Set, "", "status", "unknown"},
    {"ImagingStudy", "", Identified, "uid", "identifier", "urn:dicom:uid"},
    {"ImagingStudy", "", Identified, "accession", "identifier", "ACSN"},
    {"ImagingStudy", "", Rename, "modalityList", "modality"},
    {"ImagingStudy", "", Drop, "availability", "", "ONLINE|OFFLINE|NEARLINE|UNAVAILABLE"},
    {"ImagingStudy", "", First, "procedureReference", "procedureReference"},
    {"ImagingStudy", "", List, "reason", "reasonCode"},
    {"ImagingStudy", "series", Oid, "uid", "uid"},
    {"ImagingStudy", "series", Drop, "availability", "", "ONLINE|OFFLINE|NEARLINE|UNAVAILABLE"},
    {"ImagingStudy", "series", Within, "performer", "performer", "actor"},
    {"ImagingStudy", "series.instance", Oid, "uid", "uid"},
    {"ImagingStudy", "series.instance", Coding, "sopClass", "sopClass", "urn:ietf:rfc:3986"},

    // https://hl7.org/fhir/R4/condition.html
    {"Condition", "", Encounter, "context", "encounter"},
    {"Condition", "", Rename, "assertedDate", "recordedDate"},
    {"Condition", "", Abated, "abatementBoolean", "clinicalStatus"},
    {"Condition", "", Concept, "clinicalStatus", "clinicalStatus",
     CONSULTD_THO "condition-clinical"},
    {"Condition", "", Drop, "verificationStatus", "", "unknown"},
    {"Condition", "", Concept, "verificationStatus", "verificationStatus",
     CONSULTD_THO "condition-ver-status"},
    {"Condition", "", List, "stage", "stage"},

    // https://hl7.org/fhir/R4/allergyintolerance.html
    {"AllergyIntolerance", "", Rename, "assertedDate", "recordedDate"},
    {"AllergyIntolerance", "", Concept, "clinicalStatus", "clinicalStatus",
     CONSULTD_THO "allergyintolerance-clinical"},
    {"AllergyIntolerance", "", Concept, "verificationStatus", "verificationStatus",
     CONSULTD_THO "allergyintolerance-verification"},

    // https://hl7.org/fhir/R4/procedure.html
    {"Procedure", "", Codes, "status", "status", "suspended=on-hold|aborted=stopped"},
    {"Procedure", "", WhenTrue, "notDone", "status", "not-done"},
    {"Procedure", "", Rename, "notDoneReason", "statusReason"},
    {"Procedure", "", Encounter, "context", "encounter"},
    {"Procedure", "performer", Rename, "role", "function"},

    // https://hl7.org/fhir/R4/observation.html
    {"Observation", "", Encounter, "context", "encounter"},
    {"Observation", "", Note, "comment", "note"},
    {"Observation", "", List, "interpretation", "interpretation"},
    {"Observation", "component", List, "interpretation", "interpretation"},
    {"Observation", "", Related, "related", "has-member", "hasMember"},
    {"Observation", "", Related, "related", "derived-from", "derivedFrom"},

    // https://hl7.org/fhir/R4/diagnosticreport.html; the role of a performer is in the ledger.
    {"DiagnosticReport", "", Encounter, "context", "encounter"},
    {"DiagnosticReport", "", List, "category", "category"},
    {"DiagnosticReport", "", Actors, "performer", "performer"},
    {"DiagnosticReport", "", Rename, "image", "media"},
    {"DiagnosticReport", "", Rename, "codedDiagnosis", "conclusionCode"},

    // https://hl7.org/fhir/R4/immunization.html
    {"Immunization", "", WhenTrue, "notGiven", "status", "not-done"},
    {"Immunization", "", Rename, "date", "occurrenceDateTime"},
    {"Immunization", "practitioner", Rename, "role", "function"},
    {"Immunization", "", Rename, "practitioner", "performer"},
    {"Immunization", "", Rename, "vaccinationProtocol", "protocolApplied"},
    {"Immunization", "protocolApplied", Rename, "doseSequence", "doseNumberPositiveInt"},
    {"Immunization", "protocolApplied", Set, "doseNumberPositiveInt", "doseNumberString",
     "unknown"},
    {"Immunization", "protocolApplied", Rename, "seriesDoses", "seriesDosesPositiveInt"},
    {"Immunization", "protocolApplied", CodeOf, "doseStatus", "doseStatus", "count"},
    {"Immunization", "protocolApplied", Drop, "doseStatus", "", "count"},
    {"Immunization", "explanation", First, "reasonNotGiven", "reasonNotGiven"},
    {"Immunization", "", Hoist, "explanation", "statusReason", "reasonNotGiven"},
    {"Immunization", "", Hoist, "explanation", "reasonCode", "reason"},

    // https://hl7.org/fhir/R4/medicationrequest.html
    {"MedicationRequest", "", Encounter, "context", "encounter"},
    {"MedicationRequest", "", List, "category", "category"},
    {"MedicationRequest", "", Agent, "requester", "requester"},
    {"MedicationRequest", "dosageInstruction", Doses},
    {"MedicationRequest", "substitution", Rename, "allowed", "allowedBoolean"},

    // https://hl7.org/fhir/R4/medicationstatement.html; `taken` decides before it goes.
    {"MedicationStatement", "", Codes, "taken", "status", "n=not-taken|unk=unknown"},
    {"MedicationStatement", "", Drop, "taken", "", "y|n|unk|na"},
    {"MedicationStatement", "", Rename, "reasonNotTaken", "statusReason"},
    {"MedicationStatement", "dosage", Doses},

    // https://hl7.org/fhir/R4/encounter.html
    {"Encounter", "", Rename, "reason", "reasonCode"},
    {"Encounter", "", Rename, "incomingReferral", "basedOn"},
    {"Encounter", "diagnosis", Rename, "role", "use"},
    {"Encounter", "", List, "appointment", "appointment"},

    // https://hl7.org/fhir/R4/documentreference.html
    {"DocumentReference", "", List, "class", "category"},
    {"DocumentReference", "", Rename, "indexed", "date"},
    {"DocumentReference", "", Created, "created"},
    {"DocumentReference", "context", List, "encounter", "encounter"},
    {"DocumentReference", "context", Collect, "related", "related", "ref"},
};

constexpr Step dstu2[] = {
    {"Patient", "name", Joined, "family", "family"},
    {"Patient", "contact.name", Joined, "family", "family"},
    {"Patient", "", Rename, "careProvider", "generalPractitioner"},
    {"Patient", "link", Codes, "type", "type", "replace=replaced-by"},
    {"Practitioner", "name", Joined, "family", "family"},
    {"Practitioner", "", List, "name", "name"},
    {"Organization", "", List, "type", "type"},
    {"Location", "", List, "type", "type"},
    {"RelatedPerson", "name", Joined, "family", "family"},
    {"RelatedPerson", "", List, "name", "name"},
    {"RelatedPerson", "", List, "relationship", "relationship"},
    {"Medication", "", Hoist, "product", "form", "form"},
    {"Medication", "", Hoist, "product", "ingredient", "ingredient"},
    {"Medication", "ingredient", Rename, "item", "itemReference"},
    {"Binary", "", Keep},
    {"Flag", "", Keep},
    {"Composition", "", Keep},
    {"DetectedIssue", "", Keep},
    {"DocumentReference", "content", First, "format", "format"},
    {"DocumentReference", "", CodeOf, "docStatus", "docStatus",
     "preliminary|final|amended|entered-in-error"},
    {"FamilyMemberHistory", "", Rename, "ageQuantity", "ageAge"},
    {"FamilyMemberHistory", "", Rename, "deceasedQuantity", "deceasedAge"},
    {"FamilyMemberHistory", "", List, "note", "note"},
    {"FamilyMemberHistory", "condition", Rename, "onsetQuantity", "onsetAge"},
    {"FamilyMemberHistory", "condition", List, "note", "note"},
    {"ImagingStudy", "", Rename, "order", "basedOn"},
    {"ImagingStudy", "", List, "interpreter", "interpreter"},

    // https://hl7.org/fhir/DSTU2/allergyintolerance.html; one status has become two.
    {"AllergyIntolerance", "", Rename, "substance", "code"},
    {"AllergyIntolerance", "", Codes, "status", "clinicalStatus",
     "active=active|confirmed=active|inactive=inactive|resolved=resolved"},
    {"AllergyIntolerance", "", Codes, "status", "verificationStatus",
     "unconfirmed=unconfirmed|confirmed=confirmed|refuted=refuted|"
     "entered-in-error=entered-in-error"},
    {"AllergyIntolerance", "", Drop, "status", "",
     "active|unconfirmed|confirmed|inactive|resolved|refuted|entered-in-error"},
    {"AllergyIntolerance", "", Codes, "criticality", "criticality",
     "CRITL=low|CRITH=high|CRITU=unable-to-assess"},
    {"AllergyIntolerance", "", Rename, "reporter", "asserter"},
    {"AllergyIntolerance", "", Rename, "lastOccurence", "lastOccurrence"},
    {"AllergyIntolerance", "", List, "category", "category"},
    {"AllergyIntolerance", "", List, "note", "note"},
    {"AllergyIntolerance", "reaction", List, "note", "note"},

    // https://hl7.org/fhir/DSTU2/condition.html
    {"Condition", "", Rename, "patient", "subject"},
    {"Condition", "", Rename, "dateRecorded", "assertedDate"},
    {"Condition", "", List, "category", "category"},
    {"Condition", "", Note, "notes", "note"},
    {"Condition", "evidence", List, "code", "code"},
    {"Condition", "", Rename, "onsetQuantity", "onsetAge"},
    {"Condition", "", Rename, "abatementQuantity", "abatementAge"},

    // https://hl7.org/fhir/DSTU2/procedure.html
    {"Procedure", "", WhenTrue, "notPerformed", "status", "not-done"},
    {"Procedure", "", First, "reasonNotPerformed", "statusReason"},
    {"Procedure", "", List, "reasonCodeableConcept", "reasonCode"},
    {"Procedure", "", List, "reasonReference", "reasonReference"},
    {"Procedure", "", List, "request", "basedOn"},
    {"Procedure", "", Rename, "notes", "note"},
    {"Procedure", "", Rename, "used", "usedReference"},

    // https://hl7.org/fhir/DSTU2/observation.html
    {"Observation", "", Note, "comments", "note"},
    {"Observation", "", List, "category", "category"},
    {"Observation", "referenceRange", Rename, "meaning", "type"},

    // https://hl7.org/fhir/DSTU2/diagnosticreport.html
    {"DiagnosticReport", "", List, "performer", "performer"},
    {"DiagnosticReport", "", Rename, "request", "basedOn"},

    // https://hl7.org/fhir/DSTU2/immunization.html; `reported` is the contrary of primarySource.
    {"Immunization", "", WhenTrue, "wasNotGiven", "status", "not-done"},
    {"Immunization", "", Inverse, "reported", "primarySource"},
    {"Immunization", "", Within, "performer", "performer", "actor"},

    // https://hl7.org/fhir/DSTU2/medicationorder.html
    {"MedicationOrder", "", Type, "", "MedicationRequest"},
    {"MedicationOrder", "", Set, "", "intent", "order"},
    {"MedicationOrder", "", Rename, "dateWritten", "authoredOn"},
    {"MedicationOrder", "", Rename, "patient", "subject"},
    {"MedicationOrder", "", Rename, "prescriber", "requester"},
    {"MedicationOrder", "", List, "reasonCodeableConcept", "reasonCode"},
    {"MedicationOrder", "", List, "reasonReference", "reasonReference"},
    {"MedicationOrder", "", Note, "note", "note"},
    {"MedicationOrder", "dosageInstruction", List, "additionalInstructions",
     "additionalInstruction"},
    {"MedicationOrder", "dosageInstruction", Rename, "siteCodeableConcept", "site"},

    // https://hl7.org/fhir/DSTU2/medicationstatement.html
    {"MedicationStatement", "", Rename, "patient", "subject"},
    {"MedicationStatement", "", WhenTrue, "wasNotTaken", "status", "not-taken"},
    {"MedicationStatement", "", List, "reasonForUseCodeableConcept", "reasonCode"},
    {"MedicationStatement", "", List, "reasonForUseReference", "reasonReference"},
    {"MedicationStatement", "", Rename, "supportingInformation", "derivedFrom"},
    {"MedicationStatement", "", Note, "note", "note"},
    {"MedicationStatement", "dosage", Rename, "quantityQuantity", "doseQuantity"},
    {"MedicationStatement", "dosage", Rename, "quantityRange", "doseRange"},
    {"MedicationStatement", "dosage", Rename, "siteCodeableConcept", "site"},

    // https://hl7.org/fhir/DSTU2/encounter.html
    {"Encounter", "", Rename, "patient", "subject"},
    {"Encounter", "", Within, "indication", "diagnosis", "condition"},
    {"Encounter", "", Codes, "class", "class",
     "inpatient=IMP|outpatient=AMB|ambulatory=AMB|emergency=EMER|home=HH|field=FLD|daytime=SS|"
     "virtual=VR"},
    {"Encounter", "", Drop, "class", "", "other"},
    {"Encounter", "", Coding, "class", "class", CONSULTD_THO "v3-ActCode"},
};

// https://hl7.org/fhir/DSTU2/datatypes.html#Timing
constexpr Step dstu2_datatypes[] = {
    {"", "repeat", Rename, "boundsQuantity", "boundsDuration"},
    {"", "repeat", Rename, "durationUnits", "durationUnit"},
    {"", "repeat", Rename, "periodUnits", "periodUnit"},
    {"", "repeat", List, "when", "when"},
};

}  // namespace

std::array<std::span<const Step>, 2> conversion_steps(Release from) {
    if (from == Release::Stu3) return {stu3, order_steps().stu3};
    if (from == Release::Dstu2) return {dstu2, order_steps().dstu2};
    return {};
}

std::span<const Step> steps_of_datatypes(Release from) {
    if (from == Release::Dstu2) return dstu2_datatypes;
    return {};
}

}  // namespace consultd
