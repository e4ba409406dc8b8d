"""The clinical types of R4 with the codes of their status elements, and the words that such a code must have beside it.

https://hl7.org/fhir/R4/terminologies-valuesets.html, by the URL of each element there."""

REQUEST = ["draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"]
EVENT = ["preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"]
RESULT = ["registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"]
INTENT = ["proposal", "plan", "directive", "order", "original-order", "reflex-order", "filler-order", "instance-order",
          "option"]
VERIFICATION = ["unconfirmed", "confirmed", "refuted", "entered-in-error"]


def concept(text, **coding):
    return {"text": text, **({"coding": [coding]} if coding else {})}


def coded(code):
    return {"coding": [{"code": code}]}


# type → (what else it needs, its date element, {status element: its codes}); the neutral code stands first in NEUTRAL.
TYPES = {
    "Condition": (lambda n: {"code": concept(n)}, "onsetDateTime", {
        "clinicalStatus": ["active", "recurrence", "relapse", "inactive", "remission", "resolved"],
        "verificationStatus": VERIFICATION + ["provisional", "differential"]}),
    "AllergyIntolerance": (lambda n: {"code": concept(n)}, "recordedDate", {
        "clinicalStatus": ["active", "inactive", "resolved"], "verificationStatus": VERIFICATION}),
    "MedicationRequest": (lambda n: {"medicationCodeableConcept": concept(n)}, "authoredOn", {
        "status": ["active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"],
        "intent": INTENT, "doNotPerform": [False, True]}),
    "MedicationStatement": (lambda n: {"medicationCodeableConcept": concept(n)}, "effectiveDateTime", {
        "status": ["active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown",
         "not-taken"]}),
    "MedicationAdministration": (lambda n: {"medicationCodeableConcept": concept(n)}, "effectiveDateTime", {
        "status": ["in-progress", "not-done", "on-hold", "completed", "entered-in-error", "stopped", "unknown"]}),
    "MedicationDispense": (lambda n: {"medicationCodeableConcept": concept(n)}, "whenHandedOver", {
        "status": ["preparation", "in-progress", "cancelled", "on-hold", "completed", "entered-in-error", "stopped",
                   "declined", "unknown"]}),
    "Procedure": (lambda n: {"code": concept(n)}, "performedDateTime", {"status": EVENT}),
    "Immunization": (lambda n: {"vaccineCode": concept(n)}, "occurrenceDateTime", {
        "status": ["completed", "entered-in-error", "not-done"]}),
    "Observation": (lambda n: {"code": concept(n, system="http://loinc.org", code="718-7"),
                               "category": [coded("laboratory")],
                               "valueQuantity": {"value": 11.4, "unit": "g/dL"}}, "effectiveDateTime",
                    {"status": RESULT}),
    "DiagnosticReport": (lambda n: {"code": concept(n), "conclusion": "as read"}, "effectiveDateTime", {
        "status": RESULT + ["partial", "appended"]}),
    "DocumentReference": (lambda n: {"type": concept(n), "content": [{"attachment": {"title": "file"}}]}, "date", {
        "status": ["current", "superseded", "entered-in-error"],
        "docStatus": ["preliminary", "final", "amended", "entered-in-error"]}),
    "FamilyMemberHistory": (lambda n: {"relationship": concept(n)}, "date", {
        "status": ["partial", "completed", "entered-in-error", "health-unknown"]}),
    "Flag": (lambda n: {"code": concept(n)}, None, {"status": ["active", "inactive", "entered-in-error"]}),
    "AdverseEvent": (lambda n: {"event": concept(n)}, "date", {"actuality": ["actual", "potential"]}),
    "CarePlan": (lambda n: {"title": n}, "created", {
        "status": REQUEST, "intent": ["proposal", "plan", "order", "option"]}),
    "Goal": (lambda n: {"description": concept(n)}, "startDate", {
        "lifecycleStatus": ["proposed", "planned", "accepted", "active", "on-hold", "completed", "cancelled",
                            "entered-in-error", "rejected"]}),
    "ServiceRequest": (lambda n: {"code": concept(n)}, "authoredOn", {
        "status": REQUEST, "intent": INTENT, "doNotPerform": [False, True]}),
    "DeviceRequest": (lambda n: {"codeCodeableConcept": concept(n)}, "authoredOn", {
        "status": REQUEST, "intent": INTENT}),
    "NutritionOrder": (lambda n: {"oralDiet": {"type": [concept(n)]}}, "dateTime", {
        "status": REQUEST, "intent": INTENT}),
    "Communication": (lambda n: {"topic": concept(n)}, "sent", {"status": EVENT}),
    "DeviceUseStatement": (lambda n: {"device": {"display": n}}, "recordedOn", {
        "status": ["active", "completed", "entered-in-error", "intended", "stopped", "on-hold"]}),
    "Encounter": (lambda n: {"type": [concept(n)], "class": {"code": "AMB"}}, None, {
        "status": ["planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled",
                   "entered-in-error",
                   "unknown"]}),
    "ClinicalImpression": (lambda n: {"code": concept(n)}, "date", {
        "status": ["in-progress", "completed", "entered-in-error"]}),
    "RiskAssessment": (lambda n: {"code": concept(n)}, "occurrenceDateTime", {"status": RESULT}),
    "ImagingStudy": (lambda n: {"description": n}, "started", {
        "status": ["registered", "available", "cancelled", "entered-in-error", "unknown"]}),
    "CareTeam": (lambda n: {"name": n}, None, {
        "status": ["proposed", "active", "suspended", "inactive", "entered-in-error"]}),
    "EpisodeOfCare": (lambda n: {"type": [concept(n)]}, None, {
        "status": ["planned", "waitlist", "active", "onhold", "finished", "cancelled", "entered-in-error"]}),
    "DetectedIssue": (lambda n: {"code": concept(n)}, "identifiedDateTime", {"status": RESULT}),
    "Appointment": (lambda n: {"description": n, "participant": [
        {"actor": {"reference": "Patient/p"}, "status": "accepted"}]}, None, {
            "status": ["proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow",
                       "entered-in-error", "checked-in", "waitlist"]}),
    "CommunicationRequest": (lambda n: {"payload": [{"contentString": n}]}, "authoredOn", {
        "status": REQUEST, "doNotPerform": [False, True]}),
    "Task": (lambda n: {"description": n, "for": {"reference": "Patient/p"}}, "authoredOn", {
        "status": ["draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress",
                   "on-hold", "failed", "completed", "entered-in-error"], "intent": INTENT + ["unknown"]}),
    "Device": (lambda n: {"deviceName": [{"name": n, "type": "user-friendly-name"}]}, None, {
        "status": ["active", "inactive", "entered-in-error", "unknown"]}),
    "QuestionnaireResponse": (lambda n: {"item": [{"linkId": "1", "text": n, "answer": [{"valueString": "yes"}]}]},
                              None, {"status": ["in-progress", "completed", "amended", "entered-in-error",
                                                "stopped"]}),
    "Media": (lambda n: {"type": concept(n), "content": {"title": "picture"}}, "createdDateTime", {"status": EVENT}),
    "RequestGroup": (lambda n: {"code": concept(n)}, "authoredOn", {"status": REQUEST, "intent": INTENT}),
    "ResearchSubject": (lambda n: {"study": {"display": n}, "individual": {"reference": "Patient/p"}}, None, {
        "status": ["candidate", "eligible", "follow-up", "ineligible", "not-registered", "off-study", "on-study",
                   "on-study-intervention", "on-study-observation", "pending-on-study", "potential-candidate",
                   "screening", "withdrawn"]}),
    "Composition": (lambda n: {"type": concept(n), "title": n, "author": [{"display": "somebody"}]}, "date", {
        "status": ["preliminary", "final", "amended", "entered-in-error"]}),
}
NEUTRAL = {"clinicalStatus": "active", "verificationStatus": "confirmed", "intent": "order", "doNotPerform": False,
           "docStatus": "final", "actuality": "actual", "lifecycleStatus": "active"}
