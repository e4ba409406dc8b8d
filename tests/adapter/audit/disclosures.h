// A disclosure as large as they come: every field filled, many resource types.
#pragma once

#include "adapter/audit/event.h"

namespace consultd::audit {

inline Disclosure a_disclosure() {
    Disclosure disclosure;
    disclosure.id = "0b8f1c1e-5a50-4c0e-9e7e-2f6f1f0d9a01";
    disclosure.transfer_id = "7d0c2c52-8f0e-4f5c-8d0e-1c6f6f6c2a11";
    disclosure.patient_pseudonym = "5e884898da28";
    disclosure.source_name = "General Hospital";
    disclosure.source_base_url = "https://ehr.general.example/fhir/r4";
    disclosure.destination_name = "Cancer Center";
    disclosure.destination_base_url = "https://fhir.cancer-center.example/r4";
    disclosure.destination_system = "http://hl7.org/fhir/sid/us-npi";
    disclosure.destination_value = "1234567893";
    disclosure.consent_hash = std::string(64, 'c');
    disclosure.knowledge_hash = std::string(64, 'd');
    disclosure.bundle_identifier = "urn:uuid:3f1c1a0e-9d4e-5b52-8a57-0e7a6f0d1b22";
    disclosure.bundle_hash = std::string(64, 'b');
    disclosure.resource_counts = {{"Condition", 12}, {"Observation", 96}};
    disclosure.withheld = 3;
    disclosure.rejected = 1;
    disclosure.recorded = Instant(std::chrono::seconds(1'795'004'800));
    return disclosure;
}

}  // namespace consultd::audit
