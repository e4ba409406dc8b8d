#include "adapter/web/task.h"

#include <algorithm>
#include <array>
#include <map>

#include "config/directories.h"
#include "fhir/r4/shape.h"
#include "fhir/reference.h"

namespace consultd::web {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::string_view task_code_system = "http://hl7.org/fhir/CodeSystem/task-code";
constexpr std::string_view state_system = "urn:consultd:transfer-state";

constexpr std::size_t identifiers_max = 10;

Error wrong(StaticText text, StaticText element) {
    return Error(ErrorKind::Malformed, text).with("element", element);
}

Error wrong_input(StaticText text, std::size_t position) {
    return wrong(text, "Task.input").with("position", static_cast<std::int64_t>(position));
}

constexpr std::array<std::string_view, 6> input_codes{"source",    "destination", "question",
                                                      "specialty", "consent",     "first-opinion"};

// The inputs by their code. What we do not understand, or could understand in two ways, somebody
// meant something by: it is refused, not left out.
using Inputs = std::map<std::string_view, JsonView>;

std::string_view code_of(JsonView input) {
    for (const JsonView coding : input.at("type", "coding").items())
        if (coding["system"].string() == transfer_system) return coding["code"].string();
    return {};
}

Result<Inputs> read_inputs(const Json& task) {
    Inputs inputs;
    std::size_t position = 0;
    for (const JsonView input : task["input"].items()) {
        const std::string_view code = code_of(input);
        if (std::ranges::find(input_codes, code) == input_codes.end())
            return wrong_input("an input that is not known here", position);
        const JsonView value = input[code == "consent" ? "valueReference" : "valueString"];
        const auto names_value = [](const fhir::JsonMember& member) {
            return member.name().starts_with("value");
        };
        if (value.is_null() || std::ranges::count_if(input.members(), names_value) != 1)
            return wrong_input("an input with a value of another type", position);
        if (code != "consent" && value.string().empty())
            return wrong_input("an input without text", position);
        if (!inputs.emplace(code, value).second)
            return wrong_input("an input that is given twice", position);
        ++position;
    }
    return inputs;
}

std::string text_of(const Inputs& inputs, std::string_view code) {
    const auto found = inputs.find(code);
    return found == inputs.end() ? std::string() : std::string(found->second.string());
}

// What whoever ordered calls it. Of our own system we give them ourselves.
Result<std::vector<OrderIdentifier>> read_identifiers(const Json& task) {
    std::vector<OrderIdentifier> identifiers;
    for (const JsonView item : task["identifier"].items()) {
        OrderIdentifier identifier{std::string(item["system"].string()),
                                   std::string(item["value"].string())};
        if (identifier.value.empty() || identifier.system == transfer_system ||
            identifiers.size() == identifiers_max)
            return wrong("an identifier without a value, one of our system, or one too many",
                         "Task.identifier");
        identifiers.push_back(std::move(identifier));
    }
    return identifiers;
}

bool has_modifier(JsonView value) {
    return value.has("modifierExtension") || std::ranges::any_of(value.items(), has_modifier) ||
           std::ranges::any_of(value.members(), [](const fhir::JsonMember& member) {
               return has_modifier(member.value);
           });
}

Result<Json> contained_consent(const Json& task, const Inputs& inputs) {
    const auto input = inputs.find("consent");
    if (input == inputs.end()) return wrong("the input consent is missing", "Task.input");
    const fhir::Reference reference = fhir::Reference::parse(input->second["reference"].string());
    std::optional<Json> consent;
    if (reference.form == fhir::Reference::Form::Contained)
        for (const JsonView contained : task["contained"].items()) {
            if (contained["id"].string() != reference.id) continue;
            if (consent) return wrong("two contained resources have one id", "Task.contained");
            consent = task.share(contained);
        }
    if (consent && (*consent)["resourceType"].string() == "Consent") return *std::move(consent);
    return wrong("the input consent must refer to a contained Consent", "Task.input");
}

Json coding(std::string_view system, std::string_view code) {
    return Json::object(
        {{"coding", Json::array({Json::object({{"system", system}, {"code", code}})})}});
}

Json string_input(std::string_view code, const std::string& value) {
    return Json::object({{"type", coding(transfer_system, code)}, {"valueString", value}});
}

bool is_fulfill(const Json& task) {
    for (const JsonView code : task.at("code", "coding").items())
        if (code["code"].string() == "fulfill" &&
            (!code.has("system") || code["system"].string() == task_code_system))
            return true;
    return false;
}

}  // namespace

bool is_at(const fhir::Url& base, const fhir::Reference& reference) {
    const Result<fhir::Url> url = fhir::Url::parse(reference.text);
    return url && url->same_origin(base) && url->path() == base.below(reference.key()).path();
}

