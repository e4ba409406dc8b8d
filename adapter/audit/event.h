// AuditEvent: what is written into the audit log, as BALP shapes it
// (https://profiles.ihe.net/ITI/BALP/, http://hl7.org/fhir/R4/auditevent.html). References, counts
// and hashes; no clinical content, no names, no tokens.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fhir/base/clock.h"
#include "fhir/json.h"

namespace consultd::audit {

// One disclosure, before and after. Intent and outcome carry the same fields; the outcome adds its
// own.
struct Disclosure {
    std::string id;  // the event's own UUID
    std::string transfer_id;
    std::string patient_pseudonym;  // keyed hash: the log is no side door to the patient
    std::string source_name, source_base_url;
    std::string destination_name, destination_base_url;
    // The organization's identifier; may be empty.
    std::string destination_system, destination_value;
    std::string consent_hash;    // SHA-256 hex of the Consent as given
    std::string knowledge_hash;  // and of what the document was made by; an intent alone says it
    // What tells that another order is for the same, as keyed hashes: the Consent's content, and
    // what the order was called by whoever gave it. An intent alone says them.
    std::string consent_mark;
    std::vector<std::string> order_keys;
    // Where the first team's conclusions follow once the opinion is filed: the SHA-256 hex of the
    // document that has them, in the first one's intent; whose opinion it was, in the second's.
    std::string held_back_hash, releases;
    std::string purpose = "TREAT";
    std::string bundle_identifier;                         // urn:uuid:… of the document
    std::string bundle_hash;                               // SHA-256 hex of the document's bytes
    std::map<std::string, std::uint64_t> resource_counts;  // by type
    // The notice that the document carries for what of it is under 42 CFR Part 2, and of how many
    // of its entries; empty: none is. https://www.ecfr.gov/current/title-42/section-2.32
    std::string part2_notice;
    std::uint64_t under_part2 = 0;
    std::uint64_t withheld = 0, rejected = 0;
    Instant recorded{};
};
// NothingThere: bytes may have left, and the destination, asked, has nothing of it. InPart: a part
// is there, and no more, or not for all that is known. InAnotherChart: it is there, in a chart that
// is not the patient's.
enum class DisclosureOutcome { Sent, NotSent, Refused, NothingThere, InPart, InAnotherChart };
// What becomes of it has another outcome after it.
constexpr bool is_open(DisclosureOutcome outcome) {
    return outcome == DisclosureOutcome::InPart || outcome == DisclosureOutcome::InAnotherChart;
}
using Details = std::vector<std::pair<std::string, std::string>>;

fhir::Json disclosure_intent(const Disclosure& disclosure);
fhir::Json disclosure_outcome(const Disclosure& disclosure, const std::string& intent_id,
                              std::uint64_t intent_index, DisclosureOutcome outcome,
                              const std::string& destination_task, const Details& evidence = {});
// DCM 110100 with 110120 start / 110121 stop.
enum class Activity { Start, Stop };
fhir::Json application_activity(const std::string& id, Activity activity, Instant recorded);
// A resource of another patient came from a source (promise 6): DCM 110113 Security Alert, counts
// alone.
fhir::Json foreign_patient_alert(const std::string& id, const std::string& transfer_id,
                                 const std::string& source_base_url, std::uint64_t count,
                                 Instant recorded);

// What was sent lies in a chart at the destination that is not the patient's (promise 6): the same
// alert, with the charts and the places.
fhir::Json another_chart_alert(const std::string& id, const std::string& transfer_id,
                               const std::string& destination_base_url, const Details& places,
                               Instant recorded);

}  // namespace consultd::audit
