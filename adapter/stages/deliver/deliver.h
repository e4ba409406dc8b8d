// deliver: puts the packet into the destination as one atomic transaction, once. The bytes are
// fixed before; an unknown outcome is answered by a read-back of the Task, never by sending again
// blindly.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapter/stages/packet.h"
#include "config/config.h"
#include "fhir/client/capability.h"

namespace consultd {

// What the destination declares in /metadata, as far as it changes what we send.
struct DestinationCapability {
    bool update_create = false;        // PUT with our ids is allowed for every type we send
    bool has_match_operation = false;  // Patient/$match
    // Types that are found by `_tag`: what has no identifier is created once by that.
    std::set<std::string, std::less<>> found_by_tag = {};
};
DestinationCapability destination_capability(const fhir::Capability& capability);

struct DeliveryInput {
    // Two transfers of one patient of a source, at once, make one chart of them; where a person
    // said "new", or the configuration does, each makes its own.
    enum class NewChart { OneAPatient, OneATransfer };
    const Packet& packet;
    const PacketInput& input;
    fhir::Json consent;
    DestinationCapability capability;
    std::optional<std::string> patient_there;  // "Patient/77" at the destination
    config::Deliver settings;
    NewChart new_chart = NewChart::OneATransfer;
};
// Pure: the transaction's bytes. Unsupported: larger than bundle_bytes_max.
Result<std::string> make_transaction(const DeliveryInput& input);

// Where it stands at the destination, by the Task's identifier (the transfer's id).
struct ReadBack {
    bool found = false;
    std::string task;        // "Task/123"
    std::string status;      // Task.status
    std::size_t copies = 0;  // more than one is an alarm, not ours to delete
};
Result<ReadBack> read_back(fhir::FhirClient& client, const std::string& transfer_id,
                           const fhir::Call& call);

// An entry that the destination answered with another status than 2xx. Servers that take a
// transaction entry by entry answer 200 with some of these: what is there then is not all of it,
// whatever a read-back finds. https://hl7.org/fhir/R4/http.html#transaction-response
struct RefusedEntry {
    std::size_t entry = 0;  // its place in the transaction
    std::string type;
    int status = 0;
    std::string issue;  // of R4's issue-type; empty where it says none
};

// Sends the bytes once. Ok: 200 with an entry for each of ours; those that are not 2xx. Uncertain:
// read back before anything else. Forbidden, Malformed, Unsupported …: the destination refused, all
// of it; nothing is there.
Result<std::vector<RefusedEntry>> send_transaction(fhir::FhirClient& client,
                                                   const std::string& transaction,
                                                   const fhir::Call& call);

}  // namespace consultd