std::vector<std::string> sources_meant(const config::Config& config,
                                       const fhir::Reference& reference) {
    const bool is_absolute = reference.form == fhir::Reference::Form::Absolute;
    std::vector<std::string> keys;
    for (const auto& [key, source] : config.sources)
        if (!is_absolute || is_at(source.fhir_base_url, reference)) keys.push_back(key);
    const auto base =
        is_absolute ? fhir::Url::parse(reference.base) : Result<fhir::Url>(fhir::Url());
    if (!is_absolute || !base) return keys;
    if (std::string key = config::source_key_of(*base); config.source(key))
        keys.push_back(std::move(key));
    return keys;
}

Result<Order> order_from_task(const Json& task, const config::Config& config) {
    if (task["resourceType"].string() != "Task") return wrong("a Task is asked for", "Task");
    if (!fhir::r4::misshapen_element(task).empty())
        return wrong("an element has not the shape that it has in R4", "Task");
    if (task["status"].string() != "requested")
        return wrong("status must be requested", "Task.status");
    if (task["intent"].string() != "order") return wrong("intent must be order", "Task.intent");
    if (!is_fulfill(task)) return wrong("code must be fulfill", "Task.code");
    // Each says how, when or for whom it is to be done, or that all else means something else.
    for (const StaticText limit : {StaticText("restriction"), StaticText("implicitRules")})
        if (task.has(limit.view())) return wrong("an element that is not obeyed here", limit);
    if (has_modifier(task.without("contained")))
        return wrong("a modifierExtension is not understood", "Task.modifierExtension");
    TRY_ASSIGN(const Inputs inputs, read_inputs(task));
    Order order;
    order.source = text_of(inputs, "source");
    order.destination = text_of(inputs, "destination");
    order.question = text_of(inputs, "question");
    order.specialty = text_of(inputs, "specialty");
    if (inputs.contains("first-opinion")) {
        const auto choice = first_opinion_of(text_of(inputs, "first-opinion"));
        if (!choice) return wrong("the input first-opinion is open or sealed", "Task.input");
        order.first_opinion = *choice;
    }
    if (order.source.empty()) return wrong("the input source is missing", "Task.input");
    if (order.destination.empty()) return wrong("the input destination is missing", "Task.input");
    const fhir::Reference patient = fhir::Reference::parse(task.at("for", "reference").string());
    if (patient.type == "Patient") {
        const auto source = config.source(order.source);
        if (patient.form == fhir::Reference::Form::Absolute &&
            (!source || !is_at(source->fhir_base_url, patient)))
            return wrong("for must name a Patient at the source", "Task.for");
        order.patient_id = patient.id;
    }
    // By both: they must name the same patient at the source.
    order.patient_system = task.at("for", "identifier", "system").string();
    order.patient_value = task.at("for", "identifier", "value").string();
    if (order.patient_id.empty() && order.patient_value.empty())
        return wrong("for must name the Patient by reference or identifier", "Task.for");
    TRY_ASSIGN(order.consent, contained_consent(task, inputs));
    TRY_ASSIGN(order.identifiers, read_identifiers(task));
    if (const auto source = config.source(order.source))
        TRY(check_one_patient(order, source->fhir_base_url));
    return order;
}

Json task_from_transfer(const Transfer& transfer, const std::string& patient,
                        const std::vector<OrderIdentifier>& identifiers,
                        const std::string& receipt) {
    std::vector<Json> names{Json::object({{"system", transfer_system}, {"value", transfer.id}})};
    for (const OrderIdentifier& name : identifiers)
        names.push_back(Json::object(
            {{"system", name.system.empty() ? Json() : Json(name.system)}, {"value", name.value}}));
    Json task =
        Json::object({{"resourceType", "Task"},
                      {"id", transfer.id},
                      {"meta", Json::object({{"lastUpdated", format_instant(transfer.updated)}})},
                      {"identifier", Json::array(std::move(names))},
                      {"status", task_status_of(transfer.state)},
                      {"statusReason",
                       transfer.reason.empty() ? Json() : Json::object({{"text", why(transfer)}})},
                      {"businessStatus", coding(state_system, name_of(transfer.state))},
                      {"intent", "order"},
                      {"code", coding(task_code_system, "fulfill")},
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

Json opinion_output(const Opinion& opinion) {
    const Json attachment = Json::object({{"contentType", "application/fhir+json"},
                                          {"data", crypto::base64(opinion.bundle().print())},
                                          {"title", "opinion"},
                                          {"creation", opinion.taken()}});
    return Json::object(
        {{"type", coding(transfer_system, "opinion")}, {"valueAttachment", attachment}});
}

}  // namespace consultd::web
