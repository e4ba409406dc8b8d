// Order: what somebody asked for: this patient's record, from here to there, under this consent,
// with this question. Sealed before it is stored, because it names the patient.
#pragma once

#include <string>
#include <vector>

#include "adapter/sealed_parts.h"
#include "adapter/stages/record.h"
#include "config/config.h"
#include "fhir/base/random.h"
#include "fhir/json.h"

namespace consultd {

// What whoever ordered calls the order: FHIR's Identifier.
struct OrderIdentifier {
    std::string system, value;
};

struct Order {
    std::string source, destination;  // keys in the config
    std::string patient_id;           // the logical id at the source; or, when it is empty:
    std::string patient_system, patient_value;  // an identifier that one Patient there has
    fhir::Json consent;
    std::string question, specialty;
    std::string purpose = "TREAT";
    std::vector<OrderIdentifier> identifiers;
    bool is_again = false;  // another copy is wanted, whatever was sent before
    // Nothing goes before the patient said what may be shared, and saw what goes (approval.h).
    bool waits_for_patient = false;
    FirstOpinion first_opinion = FirstOpinion::Open;
    SecondPacket release;
};

// A stored order with its first state.
struct PlacedOrder {
    Transfer transfer;
    std::vector<SealedPart> parts;
    std::vector<std::string> identifiers;  // keyed hashes of the order's
};

// An order is placed once. One with identifiers is a person's deliberate one, and the same order as
// any of theirs with one of them, for ever: each who orders has names of their own. One without is
// the same as whatever gave, within a day, the same patient's record to the same destination under
// the same Consent.
constexpr Milliseconds same_disclosure_span = std::chrono::hours(24);
Earlier earlier_of(const PlacedOrder& placed, Instant now);

// What the patient wants answered and by whom, as it will stand in resources and pages. TooLarge: a
// question over 10,000 bytes, a specialty over 100. Malformed: no UTF-8, or control characters.
Status check_words(std::string_view question, std::string_view specialty);

// The pseudonym of an order's identifier, which is one of whoever orders: nobody's order is in
// another's way, and nobody learns of another's by it. Nothing of it is stored in clear.
std::string identifier_key(const crypto::Sealer& sealer, const Actor& asked_by,
                           const OrderIdentifier& identifier);
// What the order would go by had another of these operators placed it: for whoever may see all.
std::vector<std::string> names_by_others(const Order& order, const Actor& asked_by,
                                         const config::Listen& listen,
                                         const crypto::Sealer& sealer);

// Denied: what names the order's patient (an id, an identifier, the Consent's reference or
// identifier) names two. What only the source can tell, such as whose an identifier is, is not
// decided here.
Status check_one_patient(const Order& order, const fhir::Url& source_base);

// Malformed: an unknown source or destination, an id that is none, no Consent; check_words(). Takes
// the transfer's id from `random`.
Result<PlacedOrder> place_order(const Order& order, const Actor& asked_by,
                                const config::Config& config, const crypto::Sealer& sealer,
                                Clock& clock, Random& random);
// Corrupt: it is not kept any more, or does not open.
Result<Order> load_order(const PartReader& parts, const Transfer& transfer);
// The order without its Consent, as it is kept in Part::Request; again when the patient's id was
// found.
std::string request_text(const Order& order);

// One for each patient of a source; `patient` is the id there, or "system|value" until it is known.
std::string patient_pseudonym(const crypto::Sealer& sealer, const std::string& source,
                              const std::string& patient);

}  // namespace consultd
