#include "adapter/steps/identify.h"

#include "adapter/prepare.h"
#include "adapter/stages/deliver/identity.h"

namespace consultd::steps {
namespace {

using fhir::Json;

std::string digest(std::string_view text) { return crypto::hex(crypto::sha256(text)); }

// A destination that tells nothing about itself is asked by searches alone.
Result<bool> has_match_operation(Peer& destination, const fhir::Call& call) {
    const auto capability = destination.capability(call);
    if (capability) return destination_capability(**capability).has_match_operation;
    const ErrorKind kind = capability.error().kind();
    if (kind == ErrorKind::NotFound || kind == ErrorKind::Malformed ||
        kind == ErrorKind::Unsupported)
        return false;
    return capability.error();
}

Error changed() {
    return Error(ErrorKind::Conflict,
                 "what was decided on the patient's identity stands on facts that have changed");
}

}  // namespace

std::string text_of(const ChartDecision& decision) {
    return Json::object({{"chart", decision.chart.empty() ? Json() : Json(decision.chart)},
                         {"facts", decision.facts},
                         {"by", decision.by},
                         {"at", format_instant(decision.at)}})
        .print();
}

Result<ChartDecision> chart_decision(std::string text) {
    const Result<Json> json = Json::parse(std::move(text));
    if (!json || (*json)["facts"].string().empty())
        return Error(ErrorKind::Corrupt, "the decision on the patient's chart cannot be read");
    return ChartDecision{.chart = std::string((*json)["chart"].string()),
                         .facts = std::string((*json)["facts"].string()),
                         .by = std::string((*json)["by"].string())};
}

std::string facts_of(const fhir::Resource& chart) {
    return digest(chart.key() + "\n" + identity_facts(chart.json()));
}

std::string facts_of(const std::vector<fhir::Resource>& similar) {
    std::string all;
    for (const fhir::Resource& chart : similar) all += facts_of(chart);
    return digest(all);
}

Result<fhir::Resource> patient_of(const Json& document) {
    std::string_view subject;
    for (const fhir::JsonView entry : document["entry"].items())
        if (entry.at("resource", "resourceType").string() == "Composition")
            subject = entry.at("resource", "subject", "reference").string();
    for (const fhir::JsonView entry : document["entry"].items())
        if (!subject.empty() && entry["fullUrl"].string() == subject)
            return fhir::Resource::from(document.share(entry["resource"]));
    return Error(ErrorKind::Corrupt, "the document is about nobody");
}

Result<fhir::Resource> patient_sent(const Context& context) {
    TRY_ASSIGN(std::string text, context.parts.open(Part::Bundle));
    TRY_ASSIGN(const Json document, Json::parse(std::move(text), packet_limits()));
    return patient_of(document);
}

Result<PatientMatch> ask_for_patient(Peer& destination, const config::Deliver& settings,
                                     const fhir::Resource& patient, const fhir::Call& call) {
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    TRY_ASSIGN(const bool has_operation, has_match_operation(destination, call));
    const MatchRules rules{.strong_systems = settings.strong_identifiers,
                           .has_match_operation = has_operation};
    return destination.heard(match_patient(*client, patient, rules, call));
}

Result<fhir::Resource> chart_there(Peer& destination, const std::string& chart,
                                   const fhir::Call& call) {
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    TRY_ASSIGN(const fhir::FhirResponse answer,
               destination.heard(client->get(client->base().below(chart), call)));
    TRY_ASSIGN(fhir::Resource found, fhir::Resource::from(answer.body));
    if (found.key() != chart)
        return Error(ErrorKind::NotFound, "the destination answers with another resource");
    if (is_retired(found.json()))
        return Error(ErrorKind::Conflict, "the chart is not in use: replaced by another, inactive");
    return found;
}

Result<std::optional<ChartDecision>> decision_of(const Context& context) {
    TRY_ASSIGN(const bool is_decided, context.parts.has(Part::Chart));
    if (!is_decided) return std::optional<ChartDecision>();
    TRY_ASSIGN(std::string text, context.parts.open(Part::Chart));
    TRY_ASSIGN(ChartDecision decision, chart_decision(std::move(text)));
    return std::optional(std::move(decision));
}

bool is_their_chart(const fhir::Resource& patient, fhir::JsonView theirs,
                    const std::optional<ChartDecision>& decision) {
    if (is_of_the_same_person(patient.json(), theirs)) return true;
    Result<Json> copy = Json::parse(theirs.print());
    if (!copy) return false;
    const Result<fhir::Resource> chart = fhir::Resource::from(*std::move(copy));
    return chart && decision && chart->key() == decision->chart &&
           facts_of(*chart) == decision->facts;
}

Result<IsThatPerson> person_of(const Context& context) {
    TRY_ASSIGN(const bool is_kept, context.parts.has(Part::Bundle));
    if (!is_kept) return IsThatPerson();
    TRY_ASSIGN(const std::optional<ChartDecision> decision, decision_of(context));
    // Read when somebody is to be compared with, and once.
    auto ours = std::make_shared<Result<fhir::Resource>>(
        Error(ErrorKind::NotFound, "the patient was not looked up"));
    return IsThatPerson([&context, ours, decision](fhir::JsonView theirs) {
        if (!*ours && ours->error().kind() == ErrorKind::NotFound) *ours = patient_sent(context);
        return *ours && is_their_chart(**ours, theirs, decision);
    });
}

Status check_chart(const Context& context, const fhir::Resource& patient,
                   const std::string& chart) {
    const Result<fhir::Resource> found =
        chart_there(context.destination(), chart, context.exchange());
    if (!found && found.error().kind() == ErrorKind::NotFound)
        return Error(ErrorKind::Conflict, "the chart of the patient is not there");
    if (!found) return found.error();
    TRY_ASSIGN(const std::optional<ChartDecision> decision, decision_of(context));
    if (decision && decision->chart == chart)
        return facts_of(*found) == decision->facts ? Status() : changed();
    const Comparison comparison = compare_patients(
        patient.json(), found->json(), context.destination_config().deliver.strong_identifiers);
    if (!is_certainly_the_same(comparison))
        return Error(ErrorKind::Conflict, "the chart is not the patient's, whatever a search said");
    return {};
}

Result<ChartThere> patient_there(const Context& context, const fhir::Resource& patient) {
    using Finding = PatientMatch::Finding;
    const config::Deliver& settings = context.destination_config().deliver;
    if (settings.patient == config::Deliver::Patient::Create) return ChartThere{};
    TRY_ASSIGN(const std::optional<ChartDecision> decision, decision_of(context));
    if (decision && !decision->chart.empty()) {
        TRY(check_chart(context, patient, decision->chart));
        return ChartThere{.chart = decision->chart};
    }
    TRY_ASSIGN(const PatientMatch match,
               ask_for_patient(context.destination(), settings, patient, context.exchange()));
    if (decision && facts_of(match.similar) != decision->facts) return changed();
    if (decision) return ChartThere{};
    if (match.finding == Finding::Certain) {
        TRY(check_chart(context, patient, match.patient));
        return ChartThere{.chart = match.patient};
    }
    if (match.finding == Finding::Unsure)
        return Error(ErrorKind::Conflict, "the patient at the destination is not certain")
            .with("similar", static_cast<std::int64_t>(match.similar.size()));
    if (settings.patient == config::Deliver::Patient::Existing)
        return Error(ErrorKind::Conflict, "the destination has no chart of the patient");
    return ChartThere{.new_chart = DeliveryInput::NewChart::OneAPatient};
}

}  // namespace consultd::steps
