// Ownership: whether what comes back is our patient's, and of our order. Whose a Task or a resource
// says it is counts for nothing by itself: it must name the chart into which the record was
// delivered, and nobody else, however deep. The identity of that chart is read back, as documents
// have names of their own for their Patient. One conversation.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "adapter/stages/belonging/belonging.h"
#include "fhir/client/fhir_client.h"

namespace consultd {

// What was delivered, by the account of it.
struct OurOrder {
    std::string transfer_id;
    // "Patient/77" there: the chart that the record lies in. Empty: a state that was restored from
    // an older copy has lost it, and the Task says which it is, if that is the person.
    std::string patient;
    // False: it was found by the patient's name alone, and may be one of another transfer.
    bool is_chart_certain = true;
    std::string request;  // "ServiceRequest/8" there
    // Where all that we delivered lies: what leads there is ours, and no answer to it.
    std::set<std::string, std::less<>> delivered = {};
    // Whether a Patient in a document is the one of that chart.
    std::function<bool(fhir::JsonView, fhir::JsonView)> is_same;
    // Whether a Patient there is the person that was sent; nobody is, once that is gone.
    std::function<bool(fhir::JsonView)> is_that_person = {};
};

class Ownership {
public:
    // Errors are those of a server that does not answer now.
    static Result<Ownership> read(fhir::FhirClient& client, const OurOrder& order,
                                  const fhir::Json& task, const fhir::Call& call);

    // "Observation/7" there is of what we sent.
    bool was_delivered(std::string_view key) const { return order_.delivered.contains(key); }
    // Why it is not taken: "other-patient", "other-order", "chart-unknown" where nothing is left
    // that says who the patient is; absent where it is ours.
    std::optional<StaticText> refusal_of_task() const;
    std::optional<StaticText> refusal_of_output(fhir::JsonView output) const;
    std::optional<StaticText> refusal_of_contained() const;
    std::optional<StaticText> refusal_of(const fhir::Resource& resource) const;
    // Of bytes that were fetched: of nobody, but where they are a record.
    std::optional<StaticText> refusal_of_bytes(std::string_view base64) const;

private:
    Ownership(const OurOrder& order, const fhir::Json& task, fhir::Json chart,
              PatientIdentity patient)
        : order_(order), task_(task), chart_(std::move(chart)), patient_(std::move(patient)) {}

    bool is_about_ours(const fhir::Json& task) const;
    bool is_bundle_ours(const fhir::Json& bundle) const;
    bool holds_nobody_else(fhir::JsonView json) const;
    bool is_of_another_order(fhir::JsonView resource) const;

    const OurOrder& order_;
    const fhir::Json& task_;
    fhir::Json chart_;  // null: it may not be read
    PatientIdentity patient_;
};

}  // namespace consultd
