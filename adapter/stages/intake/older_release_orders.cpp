// The table of older_release_table.cpp, of what is planned, ordered, dispensed and agreed on: those
// types went into one another between the releases. https://hl7.org/fhir/R4/servicerequest.html,
// https://hl7.org/fhir/R4/careplan.html, the maps R2toR3 and R3toR4 of
// https://github.com/HL7/fhir-cross-version; where a map says what is not so
// (CarePlan.relatedPlan), the definitions hold.
#include "adapter/stages/intake/older_release.h"

#define CONSULTD_THO "http://terminology.hl7.org/CodeSystem/"
#define CONSULTD_ORDER_STATUS "suspended=on-hold|cancelled=revoked"
// What was asked for and not taken up, or could not be done, is not done.
#define CONSULTD_OLD_ORDER_STATUS                                                    \
    "proposed=draft|planned=draft|requested=active|received=active|accepted=active|" \
    "in-progress=active|review=active|rejected=cancelled|aborted=cancelled|failed=cancelled"

namespace consultd {
namespace {

using Step = ConversionStep;
using enum ConversionStep::Do;

constexpr Step stu3[] = {
    {"EpisodeOfCare", "", Keep},
    {"List", "", Keep},

    // https://hl7.org/fhir/R4/goal.html
    {"Goal", "", Codes, "status", "achievementStatus",
     "in-progress=in-progress|sustaining=sustaining|achieved=achieved"},
    {"Goal", "", Concept, "achievementStatus", "achievementStatus",
     CONSULTD_THO "goal-achievement"},
    {"Goal", "", Codes, "status", "achievementStatus",
     "on-target=on-target|ahead-of-target=ahead-of-target|behind-target=behind-target"},
    {"Goal", "", Concept, "achievementStatus", "achievementStatus",
     "http://hl7.org/fhir/goal-status"},
    {"Goal", "", Codes, "status", "lifecycleStatus",
     "proposed=proposed|accepted=accepted|planned=planned|in-progress=active|on-target=active|"
     "ahead-of-target=active|behind-target=active|sustaining=active|achieved=completed|"
     "on-hold=on-hold|cancelled=cancelled|entered-in-error=entered-in-error|rejected=rejected"},
    {"Goal", "", Drop, "status", "",
     "proposed|accepted|planned|in-progress|on-target|ahead-of-target|behind-target|sustaining|"
     "achieved|on-hold|cancelled|entered-in-error|rejected"},

    // `prohibited` is doNotPerform: what must not be done is never said to be planned.
    {"CarePlan", "", Encounter, "context", "encounter"},
    {"CarePlan", "", First, "author", "author"},
    {"CarePlan", "", Codes, "status", "status", CONSULTD_ORDER_STATUS},
    {"CarePlan", "activity.detail", Rename, "prohibited", "doNotPerform"},
    {"CarePlan", "activity.detail", Text, "statusReason", "statusReason"},
    {"CarePlan", "activity.detail", CodeOf, "category", "category",
     "diet|drug|encounter|observation|procedure|supply"},
    {"CarePlan", "activity.detail", Codes, "category", "kind",
     "diet=NutritionOrder|drug=MedicationRequest|encounter=Appointment|observation=ServiceRequest|"
     "procedure=ServiceRequest|supply=DeviceRequest"},
    {"CarePlan", "activity.detail", Drop, "category", "",
     "diet|drug|encounter|observation|procedure|supply"},

    // https://hl7.org/fhir/R4/careteam.html
    {"CareTeam", "", Encounter, "context", "encounter"},
    {"CareTeam", "participant", List, "role", "role"},

    {"ProcedureRequest", "", Type, "", "ServiceRequest"},
    {"ProcedureRequest", "", Encounter, "context", "encounter"},
    {"ProcedureRequest", "", Codes, "status", "status", CONSULTD_ORDER_STATUS},
    {"ProcedureRequest", "", Agent, "requester", "requester"},
    {"ProcedureRequest", "", List, "performer", "performer"},

    // What is asked for is the code, where its kind is not said besides.
    {"ReferralRequest", "", Type, "", "ServiceRequest"},
    {"ReferralRequest", "", Encounter, "context", "encounter"},
    {"ReferralRequest", "", Codes, "status", "status", CONSULTD_ORDER_STATUS},
    {"ReferralRequest", "", Rename, "groupIdentifier", "requisition"},
    {"ReferralRequest", "", Rename, "type", "code"},
    {"ReferralRequest", "", First, "serviceRequested", "code"},
    {"ReferralRequest", "", Rename, "serviceRequested", "orderDetail"},
    {"ReferralRequest", "", Agent, "requester", "requester"},
    {"ReferralRequest", "", Rename, "specialty", "performerType"},
    {"ReferralRequest", "", Rename, "recipient", "performer"},
    {"ReferralRequest", "", Note, "description", "note"},

    // https://hl7.org/fhir/R4/devicerequest.html
    {"DeviceRequest", "", Encounter, "context", "encounter"},
    {"DeviceRequest", "", Codes, "status", "status", CONSULTD_ORDER_STATUS},
    {"DeviceRequest", "", CodeOf, "intent", "intent",
     "proposal|plan|order|original-order|reflex-order|filler-order|instance-order|option"},
    {"DeviceRequest", "", Agent, "requester", "requester"},

    // https://hl7.org/fhir/R4/deviceusestatement.html
    {"DeviceUseStatement", "", Rename, "whenUsed", "timingPeriod"},
    {"DeviceUseStatement", "", Rename, "indication", "reasonCode"},

    // https://hl7.org/fhir/R4/device.html
    {"Device", "", Hoist, "udi", "deviceName", "name"},
    {"Device", "", Within, "deviceName", "deviceName", "name"},
    {"Device", "deviceName", Set, "", "type", "udi-label-name"},
    {"Device", "", List, "udi", "udiCarrier"},
    {"Device", "", Rename, "model", "modelNumber"},
    {"Device", "", Within, "version", "version", "value"},

    // https://hl7.org/fhir/R4/medicationdispense.html
    {"MedicationDispense", "", WhenTrue, "notDone", "status", "declined"},
    {"MedicationDispense", "", Rename, "notDoneReasonCodeableConcept",
     "statusReasonCodeableConcept"},
    {"MedicationDispense", "", Rename, "notDoneReasonReference", "statusReasonReference"},
    {"MedicationDispense", "dosageInstruction", Doses},

    // https://hl7.org/fhir/R4/medicationadministration.html
    {"MedicationAdministration", "", WhenTrue, "notGiven", "status", "not-done"},
    {"MedicationAdministration", "", Rename, "reasonNotGiven", "statusReason"},
    {"MedicationAdministration", "", Rename, "prescription", "request"},
};

constexpr Step dstu2[] = {
    {"List", "", Note, "note", "note"},

    {"Goal", "", Text, "description", "description"},
    {"Goal", "", TextOf, "statusReason", "statusReason"},
    {"Goal", "", Rename, "author", "expressedBy"},
    {"Goal", "", Within, "targetDate", "target", "dueDate"},
    {"Goal", "", Within, "targetQuantity", "target", "dueDuration"},
    {"Goal", "", Collect, "outcome", "outcomeCode", "resultCodeableConcept"},
    {"Goal", "", Collect, "outcome", "outcomeReference", "resultReference"},

    {"CarePlan", "", Codes, "status", "intent", "proposed=proposal"},
    {"CarePlan", "", Set, "", "intent", "plan"},
    {"CarePlan", "", Codes, "status", "status", "proposed=draft"},
    {"CarePlan", "", Rename, "support", "supportingInfo"},
    {"CarePlan", "", Related, "relatedPlan", "replaces", "replaces"},
    {"CarePlan", "", Related, "relatedPlan", "fulfills", "basedOn"},
    {"CarePlan", "", List, "note", "note"},
    {"CarePlan", "activity", Rename, "actionResulting", "outcomeReference"},
    {"CarePlan", "activity.detail", TextOf, "statusReason", "statusReason"},

    {"ProcedureRequest", "", Codes, "status", "intent", "proposed=proposal"},
    {"ProcedureRequest", "", Set, "", "intent", "order"},
    {"ProcedureRequest", "", Codes, "status", "status", CONSULTD_OLD_ORDER_STATUS},
    {"ProcedureRequest", "", List, "reasonCodeableConcept", "reasonCode"},
    {"ProcedureRequest", "", List, "reasonReference", "reasonReference"},
    {"ProcedureRequest", "", Rename, "scheduledDateTime", "occurrenceDateTime"},
    {"ProcedureRequest", "", Rename, "scheduledPeriod", "occurrencePeriod"},
    {"ProcedureRequest", "", Rename, "scheduledTiming", "occurrenceTiming"},
    {"ProcedureRequest", "", Rename, "notes", "note"},
    {"ProcedureRequest", "", Rename, "orderedOn", "authoredOn"},
    {"ProcedureRequest", "", Rename, "orderer", "requester"},

    // Of several items in one order none is the order's.
    {"DiagnosticOrder", "", Type, "", "ProcedureRequest"},
    {"DiagnosticOrder", "", Codes, "status", "intent", "proposed=proposal|planned=plan"},
    {"DiagnosticOrder", "", Set, "", "intent", "order"},
    {"DiagnosticOrder", "", Codes, "status", "status", CONSULTD_OLD_ORDER_STATUS},
    {"DiagnosticOrder", "", Rename, "orderer", "requester"},
    {"DiagnosticOrder", "", Rename, "reason", "reasonCode"},
    {"DiagnosticOrder", "", Rename, "supportingInformation", "supportingInfo"},
    {"DiagnosticOrder", "", Event, "event", "authoredOn"},
    {"DiagnosticOrder", "", First, "item", "item"},
    {"DiagnosticOrder", "", Hoist, "item", "code", "code"},
    {"DiagnosticOrder", "", Hoist, "item", "specimen", "specimen"},
    {"DiagnosticOrder", "", Hoist, "item", "bodySite", "bodySite"},
    {"DiagnosticOrder", "", List, "bodySite", "bodySite"},

    {"ReferralRequest", "", Set, "", "intent", "order"},
    {"ReferralRequest", "", Codes, "status", "status", CONSULTD_OLD_ORDER_STATUS},
    {"ReferralRequest", "", Rename, "patient", "subject"},
    {"ReferralRequest", "", Rename, "date", "authoredOn"},
    {"ReferralRequest", "", Rename, "dateSent", "authoredOn"},
    {"ReferralRequest", "", CodeOf, "priority", "priority", "routine|urgent|asap|stat"},
    {"ReferralRequest", "", List, "reason", "reasonCode"},
    {"ReferralRequest", "", Rename, "supportingInformation", "supportingInfo"},
    {"ReferralRequest", "", Rename, "fulfillmentTime", "occurrencePeriod"},

    {"DeviceUseRequest", "", Type, "", "DeviceRequest"},
    {"DeviceUseRequest", "", Codes, "status", "intent", "proposed=proposal|planned=plan"},
    {"DeviceUseRequest", "", Set, "", "intent", "order"},
    {"DeviceUseRequest", "", Codes, "status", "status", CONSULTD_OLD_ORDER_STATUS},
    {"DeviceUseRequest", "", Rename, "device", "codeReference"},
    {"DeviceUseRequest", "", Rename, "indication", "reasonCode"},
    {"DeviceUseRequest", "", Note, "notes", "note"},
    {"DeviceUseRequest", "", Rename, "orderedOn", "authoredOn"},
    {"DeviceUseRequest", "", Rename, "timingDateTime", "occurrenceDateTime"},
    {"DeviceUseRequest", "", Rename, "timingPeriod", "occurrencePeriod"},
    {"DeviceUseRequest", "", Rename, "timingTiming", "occurrenceTiming"},

    {"DeviceUseStatement", "", Rename, "bodySiteCodeableConcept", "bodySite"},
    {"DeviceUseStatement", "", Note, "notes", "note"},

    {"Device", "", Within, "udi", "udiCarrier", "carrierHRF"},
    {"Device", "", Codes, "status", "status", "available=active|not-available=inactive"},
    {"Device", "", Rename, "expiry", "expirationDate"},

    {"MedicationDispense", "", List, "identifier", "identifier"},
    {"MedicationDispense", "", Rename, "patient", "subject"},
    {"MedicationDispense", "", Within, "dispenser", "performer", "actor"},
    {"MedicationDispense", "", Note, "note", "note"},
    {"MedicationDispense", "dosageInstruction", List, "additionalInstructions",
     "additionalInstruction"},
    {"MedicationDispense", "dosageInstruction", Rename, "siteCodeableConcept", "site"},

    {"MedicationAdministration", "", Rename, "patient", "subject"},
    {"MedicationAdministration", "", Within, "practitioner", "performer", "actor"},
    {"MedicationAdministration", "", Rename, "encounter", "context"},
    {"MedicationAdministration", "", WhenTrue, "wasNotGiven", "status", "not-done"},
    {"MedicationAdministration", "", Rename, "reasonGiven", "reasonCode"},
    {"MedicationAdministration", "", Rename, "effectiveTimeDateTime", "effectiveDateTime"},
    {"MedicationAdministration", "", Rename, "effectiveTimePeriod", "effectivePeriod"},
    {"MedicationAdministration", "", Note, "note", "note"},
    {"MedicationAdministration", "dosage", Rename, "siteCodeableConcept", "site"},
    {"MedicationAdministration", "dosage", Rename, "quantity", "dose"},
};

}  // namespace

OrderSteps order_steps() { return {stu3, dstu2}; }

}  // namespace consultd
