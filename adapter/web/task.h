// Task: a transfer as a FHIR Task, both ways. https://hl7.org/fhir/R4/task.html
#pragma once

#include "adapter/opinion.h"
#include "adapter/order.h"
#include "fhir/json.h"
#include "fhir/reference.h"
#include "fhir/url.h"

namespace consultd::web {

// Of our own names for transfers.
inline constexpr std::string_view transfer_system = "urn:consultd:transfer";

// Reads what a Task asks for: `for`, and inputs whose type is in the system urn:consultd:transfer,
// each once; an input that we do not know is refused with the rest.
// An absolute reference in `for` must lead to the source that is asked for: the same id elsewhere
// is another patient. Malformed: with the details "element" and, of
// an input, "position".
Result<Order> order_from_task(const fhir::Json& task, const config::Config& config);
// `patient`: the absolute URL at the source; empty: not told. `identifiers`: the order's own.
fhir::Json task_from_transfer(const Transfer& transfer, const std::string& patient,
                              const std::vector<OrderIdentifier>& identifiers,
                              const std::string& receipt);

// An element of Task.output: the newest version of the opinion, whole.
fhir::Json opinion_output(const Opinion& opinion);

// Whether an absolute reference leads to a resource below this base URL.
bool is_at(const fhir::Url& base, const fhir::Reference& reference);
// The keys of the sources that a reference to a patient, or an id, may be meant at: of what a
// directory lists, by its whole address alone.
std::vector<std::string> sources_meant(const config::Config& config,
                                       const fhir::Reference& reference);

}  // namespace consultd::web
