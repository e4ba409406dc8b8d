#include "adapter/web/task.h"

#include "fhir/reference.h"

namespace consultd::web {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::string_view transfer_system = "urn:consultd:transfer";
constexpr std::string_view state_system = "urn:consultd:transfer-state";

Error wrong(StaticText text, StaticText element) {
    return Error(ErrorKind::Malformed, text).with("element", element);
}

// The input whose type has this code in our system; null where there is none.
JsonView input_of(const Json& task, std::string_view code) {
    for (const JsonView& input : task["input"].items())
        for (const JsonView& coding : input.at("type", "coding").items())
            if (coding["system"].string() == transfer_system && coding["code"].string() == code)
                return input;
    return {};
}

Result<Json> contained_consent(const Json& task) {
    const std::string_view text =
        input_of(task, "consent").at("valueReference", "reference").string();
    const fhir::Reference reference = fhir::Reference::parse(text);
    if (reference.form == fhir::Reference::Form::Contained)
        for (const JsonView& contained : task["contained"].items())
            if (contained["id"].string() == reference.id &&
                contained["resourceType"].string() == "Consent")
                return task.share(contained);
    return wrong("the input consent must refer to a contained Consent", "Task.input");
}

Json coding(std::string_view system, std::string_view code) {
    return Json::object(
        {{"coding", Json::array({Json::object({{"system", system}, {"code", code}})})}});
}

Json string_input(std::string_view code, const std::string& value) {
    return Json::object({{"type", coding(transfer_system, code)}, {"valueString", value}});
}

bool is_at(const fhir::Url& base, const fhir::Reference& reference) {
    const Result<fhir::Url> url = fhir::Url::parse(reference.text);
    return url && url->same_origin(base) && url->path() == base.below(reference.key()).path();
}

bool is_fulfill(const Json& task) {
    for (const JsonView& code : task.at("code", "coding").items())
        if (code["code"].string() == "fulfill") return true;
    return false;
}

}  // namespace

Result<Order> order_from_task(const Json& task, const config::Config& config) {
    if (task["resourceType"].string() != "Task") return wrong("a Task is asked for", "Task");
    if (task["intent"].string() != "order") return wrong("intent must be order", "Task.intent");
    if (!is_fulfill(task)) return wrong("code must be fulfill", "Task.code");
    if (task.has("modifierExtension"))
        return wrong("a modifierExtension is not understood", "Task.modifierExtension");
    Order order;
    order.source = input_of(task, "source")["valueString"].string();
    order.destination = input_of(task, "destination")["valueString"].string();
    order.question = input_of(task, "question")["valueString"].string();
    order.specialty = input_of(task, "specialty")["valueString"].string();
    if (order.source.empty()) return wrong("the input source is missing", "Task.input");
    if (order.destination.empty()) return wrong("the input destination is missing", "Task.input");
    const fhir::Reference patient = fhir::Reference::parse(task.at("for", "reference").string());
    if (patient.type == "Patient") {
        const auto source = config.sources.find(order.source);
        if (patient.form == fhir::Reference::Form::Absolute &&
            (source == config.sources.end() || !is_at(source->second.fhir_base_url, patient)))
            return wrong("for must name a Patient at the source", "Task.for");
        order.patient_id = patient.id;
    } else {
        order.patient_system = task.at("for", "identifier", "system").string();
        order.patient_value = task.at("for", "identifier", "value").string();
        if (order.patient_value.empty())
            return wrong("for must name the Patient by reference or identifier", "Task.for");
    }
    TRY_ASSIGN(order.consent, contained_consent(task));
    return order;
}

Json task_from_transfer(const Transfer& transfer, const std::string& patient,
                        const std::string& receipt) {
    Json task = Json::object(
        {{"resourceType", "Task"},
         {"id", transfer.id},
         {"meta", Json::object({{"lastUpdated", format_instant(transfer.updated)}})},
         {"identifier",
          Json::array({Json::object({{"system", transfer_system}, {"value", transfer.id}})})},
         {"status", task_status_of(transfer.state)},
         {"statusReason",
          transfer.reason.empty() ? Json() : Json::object({{"text", transfer.reason}})},
         {"businessStatus", coding(state_system, name_of(transfer.state))},
         {"intent", "order"},
         {"code", coding("http://hl7.org/fhir/CodeSystem/task-code", "fulfill")},
         {"for", patient.empty() ? Json() : Json::object({{"reference", patient}})},
         {"authoredOn", format_date_time(transfer.created)},
         {"lastModified", format_date_time(transfer.updated)},
         {"input", Json::array({string_input("source", transfer.source),
                                string_input("destination", transfer.destination)})}});
    if (receipt.empty()) return task;
    const Json attachment = Json::object({{"contentType", "application/json"},
                                          {"data", crypto::base64(receipt)},
                                          {"title", "receipt"}});
    return task.with("output",
                     Json::array({Json::object({{"type", coding(transfer_system, "receipt")},
                                                {"valueAttachment", attachment}})}));
}

}  // namespace consultd::web
