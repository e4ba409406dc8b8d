// What the packet is accompanied by: the second-opinion order (ServiceRequest), its Task, the
// documents that hold the packet's exact bytes, the Consent as far as it may be shown, and the
// Provenance. Pure. https://hl7.org/fhir/R4/workflow.html, http://hl7.org/fhir/us/bser/ (roles of
// Task and ServiceRequest)
#pragma once

#include <string>
#include <vector>

#include "adapter/stages/record.h"
#include "fhir/json.h"

namespace consultd {

fhir::Json make_binary(std::string_view content_type, std::string_view bytes);

struct DocumentFacts {
    std::string_view content_type;
    std::string_view title;
    std::string_view bytes;
    std::string binary;   // the Binary's reference
    std::string patient;  // the Patient's reference
    fhir::Json labels;    // meta.security of what it holds: its high-water mark; null: none
};
fhir::Json make_document_reference(const DocumentFacts& facts, const Request& request);
fhir::Json make_service_request(const Request& request, const std::string& patient,
                                const std::vector<std::string>& documents,
                                const std::string& consent);
fhir::Json make_task(const Request& request, const std::string& patient,
                     const std::string& service_request, const std::vector<std::string>& documents);
// Of a second packet: it says what it is and which order it belongs to, and asks for nothing.
fhir::Json make_release_task(const Request& request, const std::string& patient,
                             const SecondPacket& release,
                             const std::vector<std::string>& documents);
// `consent`: its copy; who agreed is an agent beside us, and on whose behalf. Null: there is none.
fhir::Json make_provenance(const Request& request, const std::vector<std::string>& targets,
                           const fhir::Json& consent);

// The Consent's permission for this recipient without what it excepts: the exceptions would name
// what is withheld. It says of itself that it is a part (SUBSETTED), and who agreed: the patient,
// or, named within it, somebody for them. Null when it cannot be carried.
fhir::Json make_consent_copy(const fhir::Json& consent, const Request& request,
                             const std::string& patient);

}  // namespace consultd
