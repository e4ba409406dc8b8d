// identify: whose chart at the destination is the patient's: by the rules of identity.h, or by what
// a person decided who was shown both sides. What was decided holds as long as the facts that were
// shown do: where they have changed, a person looks again.
#pragma once

#include "adapter/stages/deliver/deliver.h"
#include "adapter/stages/deliver/evidence.h"
#include "adapter/stages/deliver/match.h"
#include "adapter/steps/step.h"

namespace consultd::steps {

// A person's decision, as it is kept in Part::Chart.
struct ChartDecision {
    std::string chart;  // "Patient/77"; empty: none of those that are there, a new one
    std::string facts;  // SHA-256 of what was shown: of that chart, or of all that were similar
    std::string by;     // who
    Instant at{};
};
std::string text_of(const ChartDecision& decision);
// Corrupt: it is none.
Result<ChartDecision> chart_decision(std::string text);
// What a decision for this chart stands on; and one for a new chart.
std::string facts_of(const fhir::Resource& chart);
std::string facts_of(const std::vector<fhir::Resource>& similar);

// The Patient whom a document of ours is about. Corrupt: there is none.
Result<fhir::Resource> patient_of(const fhir::Json& document);
// The same of the document that is kept.
Result<fhir::Resource> patient_sent(const Context& context);

// Asks for the patient there. It is named in these requests: the log says so before.
Result<PatientMatch> ask_for_patient(Peer& destination, const config::Deliver& settings,
                                     const fhir::Resource& patient, const fhir::Call& call);
// The chart of that name there. NotFound: there is none, or it is deleted. Conflict: it is retired.
Result<fhir::Resource> chart_there(Peer& destination, const std::string& chart,
                                   const fhir::Call& call);

// Whether a Patient that lies there is of the person that the record is of: by the facts on its
// face, or as a person decided who was shown it.
bool is_their_chart(const fhir::Resource& patient, fhir::JsonView theirs,
                    const std::optional<ChartDecision>& decision);
// The same of what is kept of the record; nobody, once that is gone.
Result<IsThatPerson> person_of(const Context& context);
// What a person decided; absent: nobody had to.
Result<std::optional<ChartDecision>> decision_of(const Context& context);

// The chart that was matched, or accepted, as it is now, read by its id: a search shows what an
// index or a cache has of it. Conflict: it is not there, is retired, or is not the patient's by the
// rules or as it was decided.
Status check_chart(const Context& context, const fhir::Resource& patient, const std::string& chart);

// The chart there that the record goes into, or of what kind the new one is. Conflict: a person
// decides.
struct ChartThere {
    std::optional<std::string> chart;  // "Patient/77"
    DeliveryInput::NewChart new_chart = DeliveryInput::NewChart::OneATransfer;
};
Result<ChartThere> patient_there(const Context& context, const fhir::Resource& patient);

}  // namespace consultd::steps
