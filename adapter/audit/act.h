// Act: what is done about a transfer beside its disclosure, as an AuditEvent: a person ordered it,
// withdrew it, let it go on; the destination asked
// for the patient, a person's decision on who the patient is there, a look at what is sealed, an
// opinion taken, a withdrawal at the other side. References, counts and words of our own lists; no
// clinical content, no names of patients. http://hl7.org/fhir/R4/auditevent.html,
// https://profiles.ihe.net/ITI/BALP/
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fhir/base/clock.h"
#include "fhir/json.h"

namespace consultd::audit {

struct Act {
    enum class What {
        Query,       // the destination is asked for the patient: before the first request
        Decision,    // a person says who the patient is there: before anything is done by it
        ReadPacket,  // the record was taken out of the sealed state: before it is given
        ReadOpinion,
        Opinion,     // what came back was taken
        Withdrawal,  // what became of a wish to withdraw at the destination
        Order,       // a person asked for the transfer
        Cancel,      // and wished that it be withdrawn
        Retry,       // and let it go on
        Choice,      // the patient said what may be shared
        Approval,    // and let go the packet that they saw: before it goes
        Deletion,    // and had deleted what was still held of it: before it is
    };
    What what{};
    std::string who = {};         // the person who asked for it; empty: nobody, it is our own
    std::string who_system = {};  // in which the name is one: of operators, of shell users
    std::string transfer_id = {}, patient_pseudonym = {};
    std::string destination_name = {}, destination_base_url = {};
    std::string outcome = {};                                       // a word; empty: it says itself
    std::vector<std::pair<std::string, std::string>> details = {};  // of the transfer's entity
    Instant recorded{};
};

std::string_view name_of(Act::What what);  // "patient-query": its subtype in "urn:consultd:audit"
// `id`: the event's own UUID.
fhir::Json act_event(const Act& act, const std::string& id);

}  // namespace consultd::audit
