// prepare: the pure half of a transfer: normalize → consent → assemble, with the ledger that
// balances. Used by the pipeline, by `consultd prepare` and by a dry run: the same record, consent,
// question, time and knowledge give the same bytes (promise 7).
#pragma once

#include "adapter/assemble.h"
#include "adapter/stages/consent/consent.h"
#include "adapter/stages/normalize/normalize.h"

namespace consultd {

struct Prepared {
    Packet packet;
    PacketInput input;  // but for the resources: they are in the packet
    Ledger ledger;
    LedgerCounts counts;
    std::string manifest;  // manifest.json: what was pulled, from where, when; by which knowledge
};

// Denied: the consent allows nothing of this. Corrupt: the ledger does not balance; nothing may
// leave. Cancelled, TooLarge: as the budget says. What is used up is given back on the way: move
// the record in.
Result<Prepared> prepare(Record record, const fhir::Json& consent, const Request& request,
                         const Knowledge& knowledge, const Budget& budget = {});

// The consent with its patient named as the record names it: a Consent may name the Patient at the
// source by its absolute URL, or in a file by its fullUrl. Another patient's stays as it is, and
// denies.
fhir::Json consent_at_home(const fhir::Json& consent, const std::string& patient,
                           const std::string& also_known_as);

// The packet and what it was made from, as the document's own bytes have it, without what stands in
// it only for the document's sake: all that a delivery after a restart needs. Corrupt: the bytes
// are not a document of ours.
Result<Packet> restore_packet(std::string bundle_text, std::string html);
Result<PacketInput> restore_input(const Packet& packet, const Request& request);
// Our own documents may be as large as the records that fit into memory.
fhir::JsonLimits packet_limits();

// {"what":…,"reason":…} for each gap.
fhir::Json gaps_json(const std::vector<Gap>& gaps);
fhir::Json counts_json(const LedgerCounts& counts);

// Denied: the Consent would decide otherwise now of what is stored than it did when that was made.
// Nothing is read where no rule of it depends on the time. `ledger` is that of the packet.
Status check_stored(const fhir::Json& consent, const Request& request, const std::string& patient,
                    std::string bundle_text, std::string_view ledger, Instant now,
                    const Sensitivity& sensitivity, const Budget& budget = {});

}  // namespace consultd
