#include "adapter/order.h"

#include <algorithm>

#include "fhir/base/utf8.h"
#include "fhir/reference.h"
#include "fhir/resource.h"

namespace consultd {
namespace {

constexpr std::size_t question_bytes_max = 10'000;
constexpr std::size_t specialty_bytes_max = 100;

using fhir::Json;

// As the order names them: by the id, where it has one.
std::string patient_in(const Order& order) {
    return order.patient_id.empty() ? order.patient_system + "|" + order.patient_value
                                    : order.patient_id;
}

// What a Consent says; under which id and in which version a server keeps it is no part of that.
std::string content_of(const Json& consent) {
    return consent.without("id").without("meta").print_canonical();
}

// Members in one order, numbers by their text: the same for whatever means the same.
std::string content_of(const Order& order) {
    const Json all = Json::object({{"source", order.source},
                                   {"destination", order.destination},
                                   {"patient", order.patient_id},
                                   {"patientSystem", order.patient_system},
                                   {"patientValue", order.patient_value},
                                   {"consent", content_of(order.consent)},
                                   {"question", order.question},
                                   {"specialty", order.specialty},
                                   {"purpose", order.purpose},
                                   {"firstOpinion", word_of(order.first_opinion)}});
    return all.print_canonical();
}

OrderMarks marks_of(const Order& order, const crypto::Sealer& sealer) {
    return {.content = sealer.pseudonym(content_of(order), "order"),
            .patient = patient_pseudonym(sealer, order.source, patient_in(order)),
            .consent = sealer.pseudonym(content_of(order.consent), "consent")};
}

Json identifiers_json(const std::vector<OrderIdentifier>& identifiers) {
    std::vector<Json> items;
    for (const OrderIdentifier& identifier : identifiers)
        items.push_back(Json::object({{"system", identifier.system}, {"value", identifier.value}}));
    return Json::array(std::move(items));
}

}  // namespace

std::string patient_pseudonym(const crypto::Sealer& sealer, const std::string& source,
                              const std::string& patient) {
    return sealer.pseudonym(source + "|" + patient, "patient");
}

std::string identifier_key(const crypto::Sealer& sealer, const Actor& asked_by,
                           const OrderIdentifier& identifier) {
    // A line break is in no name and no token: none can pass for a part of another.
    return sealer.pseudonym(asked_by.text() + "\n" + identifier.system + "\n" + identifier.value,
                            "order identifier");
}

std::vector<std::string> names_by_others(const Order& order, const Actor& asked_by,
                                         const config::Listen& listen,
                                         const crypto::Sealer& sealer) {
    std::vector<std::string> names;
    for (const config::Operator& settings : listen.operators) {
        const Actor other = Actor::operator_named(settings.name);
        if (other == asked_by) continue;
        for (const OrderIdentifier& identifier : order.identifiers)
            names.push_back(identifier_key(sealer, other, identifier));
    }
    return names;
}

Earlier earlier_of(const PlacedOrder& placed, Instant now) {
    if (!placed.identifiers.empty()) return {.identifiers = placed.identifiers};
    return {.same_disclosure_since = now - same_disclosure_span};
}

Status check_one_patient(const Order& order, const fhir::Url& source_base) {
    const Error two(ErrorKind::Denied, "the order and its consent name two patients");
    const fhir::JsonView patient = order.consent["patient"];
    const fhir::Reference reference = fhir::Reference::parse(patient["reference"].string());
    const bool is_at_source =
        reference.form == fhir::Reference::Form::Relative || reference.base == source_base.text();
    if (is_at_source && reference.type == "Patient" && !order.patient_id.empty() &&
        reference.id != order.patient_id)
        return two;
    const fhir::JsonView identifier = patient["identifier"];
    const bool same_system =
        identifier.has("value") && identifier["system"].string() == order.patient_system;
    if (same_system && !order.patient_value.empty() &&
        identifier["value"].string() != order.patient_value)
        return two;
    return {};
}

Status check_words(std::string_view question, std::string_view specialty) {
    if (question.size() > question_bytes_max || specialty.size() > specialty_bytes_max)
        return Error(ErrorKind::TooLarge, "the question or the specialty is too long");
    if (!is_fhir_text(question) || !is_fhir_text(specialty))
        return Error(
            ErrorKind::Malformed,
            "the question or the specialty is no text in UTF-8, or has control characters");
    return {};
}

Result<PlacedOrder> place_order(const Order& order, const Actor& asked_by,
                                const config::Config& config, const crypto::Sealer& sealer,
                                Clock& clock, Random& random) {
    if (!config.source(order.source))
        return Error(ErrorKind::Malformed, "the configuration has no source of that name");
    if (!config.destinations.contains(order.destination))
        return Error(ErrorKind::Malformed, "the configuration has no destination of that name");
    if (order.patient_id.empty() ? order.patient_value.empty() : !fhir::is_id(order.patient_id))
        return Error(ErrorKind::Malformed, "the patient's id is not a FHIR id");
    if (order.consent["resourceType"].string() != "Consent")
        return Error(ErrorKind::Malformed, "the consent is not a FHIR Consent");
    if (!is_fhir_text(order.patient_system) || !is_fhir_text(order.patient_value))
        return Error(ErrorKind::Malformed, "the patient's identifier is no text in UTF-8");
    TRY(check_words(order.question, order.specialty));

    PlacedOrder placed;
    Transfer& transfer = placed.transfer;
    transfer.id = crypto::uuid_v4(random);
    transfer.source = order.source;
    transfer.destination = order.destination;
    transfer.marks = marks_of(order, sealer);
    transfer.asked_by = asked_by;
    transfer.patient_pseudonym = transfer.marks.patient;
    transfer.created = transfer.updated = clock.now();
    transfer.due = at_once;
    placed.parts.push_back(seal_part(sealer, transfer.id, Part::Request, request_text(order)));
    placed.parts.push_back(seal_part(sealer, transfer.id, Part::Consent, order.consent.print()));
    for (const OrderIdentifier& identifier : order.identifiers)
        placed.identifiers.push_back(identifier_key(sealer, asked_by, identifier));
    std::ranges::sort(placed.identifiers);
    placed.identifiers.erase(std::unique(placed.identifiers.begin(), placed.identifiers.end()),
                             placed.identifiers.end());
    return placed;
}

std::string request_text(const Order& order) {
    std::vector<Json> only(order.release.only.begin(), order.release.only.end());
    return Json::object({{"patient", order.patient_id},
                         {"patientSystem", order.patient_system},
                         {"patientValue", order.patient_value},
                         {"question", order.question},
                         {"specialty", order.specialty},
                         {"purpose", order.purpose},
                         {"identifiers", identifiers_json(order.identifiers)},
                         {"again", Json(order.is_again)},
                         {"waitsForPatient", Json(order.waits_for_patient)},
                         {"firstOpinion", word_of(order.first_opinion)},
                         {"releases", order.release.of},
                         {"releasedTask", order.release.task},
                         {"releasedOnly", Json::array(std::move(only))}})
        .print();
}

Result<Order> load_order(const PartReader& parts, const Transfer& transfer) {
    TRY_ASSIGN(std::string request_text, parts.open(Part::Request));
    TRY_ASSIGN(std::string consent_text, parts.open(Part::Consent));
    TRY_ASSIGN(const fhir::Json request, fhir::Json::parse(std::move(request_text)));
    Order order;
    TRY_ASSIGN(order.consent, fhir::Json::parse(std::move(consent_text)));
    order.source = transfer.source;
    order.destination = transfer.destination;
    order.patient_id = request["patient"].string();
    order.patient_system = request["patientSystem"].string();
    order.patient_value = request["patientValue"].string();
    order.question = request["question"].string();
    order.specialty = request["specialty"].string();
    order.purpose = request["purpose"].string();
    order.is_again = request["again"].is_true();
    order.waits_for_patient = request["waitsForPatient"].is_true();
    order.first_opinion =
        first_opinion_of(request["firstOpinion"].string()).value_or(FirstOpinion::Open);
    order.release.of = request["releases"].string();
    order.release.task = request["releasedTask"].string();
    for (const fhir::JsonView one : request["releasedOnly"].items())
        order.release.only.emplace_back(one.string());
    for (const fhir::JsonView item : request["identifiers"].items())
        order.identifiers.push_back(
            {std::string(item["system"].string()), std::string(item["value"].string())});
    return order;
}

}  // namespace consultd
