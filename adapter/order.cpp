#include "adapter/order.h"

#include "fhir/base/utf8.h"
#include "fhir/resource.h"

namespace consultd {
namespace {

constexpr std::size_t question_bytes_max = 10'000;
constexpr std::size_t specialty_bytes_max = 100;

}  // namespace

std::string patient_pseudonym(const crypto::Sealer& sealer, const std::string& source,
                              const std::string& patient) {
    return sealer.pseudonym(source + "|" + patient, "patient");
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

Result<PlacedOrder> place_order(const Order& order, const config::Config& config,
                                const crypto::Sealer& sealer, Clock& clock, Random& random) {
    if (!config.sources.contains(order.source))
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
    const std::string patient = order.patient_id.empty()
                                    ? order.patient_system + "|" + order.patient_value
                                    : order.patient_id;
    transfer.patient_pseudonym = patient_pseudonym(sealer, order.source, patient);
    transfer.created = transfer.updated = transfer.due = clock.now();
    placed.parts.push_back(seal_part(sealer, transfer.id, Part::Request, request_text(order)));
    placed.parts.push_back(seal_part(sealer, transfer.id, Part::Consent, order.consent.print()));
    return placed;
}

std::string request_text(const Order& order) {
    using fhir::Json;
    return Json::object({{"patient", order.patient_id},
                         {"patientSystem", order.patient_system},
                         {"patientValue", order.patient_value},
                         {"question", order.question},
                         {"specialty", order.specialty},
                         {"purpose", order.purpose}})
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
    return order;
}

}  // namespace consultd