NEUTRAL_STATUS = {"Procedure": "completed", "Immunization": "completed", "Observation": "final",
    "DiagnosticReport": "final",
                  "DocumentReference": "current", "FamilyMemberHistory": "completed",
                   "MedicationAdministration": "completed",
                  "MedicationDispense": "completed", "Communication": "completed", "Encounter": "finished",
                  "ClinicalImpression": "completed", "RiskAssessment": "final", "ImagingStudy": "available",
                  "DetectedIssue": "final", "Appointment": "fulfilled", "QuestionnaireResponse": "completed",
                  "Media": "completed", "ResearchSubject": "on-study", "Composition": "final"}
DATES = ["2026-03-04", "2026-03-04T10:00:00Z", "2026-03", "2025", "2026-03-04T10:00:00", "9999-12-31",
    "2031-02-03", None]

# The element that says whose it is; None: it is among what else the type needs.
SUBJECT = {"Immunization": "patient", "AllergyIntolerance": "patient", "FamilyMemberHistory": "patient",
           "NutritionOrder": "patient", "EpisodeOfCare": "patient", "DetectedIssue": "patient", "Device": "patient",
           "Appointment": None, "Task": None, "ResearchSubject": None}

# What of these words must stand beside a name, by the code that says so: any one of them.
WORDS = {
    "not-done": ["not done", "not given", "did not"], "preparation": ["preparation"], "in-progress": ["in progress"],
    "on-hold": ["on hold"], "stopped": ["stopped"], "cancelled": ["cancelled"], "completed": ["completed"],
    "draft": ["draft"], "unknown": ["unknown"], "intended": ["intended"], "not-taken": ["not taken"],
    "declined": ["declined"], "revoked": ["revoked"], "proposal": ["proposal", "proposed"], "plan": ["plan"],
    "option": ["option"], "recurrence": ["recurrence"], "relapse": ["relapse"], "inactive": ["inactive"],
    "remission": ["remission"], "resolved": ["resolved"], "unconfirmed": ["unconfirmed"],
        "provisional": ["provisional"],
    "differential": ["differential"], "refuted": ["refuted"], "registered": ["registered", "not final"],
    "preliminary": ["preliminary"], "partial": ["partial"], "amended": ["amended"], "corrected": ["corrected"],
    "appended": ["appended"], "superseded": ["superseded"], "health-unknown": ["health unknown"],
    "potential": ["potential"], "proposed": ["proposed"], "planned": ["planned"], "rejected": ["rejected"],
    "arrived": ["arrived"], "triaged": ["triaged"], "onleave": ["leave"],
    "waitlist": ["waiting list"], "onhold": ["on hold"], "finished": ["finished", "ended"], "suspended": ["suspended"],
    "pending": ["pending"], "booked": ["booked"], "noshow": ["did not", "no show"],
    "checked-in": ["checked in"], "requested": ["requested"], "received": ["received"], "accepted": ["accepted"],
    "ready": ["ready"], "failed": ["failed"], "candidate": ["candidate"], "eligible": ["eligible"],
    "follow-up": ["follow-up"], "ineligible": ["ineligible"], "not-registered": ["not registered"],
    "off-study": ["off study"], "on-study": ["on study"], "pending-on-study": ["pending"],
    "potential-candidate": ["potential candidate"], "screening": ["screening"], "withdrawn": ["withdrawn"],
    True: ["do not"],
}
# Of these types "completed" is how it should be; of the others it is over.
DONE = {"Procedure", "Immunization", "MedicationAdministration", "MedicationDispense", "Communication",
        "FamilyMemberHistory", "ClinicalImpression", "QuestionnaireResponse", "Media"}
ORDERS = {"directive", "order", "original-order", "reflex-order", "filler-order", "instance-order"}
AS_IT_SHOULD_BE = {("Encounter", "finished"), ("Goal", "accepted"), ("ResearchSubject", "on-study"),
                   ("CarePlan", "plan")}
