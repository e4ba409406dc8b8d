// deliver: puts the packet into the destination, once. What is sent is fixed before, as one
// transaction; ways.h says how it goes, evidence.h what of it is there. An unknown outcome is
// answered by asking, never by sending again blindly.
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
    bool refuses_conditions = false;   // conditionalCreate is false for a type
    bool has_no_transactions = false;  // it says what it can do, and a transaction is not in it
    bool takes_only_own_ids = false;   // PUT with our ids, and no type by POST
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
    SecondPacket release = {};
};
// Pure: the transaction's bytes. Its entries are in the order in which they depend on each other,
// as far as they do not in a circle; the Task is the last.
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

}  // namespace consultd
