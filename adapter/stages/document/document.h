// Document: the packet as a FHIR document Bundle: Composition, Patient, then everything else, so
// that every resource of the packet is in it and can be reached from the Composition.
// https://hl7.org/fhir/R4/documents.html ·
// http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips Knows nothing of the HTML page.
#pragma once

#include "adapter/knowledge/knowledge.h"
#include "adapter/stages/budget.h"
#include "adapter/stages/packet.h"

namespace consultd {

struct Document {
    fhir::Json bundle;
    std::vector<PacketResource> resources;  // as they stand in the Bundle, without what we added
    std::vector<Change> changes;
};

// Malformed: the patient is not among the resources. Cancelled: as the budget says.
Result<Document> make_document(const PacketInput& input, const Knowledge& knowledge,
                               const Budget& budget = {});

// "urn:uuid:…" of the Bundle's identifier, fixed by the transfer.
std::string document_identifier(const Request& request);

}  // namespace consultd
