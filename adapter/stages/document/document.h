// Document: the packet as a FHIR document Bundle: Composition, Patient, then everything else, so
// that every resource of the packet is in it and can be reached from the Composition.
// https://hl7.org/fhir/R4/documents.html ·
// http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips Knows nothing of the HTML page.
#pragma once

#include "adapter/knowledge/knowledge.h"
#include "adapter/stages/budget.h"
#include "adapter/stages/packet.h"
#include "adapter/stages/reading/statement.h"

namespace consultd {

struct Document {
    PacketInput input;  // what it was made of, but for the resources
    fhir::Json bundle;
    // Those that stand in the Bundle, without what we added; what R4 has no form for still as the
    // source said it.
    std::vector<PacketResource> resources;
    std::optional<Reading> reading;  // of these resources
    ChangeList changes;
};

// Malformed: the patient is not among the resources. Cancelled: as the budget says.
Result<Document> make_document(PacketInput input, const Knowledge& knowledge,
                               const Budget& budget = {});

// "urn:uuid:…" of the Bundle's identifier, fixed by the transfer.
std::string document_identifier(const Request& request);

// Whether an entry stands in the document only because IPS demands one (`no-problem-info`): it says
// that the record says nothing, and is no part of the record.
bool is_only_of_document(const Request& request, std::string_view full_url);

// The notice that a document of ours carries for what is under 42 CFR Part 2, and of how many of
// its entries; empty where nothing is. Corrupt: one of its entries is under it, and not covered.
struct CarriedNotice {
    std::string notice;
    std::uint64_t covers = 0;
};
Result<CarriedNotice> carried_notice(const fhir::Json& bundle);

}  // namespace consultd
